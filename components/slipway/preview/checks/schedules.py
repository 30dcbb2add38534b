"""Rules `schedule/…`: when a CronJob runs."""

from __future__ import annotations

from collections.abc import Iterator

from slipway.parts.schedules import wrong_schedule, wrong_time_zone
from slipway.preview.checks.fields import finding, text
from slipway.preview.checks.objects import Objects
from slipway.preview.model import Finding, Manifest, Severity


def check(objects: Objects) -> Iterator[Finding]:
    """Schedules and time zones that Kubernetes refuses."""
    for job in objects.of_kind("batch", "CronJob"):
        schedule, zone = text(job.body, "spec", "schedule"), text(job.body, "spec", "timeZone")
        if schedule and (wrong := wrong_schedule(schedule, time_zone="spec.timeZone")):
            yield _refused(job, "schedule/syntax", "spec.schedule", f"`{schedule}` is no schedule: {wrong}")
        if zone and (wrong := wrong_time_zone(zone)):
            yield _refused(job, "schedule/time-zone", "spec.timeZone", f"`{zone}` is no time zone: {wrong}")


def _refused(job: Manifest, rule: str, path: str, message: str) -> Finding:
    return finding(job, Severity.ERROR, rule, path, message)
