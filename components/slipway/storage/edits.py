"""Refuses changes of a claim that Kubernetes does not accept: replacing the claim would lose its data."""

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
"""The fields of a claim that cannot change after it is made."""


def left_alone(fields: Sequence[str]) -> list[str]:
    """The value for `ignore_changes`: a change of these fields then never replaces a claim."""
    return [f"spec.{field}" for field in fields]


def edit_refused(name: str, was: Mapping[str, Any], spec: Mapping[str, Any]) -> str | None:
    """Why the claim `name` cannot change from spec `was` to `spec`, both in the API's form; None if it can.

    A field that is not set or not known yet counts as unchanged.
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
    """Return `size` if the stack's claim `name` can change to `spec` (with the provider's field names).

    Otherwise it raises RunError, already in the preview, before anything is written.
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
    """The specs of the stack's claim after the last deployment; empty if there was no claim."""
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
