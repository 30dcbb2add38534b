"""What a program needs under `pulumi up`, and what the command needs beside it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.library.built import Installed
from tests.preview.running import write_project
from tests.test_layers import TOOLS, modules

BLOCK = """
import sys


class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, Block())
"""
ONE_LINE = r"slipway: the command needs {package}, which is not here: pip install 'slipway\[cli\]'\n"
PROGRAM = "from slipway import Namespace\nNamespace('shop')"
COMMAND = {"slipway.__main__", "slipway.cli", *(f"slipway.{tool}" for tool in TOOLS)}


def needed(extra: str = "") -> set[str]:
    """The packages that pip installs with `slipway[extra]`."""
    waiting, found = [("slipway", extra)], set[tuple[str, str]]()
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += wanted_by(*one)
    return {name for name, _ in found}


def wanted_by(name: str, extra: str) -> Iterator[tuple[str, str]]:
    try:
        requirements = [Requirement(text) for text in distribution(name).requires or []]
    except PackageNotFoundError:
        return  # For another platform or version of Python.
    for one in requirements:
        if one.marker is None or one.marker.evaluate({"extra": extra}):
            yield from ((canonicalize_name(one.name), its) for its in ("", *one.extras))


def without(extra: str) -> str:
    """Takes all modules away whose packages come neither with Slipway nor with this extra of it."""
    there = needed(extra)
    others = {
        module
        for module, owners in packages_distributions().items()
        if not any(canonicalize_name(owner) in there for owner in owners)
    }
    assert {"pytest", "pydantic", "hypothesis"} & others, "nothing is taken away"
    return BLOCK.format(blocked=sorted(others))


def of_a_program() -> list[str]:
    return [name for name in modules() if not any(f"{name}.".startswith(f"{one}.") for one in COMMAND)]


def test_a_program_imports_nothing_of_an_extra(installed: Installed, tmp_path: Path) -> None:
    names = [name.removesuffix(".__init__") for name in of_a_program()]
    assert {"slipway", "slipway.apps.web_service"} <= set(names)
    blocked = without("")
    assert "'rich'" in blocked
    assert "'typer'" in blocked
    code = f"{blocked}\nimport importlib\nfrom slipway import *\nlist(map(importlib.import_module, {names}))\n"
    ended = installed.run("-c", code, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["preview"], ["apply", "dev"]], ids=str)
def test_the_command_says_in_one_line_what_to_install(
    arguments: list[str], installed: Installed, tmp_path: Path
) -> None:
    ended = command(installed, without(""), arguments, tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(ONE_LINE.format(package=r"\w+"), ended.stderr)


def test_it_says_so_when_it_is_at_work_too(installed: Installed, tmp_path: Path) -> None:
    # Some of an extra's packages may be there, as others want them too.
    blocked = BLOCK.format(blocked=["kubernetes_validate"])
    ended = command(installed, blocked, ["preview", "dev"], write_project(tmp_path, PROGRAM))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(ONE_LINE.format(package="kubernetes_validate"), ended.stderr)


def test_the_command_needs_no_more_than_its_extra(installed: Installed, tmp_path: Path) -> None:
    project = write_project(tmp_path, PROGRAM)
    ended = command(installed, without("cli"), ["preview", "dev"], project)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert "Namespace shop" in ended.stdout
    assert command(installed, without("cli"), ["apply", "--help"], project).returncode == 0


def command(installed: Installed, blocked: str, arguments: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    code = f"{blocked}\nsys.argv = ['slipway', *{arguments}]\nfrom slipway.__main__ import main\nmain()\n"
    return installed.run("-c", code, cwd=cwd)
