"""Packages of ours in the place of some that a program's dependencies have."""

import json
import re
import shutil
from pathlib import Path

from cluster.shell import run

INSTEAD = "_instead"
"""The folder with our packages, by import path. Go itself passes over a folder whose name begins with `_`."""


def modfile(module: Path, into: Path) -> list[str]:
    """The argument for `go build` in the folder `module`; none if that has no packages of ours.

    The changed dependencies are copied to the folder `into`, because Go refuses an overlay over its module cache. A
    package of ours takes the place of all files of the package with its import path.
    """
    packages = sorted({file.parent for file in (module / INSTEAD).rglob("*.go")})
    if not packages:
        return []
    text = (module / "go.mod").read_text()
    copies: dict[str, Path] = {}
    for package in packages:
        path = package.relative_to(module / INSTEAD).as_posix()
        dependency = _holder(path, text)
        if dependency not in copies:
            copies[dependency] = into / f"{len(copies)}"
            source = json.loads(run(["go", "mod", "download", "-json", dependency], timeout=600, cwd=module))["Dir"]
            # Without the modes: Go's module cache is read-only.
            run(["cp", "-r", "--no-preserve=mode", source, copies[dependency]], timeout=60)
        place = copies[dependency] / path.removeprefix(dependency).lstrip("/")
        for file in place.glob("*.go"):
            file.unlink()
        shutil.copytree(package, place, dirs_exist_ok=True)
    changed = "".join(f"replace {name} => {copy}\n" for name, copy in copies.items())
    (into / "go.mod").write_text(f"{text}\n{changed}")
    shutil.copy(module / "go.sum", into)
    return [f"-modfile={into / 'go.mod'}"]


def _holder(package: str, gomod: str) -> str:
    """The required module that has the package."""
    required = re.findall(r"^(?:require )?\s*(\S+) v\S+", gomod, re.MULTILINE)
    return max((one for one in required if f"{package}/".startswith(f"{one}/")), key=len)
