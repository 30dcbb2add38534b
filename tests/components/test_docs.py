"""docs/components/ has a section with a program for each component, and names all that its args take."""

from __future__ import annotations

import dataclasses
import inspect
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

import slipway
from slipway.preview.model import Severity
from slipway.testing import deploy
from tests.components.contracts import Component, components_in
from tests.components.examples import STATES
from tests.repository import ROOT

FOLDER = ROOT / "docs" / "components"
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in sorted(FOLDER.glob("*.md"))}
PROGRAM = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = [
    pytest.param(program, id=f"{name}-{number}")
    for name, page in PAGES.items()
    for number, program in enumerate(PROGRAM.findall(page))
]
COMPONENTS = sorted(components_in(slipway), key=lambda one: one.__name__)
PUBLIC = {name: getattr(slipway, name) for name in slipway.__all__}


def family(of: type) -> str:
    return of.__module__.split(".")[1]


def section(page: str, title: str) -> str:
    """What stands under a heading, down to the next one; empty where there is none."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def unnamed(public: type, pages: dict[str, str]) -> list[str]:
    """Its fields that the page of the family which declares them does not name."""
    declared = [
        (family(base), name)
        for base in public.__mro__
        if dataclasses.is_dataclass(base)
        for name in inspect.get_annotations(base)
        if any(one.name == name for one in dataclasses.fields(base))
    ]
    return [f"{room}.md: {name}" for room, name in declared if not re.search(rf"`{name}(?:`|=)", pages.get(room, ""))]


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda one: one.__name__)
def test_a_component_has_a_section_in_which_it_is_made(component: Component):
    name, room = component.__name__, family(component)
    programs = PROGRAM.findall(section(PAGES.get(room, ""), name))
    assert programs, f"write a section `## {name}` with a program in docs/components/{room}.md"
    assert any(re.search(rf"\b{name}[(.]", program) for program in programs), f"the program under {name} makes none"


@pytest.mark.parametrize("name", [name for name, one in PUBLIC.items() if dataclasses.is_dataclass(one)])
def test_every_field_is_named_on_the_page_of_its_family(name: str):
    assert unnamed(PUBLIC[name], PAGES) == []


def test_every_public_name_is_on_a_page():
    every = "\n".join(PAGES.values())
    assert [name for name in PUBLIC if not re.search(rf"\b{name}\b", every)] == []


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlantedArgs(slipway.DeploymentArgs):
    planted: str = "nobody wrote of it"


PlantedArgs.__module__ = "slipway.workloads.planted"


def test_a_field_that_nobody_wrote_of_is_found():
    assert unnamed(PlantedArgs, PAGES) == ["workloads.md: planted"]
    assert "parts.md: image" in unnamed(PlantedArgs, {**PAGES, "parts": "Nothing of `images` here."})


def found_in(program: str) -> list[str]:
    code = compile(program, "docs", "exec")
    findings = deploy(lambda: exec(code, {"__name__": "__main__"}), states=STATES).findings
    return [f"{one.where} {one.message}" for one in findings if one.severity > Severity.INFO]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_runs_and_nothing_is_found_in_it(program: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    if "transforms=" in program:
        # The SDK serves transforms from threads that stay. Other tests fork this process, and their copies would hang.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            assert apart.submit(found_in, program).result() == []
    else:
        assert found_in(program) == []


@pytest.mark.parametrize("page", ["../components.md", "../new.md", "../tutorial.md", *(f"{name}.md" for name in PAGES)])
def test_every_link_leads_to_a_heading(page: str):
    origin = FOLDER / page
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", origin.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        text = (origin.parent / file if file else origin).resolve().read_text(encoding="utf-8")
        anchors = {anchor_of(line) for line in text.splitlines() if line.startswith("#")}
        assert not anchor or anchor in anchors, f"{page}: {target}"


def anchor_of(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def test_the_index_leads_to_every_component():
    index = Path(FOLDER, "../components.md").resolve().read_text(encoding="utf-8")
    wanted = [f"[`{one.__name__}`](components/{family(one)}.md#{one.__name__.lower()})" for one in COMPONENTS]
    assert [link for link in wanted if link not in index] == []
