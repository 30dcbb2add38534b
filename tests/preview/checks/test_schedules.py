"""A CronJob's schedule is read as Kubernetes reads it."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.parts import schedules
from slipway.preview.checks import check
from slipway.preview.model import COMPUTED, Finding
from tests.preview.checks.good import manifest


def found(**spec: Any) -> list[Finding]:
    body = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "a", "namespace": "b"}, "spec": spec}
    return [one for one in check([manifest(body)]) if one.rule.startswith("schedule/")]


GOOD = [
    "* * * * *", "0 3 * * *", "*/15 0-6,22 1,15 jan-MAR Mon-fri", "? ? ? ? ?", "5/10 * * * *", "0  3 *\t* 0", "@daily",
    "@midnight", "@every 1h30m", "0 0 29 2 6", "10-20/5 * * * *", "0 3 * * 1,", COMPUTED,
]  # fmt: skip
BAD = [
    ("* * * *", "4 fields"), ("0 0 3 * * *", "6 fields"), ("60 * * * *", "`60` is no minute"),
    ("* 24 * * *", "`24` is no hour"), ("* * 0 * *", "no day of the month"), ("* * 32 * *", "no day of the month"),
    ("* * * 13 *", "no month"), ("* * * foo *", "or jan, feb"), ("* * * * 7", "`7` is no day of the week"),
    ("* * * * 5L", "no day of the week"), ("20-10 * * * *", "no minute"), ("*/0 * * * *", "no minute"),
    ("1-2-3 * * * *", "no minute"), ("*/ * * * *", "no minute"),
    ("-1 * * * *", "no minute"), (", * * * *", "no minute"),
    ("@dayly", "did you mean `@daily`?"), ("@every day", "write @annually"),
    ("TZ=Etc/UTC 0 3 * * *", "`spec.timeZone`"),
    ("CRON_TZ=Etc/UTC 0 3 * * *", "`spec.timeZone`"), ("a", "1 fields"),
]  # fmt: skip


@pytest.mark.parametrize("schedule", GOOD)
def test_what_kubernetes_reads_is_no_finding(schedule: str) -> None:
    assert found(schedule=schedule) == []


@pytest.mark.parametrize(("schedule", "said"), BAD)
def test_what_kubernetes_cannot_read_is_an_error(schedule: str, said: str) -> None:
    [about] = found(schedule=schedule)
    assert (about.rule, str(about.severity), about.path) == ("schedule/syntax", "error", "spec.schedule")
    assert said in about.message


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Etc/UTC", COMPUTED, None])
def test_a_time_zone_that_there_is_is_no_finding(zone: Any) -> None:
    assert found(schedule="@daily", timeZone=zone) == []


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Berlim", "did you mean `Europe/Berlin`?"),
        ("Local", "is no time zone"),
        ("../etc", "Etc/UTC"),
        ("+02", "write"),
    ],
)
def test_a_time_zone_that_there_is_not_is_an_error(zone: str, said: str) -> None:
    [about] = found(schedule="@daily", timeZone=zone)
    assert (about.rule, str(about.severity), about.path) == ("schedule/time-zone", "error", "spec.timeZone")
    assert said in about.message


def test_a_machine_without_time_zones_judges_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "available_timezones", set[str])
    assert found(schedule="@daily", timeZone="Europe/Berlim") == []
