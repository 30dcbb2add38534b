"""Refuses a change of the immutable fields of a StatefulSet, before anything is written.

Otherwise the provider would replace the StatefulSet: it deletes the old one first, and also its claims if they are not
kept. The previous values come from the state of the stack.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from slipway.parts.arguments.refusal import Refusal, caller
from slipway.parts.state import State, last_state
from slipway.parts.workload import Workload

_NOTHING: Mapping[str, Any] = {}

Fixed = Mapping[str, str]
"""The values of the immutable fields, by their name in an error message."""


def _fixed(spec: Mapping[str, Any]) -> Fixed:
    """The immutable fields of a StatefulSet's spec, in the form of the Kubernetes API."""
    fixed: dict[str, str] = {"order": "parallel" if spec.get("podManagementPolicy") == "Parallel" else "ordered"}
    templates: Sequence[Mapping[str, Any]] = spec.get("volumeClaimTemplates") or ()
    for template in templates:
        asked: Mapping[str, Any] = template["spec"]
        size = asked["resources"]["requests"]["storage"]
        fixed |= claimed(template["metadata"]["name"], size, asked.get("storageClassName"), asked["accessModes"][0])
    return fixed


def claimed(name: str, size: str, storage_class: str | None, access_mode: str) -> Fixed:
    """A claim template as an immutable field."""
    return {f"claim template {name!r}": f"{size} of {storage_class or 'the default class'}, {access_mode}"}


def unchanged(workload: Workload, wanted: Fixed, value: str) -> Awaitable[str]:
    """Return `value` if no immutable field has changed. Raises Refusal if one has.

    A field of the StatefulSet takes the result. So a refusal stops the deployment before the StatefulSet is written.
    """
    return _unchanged(workload, wanted, value, caller())


async def _unchanged(workload: Workload, wanted: Fixed, value: str, place: str | None) -> str:
    before = _made(await last_state(), workload)
    for field in sorted({*(before or wanted), *wanted}):
        was, to_be = (before or wanted).get(field, "not there"), wanted.get(field, "not there")
        if was != to_be:
            raise Refusal(
                f"{field} of {workload} is {to_be} and was {was} when it was made, which Kubernetes never changes: "
                f"leave it as it was, or run `kubectl delete statefulset {workload.name} --cascade=orphan`, `pulumi "
                f"refresh` and `pulumi up`: its pods and claims stay meanwhile, and a claim keeps its size",
                place,
            )
    return value


def _made(state: State, workload: Workload) -> Fixed | None:
    """The immutable fields of the StatefulSet of the last deployment; None if there is none."""
    for one in state.values():
        metadata: Mapping[str, Any] = one["outputs"].get("metadata") or _NOTHING
        if one["type"] != "kubernetes:apps/v1:StatefulSet" or metadata.get("name") != workload.name:
            continue
        if workload.place.known in (None, metadata.get("namespace")):
            return _fixed(one["outputs"].get("spec") or _NOTHING)
    return None
