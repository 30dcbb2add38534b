"""Rules `schedule/…`: when a CronJob runs.

Kubernetes reads schedules in a narrower way than most libraries (no `7` for Sunday, no `L`), so that what they take
would be refused.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from slipway.preview.checks.fields import finding, hint, text
from slipway.preview.checks.objects import Objects
from slipway.preview.model import Finding, Manifest, Severity

_MACROS = {"@annually", "@yearly", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_EVERY = re.compile(r"@every ([+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
_FIELDS: list[tuple[str, int, int, dict[str, int]]] = [
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
]


def check(objects: Objects) -> Iterator[Finding]:
    """Schedules and time zones that Kubernetes refuses."""
    for job in objects.of_kind("batch", "CronJob"):
        schedule, zone = text(job.body, "spec", "schedule"), text(job.body, "spec", "timeZone")
        if schedule and (wrong := _wrong_schedule(schedule)):
            yield _refused(job, "schedule/syntax", "spec.schedule", f"`{schedule}` is no schedule: {wrong}")
        if zone and (way_out := _wrong_zone(zone)):
            yield _refused(job, "schedule/time-zone", "spec.timeZone", f"`{zone}` is no time zone{way_out}")


def _refused(job: Manifest, rule: str, path: str, message: str) -> Finding:
    return finding(job, Severity.ERROR, rule, path, message)


def _wrong_schedule(schedule: str) -> str | None:
    """What is wrong with it, and the way out; None where nothing is."""
    if "TZ=" in schedule:
        return "the time zone goes into `spec.timeZone`"
    if schedule.startswith("@"):
        known = schedule in _MACROS or _EVERY.fullmatch(schedule)
        return None if known else hint(schedule, _MACROS).lstrip(": ") or f"write {', '.join(sorted(_MACROS))}"
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields, and Kubernetes takes five (minute hour day month weekday)"
    for part, (name, low, high, names) in zip(parts, _FIELDS, strict=True):
        if not all(_is_term(term, low, high, names) for term in part.split(",") if term) or not part.strip(","):
            words = f" or {', '.join(names)}" if names else ""
            return f"`{part}` is no {name}: write `*`, {low} to {high}{words}, a range `a-b`, a step `*/n` or a list"
    return None


def _is_term(term: str, low: int, high: int, names: dict[str, int]) -> bool:
    """Whether it is one of `*`, `n`, `a-b`, each with `/step` or without."""
    span, slash, step = term.partition("/")
    if slash and not (step.isascii() and step.isdigit() and int(step) > 0):
        return False
    if span in ("*", "?"):
        return True
    ends = [names.get(end.lower(), int(end) if end.isascii() and end.isdigit() else -1) for end in span.split("-")]
    return len(ends) <= 2 and low <= ends[0] <= ends[-1] <= high


def _wrong_zone(zone: str) -> str | None:
    """The way out of a time zone that there is not; None where there is, or where this machine knows of none."""
    try:
        if zone != "Local" and not zone.startswith(("/", ".")):
            ZoneInfo(zone)
            return None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    known = available_timezones()
    return (hint(zone, known) or ": write one as in `Europe/Berlin` or `Etc/UTC`") if known else None
