"""Which part may know of which: `__main__` → stacks → components, and preview of neither."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorder import ROOT

OURS = {"components", "stacks", "preview", "tests", "bench"}
MAY_IMPORT = {"components": {"components"}, "stacks": {"stacks", "components"}, "preview": {"preview"}}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file} imports relatively, which hides from where"
            yield node.module or ""


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_point_one_way(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files, f"{package} has files"
    wrong = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imports(file)
        if name.partition(".")[0] in OURS - MAY_IMPORT[package]
    }
    assert not wrong


def test_only_the_settings_read_the_configuration() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for folder in ("components", "stacks")
        for file in (ROOT / folder).glob("*.py")
        if "pulumi.Config" in file.read_text() or "pulumi.runtime.config" in set(imports(file))
    }
    assert readers == {"stacks/settings.py"}


@pytest.mark.parametrize("package", ["components", "preview"])
def test_importing_loads_only_the_parts_of_the_sdk_that_are_used(package: str) -> None:
    whole = [
        f"{file.relative_to(ROOT)}"
        for file in (ROOT / package).rglob("*.py")
        if "pulumi_kubernetes" in set(imports(file))
    ]
    assert not whole, "`import pulumi_kubernetes` makes every submodule an attribute to load: name the one you use"


def test_the_entry_point_is_short() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) < 10
