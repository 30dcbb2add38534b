"""Which part may know of which: `__main__` → stacks → slipway; and inside of that, room by room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.repository import ROOT

PACKAGE = ROOT / "components" / "slipway"
# A room may import those on the lines before its own, and itself: parts ← families ← apps.
ROOMS = [
    {"parts"},
    {"access"},
    {"configuration", "images", "storage"},
    {"workloads"},
    {"traffic", "scaling"},
    {"observation"},
    {"apps"},
]
# The tools read what a program registered, and take of the components only these.
TOOLS = {
    "preview": {"parts.kept", "parts.schedules"},
    "deploy": {"preview", "images", "parts.edits", "workloads.rollout"},
    "capacity": {"preview", "deploy"},
    "testing": {"preview", "parts.arguments.refusal"},
    "new": {"parts.names", "images.build_context", "preview.checks.image_names"},
}
# What `slipway new` writes is a user's program, not the package's.
WRITTEN = ("new/template", "new/variants")
OF_THE_REPOSITORY = {"stacks", "tests", "bench", "cluster", "components"}
LONGEST = 300


def imports(file: Path) -> Iterator[str]:
    """The modules that a file imports, by their full names, for the type checker too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file} imports relatively, which hides from where"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if is_module(name) else node.module or "" for name in whole)


def is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return name.startswith("slipway.") and (path.with_suffix(".py").exists() or (path / "__init__.py").exists())


def own_files() -> Iterator[Path]:
    written = [PACKAGE / folder for folder in WRITTEN]
    return (file for file in PACKAGE.rglob("*.py") if not any(map(file.is_relative_to, written)))


def modules() -> dict[str, Path]:
    """Every module of the package by its full name."""
    files = sorted(own_files())
    return {".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts): file for file in files}


def within(name: str, room: str) -> bool:
    return f"{name}.".startswith(f"slipway.{room}.")


def test_every_room_has_its_place():
    rooms = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    assert rooms == set[str]().union(*ROOMS) | set(TOOLS)


def test_the_rooms_know_of_each_other_one_way():
    allowed = {room: set[str]().union(*ROOMS[:place], {room}) for place, line in enumerate(ROOMS) for room in line}
    allowed |= {tool: rooms | {tool} for tool, rooms in TOOLS.items()}
    wrong = {
        f"{module} imports {name}"
        for module, file in modules().items()
        for room in allowed
        if within(module, room)
        for name in imports(file)
        if name.partition(".")[0] == "slipway" and not any(within(name, one) for one in allowed[room])
    }
    assert not wrong


def test_no_module_imports_itself_by_way_of_others():
    known = modules()
    graph = {name: {one for one in imports(file) if one in known} for name, file in known.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))


def test_the_package_knows_nothing_of_this_repository():
    wrong = {
        f"{module} imports {name}"
        for module, file in modules().items()
        for name in imports(file)
        if name.partition(".")[0] in OF_THE_REPOSITORY
    }
    assert not wrong
    stacks = [name for file in (ROOT / "stacks").glob("*.py") for name in imports(file)]
    assert not {name for name in stacks if name.partition(".")[0] in OF_THE_REPOSITORY - {"stacks"}}


def test_only_the_settings_read_the_configuration():
    readers = {
        str(file.relative_to(ROOT))
        for file in (*own_files(), *(ROOT / "stacks").glob("*.py"))
        # What the Kubernetes provider is told is no setting of the stacks.
        if "pulumi.Config(" in file.read_text().replace('pulumi.Config("kubernetes")', "")
    }
    assert readers == {"stacks/settings.py"}


def test_importing_loads_only_the_parts_of_the_sdk_that_are_used():
    whole = [module for module, file in modules().items() if "pulumi_kubernetes" in set(imports(file))]
    assert not whole, "`import pulumi_kubernetes` makes every submodule an attribute to load: name the one you use"


def test_no_file_is_too_long_to_be_read_at_once():
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "stacks").glob("*.py"), *(ROOT / "cluster").glob("*.py")]
    long = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in files}
    assert not {file: lines for file, lines in long.items() if lines > LONGEST}


def test_the_entry_point_is_short():
    assert len((ROOT / "__main__.py").read_text().splitlines()) < 10
