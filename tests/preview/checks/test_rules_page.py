"""docs/rules.md and the rules agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.preview.checks.test_faults import ALL
from tests.preview.checks.test_pod_security import FORBIDDEN

PAGE = Path(__file__, "../../../../docs/rules.md").resolve()
ROW = re.compile(r"\| ((?:`[a-z-]+/[a-z0-9-]+`(?:, )?)+) \| ([^|]+) \|")

OUTSIDE_THE_TABLES = {
    # Each has a test of its own, because it takes more than one change to one object.
    "autoscaling/same-target",
    "autoscaling/vertical",
    "disruption/never",
    "disruption/two-budgets",
    "duplicate/urn",
    "reference/missing-role",
    "reference/not-listening",
    "schedule/syntax",
    "schedule/time-zone",
    "workload/overlapping-selector",
    "workload/restart-policy",
}


def documented() -> dict[str, str]:
    """Each rule on the page, with the text of its second column."""
    rules: dict[str, str] = {}
    for ids, second in ROW.findall(PAGE.read_text()):
        rules |= dict.fromkeys(re.findall(r"`([^`]+)`", ids), second)
    return rules


def test_the_page_has_every_rule_and_no_other() -> None:
    planted: list[Any] = [case.values[3] for case in ALL]
    exist = {rule for _, rule, _ in planted} | {f"pod-security/{each[1]}" for each in FORBIDDEN}
    assert set(documented()) == exist | OUTSIDE_THE_TABLES


def test_the_page_gives_each_rules_severity() -> None:
    page = documented()
    planted: list[Any] = [case.values[3] for case in ALL]
    assert [f"{rule}: {severity}" for severity, rule, _ in planted if severity not in page[rule]] == []


def test_the_page_gives_each_controls_standard() -> None:
    page = documented()
    standards = [(level, f"pod-security/{rule}") for level, rule, *_ in FORBIDDEN]
    assert [rule for level, rule in standards if level not in page[rule]] == []
