"""What each example renders, how long its program is, and that its README shows and explains what there is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from slipway.preview.diagram import diagram
from slipway.preview.project import find_project
from slipway.testing import Golden, Render
from tests.repository import ROOT

EXAMPLES = ROOT / "examples"
GOLDEN = Path(__file__).parent / "golden"
LONGEST = 120
STACKS = {
    file.parent.name: sorted(find_project(file.parent).stacks()) for file in sorted(EXAMPLES.glob("*/Pulumi.yaml"))
}
DOCUMENTED = [example for example in STACKS if (EXAMPLES / example / "README.md").exists()]


def test_there_are_readmes() -> None:
    assert DOCUMENTED, "else the tests of diagrams and findings test nothing"


@pytest.mark.parametrize(("example", "stack"), [(example, one) for example, all_ in STACKS.items() for one in all_])
def test_each_stack_renders_what_is_kept(example: str, stack: str, render: Render, golden: Golden) -> None:
    golden(render(stack, project=EXAMPLES / example), GOLDEN / example / stack)


def test_each_stack_of_each_example_is_kept_and_no_other() -> None:
    kept = {example.name: sorted(stack.name for stack in example.iterdir()) for example in GOLDEN.iterdir()}
    assert kept == STACKS


@pytest.mark.parametrize("example", STACKS)
def test_a_program_is_read_in_two_minutes(example: str) -> None:
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in _program(EXAMPLES / example))
    assert 0 < lines <= LONGEST, "a component should do more of it"


@pytest.mark.parametrize("example", DOCUMENTED)
def test_a_readme_shows_the_diagrams_that_the_preview_draws(example: str, render: Render) -> None:
    drawn = {stack: diagram(render(stack, project=EXAMPLES / example).result.manifests) for stack in STACKS[example]}
    shown = re.findall(r"^```mermaid\n(.*?)^```$", _readme(example), re.DOTALL | re.MULTILINE)
    way = f"paste what this draws: slipway preview -C examples/{example} {' '.join(drawn)} --format mermaid"
    assert shown, f"examples/{example}/README.md has no diagram: {way}"
    assert set(shown) <= set(drawn.values()), f"examples/{example}/README.md has another diagram: {way}"


@pytest.mark.parametrize("example", DOCUMENTED)
def test_a_readme_explains_each_finding(example: str, render: Render) -> None:
    rules = {found.rule for stack in STACKS[example] for found in render(stack, project=EXAMPLES / example).findings}
    unexplained = sorted(rule for rule in rules if f"`{rule}`" not in _readme(example))
    assert not unexplained, f"name each rule in examples/{example}/README.md, and say why its finding is accepted"


def _readme(example: str) -> str:
    return (EXAMPLES / example / "README.md").read_text(encoding="utf-8")


def _program(example: Path) -> Iterable[Path]:
    """The Python files of an example, without those of an application that an image is built from."""
    built = [dockerfile.parent for dockerfile in example.rglob("Dockerfile") if dockerfile.parent != example]
    return [file for file in example.rglob("*.py") if not any(file.is_relative_to(one) for one in built)]
