"""A CronJob runs at the times that are asked for, and what are no times is refused."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import CronJob, CronJobArgs
from slipway.testing import deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE


def cron_job(**own: Any) -> CronJob:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, "schedule": "0 3 * * *", **own}
    return CronJob("night", CronJobArgs(**fields))


def spec(**own: Any) -> dict[str, Any]:
    return deploy(lambda: cron_job(**own)).object("CronJob")["spec"]


def test_it_runs_as_it_is_told():
    found = spec(time_zone="Europe/Berlin", concurrency="Replace", suspended=True, keep_failed=1)
    job = found.pop("jobTemplate")["spec"]
    assert found == {
        "schedule": "0 3 * * *",
        "timeZone": "Europe/Berlin",
        "concurrencyPolicy": "Replace",
        "startingDeadlineSeconds": 300,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
        "suspend": True,
    }
    assert job["template"]["spec"]["restartPolicy"] == "Never", "else its log goes with it"
    assert job["template"]["metadata"]["labels"]["slipway/kind"] == "CronJob"


@pytest.mark.parametrize("schedule", ["*/5 * * * *", "0 0 1,15 * 1-5", "@hourly", "0 3 * JAN MON", "@every 90m"])
def test_a_schedule_is_taken(schedule: str):
    assert spec(schedule=schedule)["schedule"] == schedule


@pytest.mark.parametrize(
    "schedule", ["61 * * * *", "* * * *", "* * * * * *", "nightly", "@nightly", "0 3 * * MOO", "0 3 L * *", "0 3 * * 7"]
)
def test_what_is_no_schedule_is_refused(schedule: str):
    said = refusal(lambda: cron_job(schedule=schedule))
    assert said.startswith(f"schedule {schedule!r} is none (")
    assert "as in '0 3 * * *'" in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"time_zone": "Berlin"}, "time_zone 'Berlin' is not in the tz database: write one"),
        ({"time_zone": "../etc/passwd"}, "time_zone '../etc/passwd' is not in the tz database"),
        ({"start_within": 5}, "start_within 5 s is too short"),
        ({"keep_failed": -1}, "keep_failed -1 is negative"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], said: str):
    assert refusal(lambda: cron_job(**fields)).startswith(said)


def test_a_name_that_its_jobs_would_make_too_long_is_refused():
    with pytest.raises(ValueError, match="use at most 52 lower-case"):
        CronJobArgs(namespace=NAMESPACE, image=IMAGE, schedule="@daily").workload("x" * 53)
