"""The library as it is published: built, unpacked, and run with nothing of this repository on the path."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.repository import ROOT


@dataclass(frozen=True, kw_only=True)
class Built:
    wheel: Path
    sdist: Path


def build(project: Path, folder: Path) -> Built:
    """What a release publishes of the sources in `project`; needs no network."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=60)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel=wheel, sdist=sdist)


@dataclass(frozen=True, kw_only=True)
class Installed:
    """The wheel in a folder, and the packages that it needs from this repository's virtual environment."""

    folder: Path

    def run(self, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """`python …` as a user of the wheel has it."""
        # Python reads no .pth file when it is told -S, so that this repository's editable install is not there.
        command = [sys.executable, "-S", *map(str, arguments)]
        path = os.pathsep.join([str(self.folder), sysconfig.get_path("purelib")])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
        )


def install(wheel: Path, folder: Path) -> Installed:
    """Unpacks a wheel, which is all that pip does with one whose scripts nobody needs."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return Installed(folder=folder)


def copy_of_sources(folder: Path) -> Path:
    """What a build reads, elsewhere, later, and under other permissions."""
    listed = ["pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", ".gitignore", "components"]
    for name in listed:
        source = ROOT / name
        for file in [source] if source.is_file() else source.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                copy = folder / file.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
                copy.chmod(0o600)
    return folder
