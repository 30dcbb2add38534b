"""What is published: the package `slipway`, all of it and nothing else, the same from every build."""

from __future__ import annotations

import re
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_string
from email.message import Message
from importlib import import_module
from pathlib import Path

import pytest

from tests.library.built import Built, build, copy_of_sources
from tests.repository import ROOT

SOURCES = ROOT / "components"
TEMPLATES = "slipway/new/"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def sources() -> set[str]:
    files = (file for file in (SOURCES / "slipway").rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(SOURCES).as_posix() for file in files}


def in_wheel(built: Built) -> set[str]:
    with zipfile.ZipFile(built.wheel) as archive:
        return set(archive.namelist())


def in_sdist(built: Built) -> set[str]:
    with tarfile.open(built.sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="session")
def metadata(built: Built) -> Message:
    with zipfile.ZipFile(built.wheel) as archive:
        return message_from_string(archive.read(f"slipway-{VERSION}.dist-info/METADATA").decode())


def test_the_wheel_has_no_top_level_name_but_ours(built: Built) -> None:
    assert {name.partition("/")[0] for name in in_wheel(built)} == {"slipway", f"slipway-{VERSION}.dist-info"}


def test_the_wheel_holds_the_whole_package(built: Built) -> None:
    package = {name for name in in_wheel(built) if name.startswith("slipway/")}
    assert package == sources()
    assert {"slipway/__init__.pyi", "slipway/py.typed"} <= package, "type checkers look for these"


def test_the_package_holds_code_and_types_and_what_a_new_project_starts_from(built: Built) -> None:
    others = {name for name in in_wheel(built) if name.startswith("slipway/") and not name.startswith(TEMPLATES)}
    assert {Path(name).suffix for name in others} == {".py", ".pyi", ".typed"}


def test_the_sdist_holds_what_a_build_reads(built: Built) -> None:
    read = {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "PKG-INFO", ".gitignore"}
    assert in_sdist(built) == read | {f"components/{name}" for name in sources()}


def test_a_build_elsewhere_is_the_same_to_the_byte(built: Built, tmp_path: Path) -> None:
    again = build(copy_of_sources(tmp_path / "copy"), tmp_path / "built")
    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()


def test_the_wheel_can_be_built_from_the_sdist(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        if sys.version_info >= (3, 11, 4):
            archive.extractall(tmp_path, filter="data")
        else:
            archive.extractall(tmp_path)
    [unpacked] = tmp_path.iterdir()
    assert build(unpacked, tmp_path / "built").wheel.read_bytes() == built.wheel.read_bytes()


def test_the_metadata_says_what_is_needed(metadata: Message) -> None:
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("Provides-Extra") == ["capacity", "cli", "docker-build", "password", "test"]


def test_every_requirement_is_bounded_on_both_sides(metadata: Message) -> None:
    wanted = metadata.get_all("Requires-Dist") or []
    loose = [one for one in wanted if "slipway[" not in one and not re.search(r"<\d.*>=\d", one.partition(";")[0])]
    assert wanted
    assert not loose


def test_the_command_is_there(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        declared = archive.read(f"slipway-{VERSION}.dist-info/entry_points.txt").decode()
    [(module, function)] = re.findall(r"^slipway = (\S+):(\S+)$", declared, re.MULTILINE)
    assert callable(getattr(import_module(module), function))


def test_the_changelog_ends_where_the_version_is() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased", "what is not released yet comes first"
    assert headings[1:2] in ([], [VERSION]), "the version is that of the last release, or the first"
