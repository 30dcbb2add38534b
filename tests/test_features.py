"""docs/features.md claims nothing that no file has and no test shows."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.repository import ROOT

PAGE = ROOT / "docs" / "features.md"
COMPLETE = {
    *("Workloads", "Networking", "Configuration and secrets", "Scaling"),
    *("Storage", "Access and security", "Image build"),
}
"""The sections in which no feature may be missing, but for those of `NOT_OURS`."""
NOT_OURS = {"Canary, blue-green, analysis"}
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


@dataclass(frozen=True)
class Feature:
    section: str
    name: str
    mark: str
    where: str
    shown: str

    def faults(self) -> list[str]:
        where, tests = _LINK.findall(self.where), _LINK.findall(self.shown)
        said = [f"{target} is not there" for _, target in where + tests if not (PAGE.parent / target).is_file()]
        if said:
            return said
        said += [f"{name} is not in {target}" for name, target in tests if name.strip("`") not in _tests_in(target)]
        if self.mark == "✓" and not (where and tests):
            said.append("it has no file or no test")
        if self.mark not in {"✓", "◐", "✗"}:
            said.append(f"{self.mark} is no mark")
        if self.mark != "✓" and "*" not in self.shown:
            said.append("it does not say what is missing")
        if self.mark != "✓" and self.section in COMPLETE and self.name not in NOT_OURS:
            said.append("it is missing")
        return said


@cache
def _tests_in(target: str) -> set[str]:
    tree = ast.parse((PAGE.parent / target).read_text(encoding="utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


def features(text: str) -> list[Feature]:
    found: list[Feature] = []
    section = ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| |"):
            found.append(Feature(section, *(cell.strip() for cell in line.strip("|").split("|"))))
    return found


FEATURES = features(PAGE.read_text(encoding="utf-8"))


def test_the_page_has_every_feature_once():
    assert len(FEATURES) == len({one.name for one in FEATURES}) == 63
    assert {one.section for one in FEATURES} > COMPLETE


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_feature_is_where_it_is_said_to_be(feature: Feature):
    assert feature.faults() == []


def test_the_totals_are_the_rows():
    counted = [sum(one.mark == mark for one in FEATURES) for mark in "✓◐✗"]
    assert "✓ {} · ◐ {} · ✗ {}".format(*counted) in PAGE.read_text(encoding="utf-8")


HERE = f"[`test_the_totals_are_the_rows`](../tests/{Path(__file__).name})"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (f"| A | ✓ | [x](nowhere.py) | {HERE} |", "nowhere.py is not there"),
        (f"| A | ✓ | | {HERE} |", "it has no file or no test"),
        (f"| A | ✓ | [x](rules.md) | {HERE.replace('totals', 'sums')} |", "is not in"),
        (f"| A | ◐ | [x](rules.md) | {HERE} |", "what is missing"),
        (f"| A | yes | [x](rules.md) | {HERE} *Half.* |", "yes is no mark"),
        ("| A | ✗ | | *Nothing.* |", "it is missing"),
    ],
)
def test_a_false_claim_is_found(row: str, fault: str):
    [feature] = features(f"## Storage\n{row}")
    assert any(fault in said for said in feature.faults()), feature.faults()
