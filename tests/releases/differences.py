"""What an engine would do to get from one plan to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

Plan = dict[str, Any]
"""By stack: `resources` by URN, each with its `inputs` and `aliases`, and the `outputs` of the program."""


def differences(before: Plan, now: Plan) -> list[str]:
    """What an engine would do to get from one plan to the other, a line each; none for a plan that is a no-op."""
    return [
        f"{stack}: {line}"
        for stack in sorted(before.keys() | now.keys())
        for line in _in_stack(before.get(stack, {}), now.get(stack, {}))
    ]


def _in_stack(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    left = dict(before.get("resources", {}))
    for urn, resource in now.get("resources", {}).items():
        known = next((one for one in (urn, *resource.get("aliases", ())) if one in left), None)
        if known is None:
            yield f"{_shown(urn)} is made anew: no alias names one that there was"
        else:
            yield from (f"{_shown(urn)}: {line}" for line in _in_value(left.pop(known)["inputs"], resource["inputs"]))
    yield from (f"{_shown(urn)} is deleted" for urn in left)
    yield from (f"output {line}" for line in _in_value(before.get("outputs"), now.get("outputs")))


def _in_value(before: Any, now: Any, path: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        was, is_ = cast("dict[str, Any]", before), cast("dict[str, Any]", now)
        for key in sorted(was.keys() | is_.keys()):
            yield from _in_value(was.get(key), is_.get(key), f"{path}.{key}" if path else key)
    elif (
        isinstance(before, list)
        and isinstance(now, list)
        and len(cast("list[Any]", before)) == len(cast("list[Any]", now))
    ):
        for number, (one, other) in enumerate(zip(cast("list[Any]", before), cast("list[Any]", now), strict=True)):
            yield from _in_value(one, other, f"{path}[{number}]")
    elif before != now:
        yield f"{path} was {before!r}, is {now!r}"


def _shown(urn: str) -> str:
    return urn.split("::", 2)[2]
