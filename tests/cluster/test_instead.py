"""Which files of a dependency a package of ours takes the place of."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cluster import instead
from cluster.binaries import CERT_MANAGER, METRICS_SERVER, TRAEFIK
from cluster.instead import modfile
from cluster.shell import run

GOMOD = """module ours

require (
	example.org/tool v1.2.3
	example.org/tool/sub v9.9.9 // indirect
)
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The folders of Go's module cache by module: read-only, as they are there."""
    folders = {
        "example.org/tool": write(
            tmp_path / "cache/tool",
            {"go.mod": "module example.org/tool\n", "cloud/big.go": "package cloud", "cloud/in/own.go": "package in"},
        ),
        "example.org/tool/sub": write(tmp_path / "cache/sub", {"sub.go": "package sub"}),
    }
    (tmp_path / "cache/tool/cloud").chmod(0o555)

    def without_a_proxy(argv: list[Any], **options: Any) -> str:
        return json.dumps({"Dir": str(folders[argv[-1]])}) if argv[0] == "go" else run(argv, **options)

    monkeypatch.setattr(instead, "run", without_a_proxy)
    return folders


def test_a_package_of_ours_takes_the_place_of_all_files_of_its_own(tmp_path: Path, downloaded: dict[str, Path]) -> None:
    ours = {"go.mod": GOMOD, "go.sum": "sums", "_instead/example.org/tool/cloud/none.go": "package cloud // ours"}
    module, into = write(tmp_path / "ours", ours), tmp_path / "into"
    into.mkdir()
    assert modfile(module, into) == [f"-modfile={into}/go.mod"]
    replaced = re.findall(r"^replace (\S+) => (\S+)$", (into / "go.mod").read_text(), re.MULTILINE)
    assert [name for name, _ in replaced] == ["example.org/tool"]
    copy = Path(replaced[0][1])
    assert {file.relative_to(copy).as_posix() for file in copy.rglob("*.*")} == {
        *("go.mod", "cloud/none.go", "cloud/in/own.go")
    }
    assert (into / "go.sum").read_text() == "sums"
    assert (downloaded["example.org/tool"] / "cloud/big.go").exists(), "Go's own cache is as it was"


def test_a_module_in_a_module_is_the_one_that_is_changed(tmp_path: Path, downloaded: dict[str, Path]) -> None:
    ours = {"go.mod": GOMOD, "go.sum": "", "_instead/example.org/tool/sub/none.go": "package sub"}
    module, into = write(tmp_path / "ours", ours), tmp_path / "into"
    into.mkdir()
    modfile(module, into)
    assert "replace example.org/tool/sub => " in (into / "go.mod").read_text()
    assert not list(into.rglob("sub.go"))


def test_without_packages_of_ours_the_module_is_built_as_it_is(tmp_path: Path) -> None:
    assert modfile(write(tmp_path, {"go.mod": GOMOD}), tmp_path) == []


def test_what_three_programs_are_built_from_is_compiled_once() -> None:
    """Go's build cache knows a package by its version and by those of all that it imports."""
    shared = re.compile(
        r"^\s*((?:k8s\.io|golang\.org/x|google\.golang\.org|github\.com/go-openapi)/\S+) (v\S+)", re.MULTILINE
    )
    versions: dict[str, set[str]] = {}
    for family in (TRAEFIK, CERT_MANAGER, METRICS_SERVER):
        for name, version in shared.findall((family.folder / "go.mod").read_text()):
            versions.setdefault(name, set()).add(version)
    assert versions["k8s.io/client-go"]
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
