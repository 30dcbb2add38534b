"""Edits of storage that Kubernetes does not make: to make the object anew instead would lose what it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from slipway.parts.arguments.refusal import caller
from slipway.parts.place import Place
from slipway.parts.quantities import parse_quantity
from slipway.parts.state import last_state

FIXED: Sequence[str] = ("accessModes", "selector", "storageClassName", "volumeName")
"""The fields of a claim that stay as they were made."""


def left_alone(fields: Sequence[str]) -> list[str]:
    """For `ignore_changes`: a claim of which one of these changes is never deleted to be made anew."""
    return [f"spec.{field}" for field in fields]


def edit_refused(name: str, was: Mapping[str, Any], spec: Mapping[str, Any]) -> str | None:
    """Why the claim `name`, whose spec was `was`, cannot have `spec`; both as the API has them. None where it can.

    What is not stated, or is not known yet, stays as it is.
    """
    for field in FIXED:
        old: Any = was.get(field)
        new: Any = spec.get(field)
        if old is not None and isinstance(new, (str, list)) and old != new:
            return (
                f"claim {name!r} has {field} {_told(old)} and cannot get {_told(new)}: it would have to be made anew, "
                f"without its data; make a Claim of another name, copy the data, and then drop this one"
            )
    old, new = _size(was), _size(spec)
    if not isinstance(old, str) or not isinstance(new, str):
        return None
    if parse_quantity(new) < parse_quantity(old):
        return (
            f"claim {name!r} has {old} and cannot shrink to {new}: give {old} or more, or make a Claim of another name"
        )
    if parse_quantity(new) > parse_quantity(old) and spec.get("volumeName"):
        return (
            f"claim {name!r} has {old} of a PersistentVolume made by hand and cannot grow to {new}: only what a "
            f"StorageClass provisions grows"
        )
    return None


def checked_size(name: str, place: Place, spec: Mapping[str, Any], size: str) -> pulumi.Output[str]:
    """`size`, where the stack's claim `name` may become one of `spec` (the provider's names); else it fails (RunError).

    It fails in the preview of a deployment, before anything is written.
    """
    stated = {re.sub("_(.)", lambda letter: letter[1].upper(), key): value for key, value in spec.items()}
    stated["resources"] = {"requests": {"storage": size}}
    where = caller()

    async def checked() -> str:
        for was in await _claims(name, place):
            if refused := edit_refused(name, was, stated):
                raise pulumi.RunError(f"{where}: {refused}")
        return size

    return pulumi.Output.from_input(checked())


async def _claims(name: str, place: Place) -> list[Mapping[str, Any]]:
    """The spec of the stack's claim, as the last deployment left it; none where there was none."""
    left = [one["outputs"] for one in (await last_state()).values() if "core/v1:PersistentVolumeClaim" in one["type"]]
    return [
        one["spec"]
        for one in left
        if "spec" in one
        and one["metadata"].get("name") == name
        and place.known in (None, one["metadata"].get("namespace"))
    ]


def _size(spec: Mapping[str, Any]) -> Any:
    resources: dict[str, Any] = spec.get("resources") or {}
    requests: dict[str, Any] = resources.get("requests") or {}
    return requests.get("storage")


def _told(value: Any) -> str:
    return repr(value) if isinstance(value, str) else ", ".join(value)
