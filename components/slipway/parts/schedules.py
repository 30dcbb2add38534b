"""Reads the schedules and time zones of CronJobs as Kubernetes reads them.

Kubernetes accepts less than most libraries: no `7` for Sunday, no `L`, no seconds.
https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

MACROS = ("@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly")
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


def wrong_schedule(schedule: str, *, time_zone: str) -> str | None:
    """What is wrong with a schedule, and the way out; None if nothing is. `time_zone` is the field for the zone."""
    if "TZ=" in schedule:
        return f"the time zone goes into `{time_zone}`"
    if schedule.startswith("@"):
        known = schedule in MACROS or _EVERY.fullmatch(schedule)
        return None if known else _meant(schedule, MACROS) or f"write {', '.join(MACROS)}"
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields, and Kubernetes takes five (minute hour day month weekday)"
    for part, (name, low, high, names) in zip(parts, _FIELDS, strict=True):
        if not all(_is_term(term, low, high, names) for term in part.split(",") if term) or not part.strip(","):
            words = f" or {', '.join(names)}" if names else ""
            return f"`{part}` is no {name}: write `*`, {low} to {high}{words}, a range `a-b`, a step `*/n` or a list"
    return None


def wrong_time_zone(zone: str) -> str | None:
    """The way out of a time zone that does not exist; None if it exists, or if this machine knows no time zones."""
    try:
        if zone != "Local" and not zone.startswith(("/", ".")):
            ZoneInfo(zone)
            return None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    known = available_timezones()
    return (_meant(zone, known) or "write one as in `Europe/Berlin` or `Etc/UTC`") if known else None


def _is_term(term: str, low: int, high: int, names: dict[str, int]) -> bool:
    """Whether it is one of `*`, `n`, `a-b`, each with `/step` or without."""
    span, slash, step = term.partition("/")
    if slash and not (step.isascii() and step.isdigit() and int(step) > 0):
        return False
    if span in ("*", "?"):
        return True
    ends = [names.get(end.lower(), int(end) if end.isascii() and end.isdigit() else -1) for end in span.split("-")]
    return len(ends) <= 2 and low <= ends[0] <= ends[-1] <= high


def _meant(written: str, known: Collection[str]) -> str | None:
    close = get_close_matches(written, sorted(known), n=1, cutoff=0.7)
    return f"did you mean `{close[0]}`?" if close else None
