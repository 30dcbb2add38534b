"""Which edits of claims and volumes are refused: a replaced claim would lose its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slipway.parts.edits.objects import Body, differs, namespace_of, part
from slipway.parts.quantities import parse_quantity

FIXED: Sequence[str] = ("accessModes", "selector", "storageClassName", "volumeName")
"""The fields of a claim that cannot change after it is made."""

_NO_SOURCE = frozenset(
    "accessModes capacity claimRef mountOptions nodeAffinity persistentVolumeReclaimPolicy storageClassName "
    "volumeAttributesClassName volumeMode".split()
)
"""The fields of a volume that do not say where its storage is."""


def claim_refused(was: Body, body: Body, there: Sequence[Body]) -> str | None:
    """The class, the access mode and the volume of a claim are fixed. It cannot shrink or move."""
    name, before, spec = body["metadata"]["name"], part(was, "spec"), part(body, "spec")
    if elsewhere := moved(was, body):
        return f"claim {name!r} {elsewhere}: make a Claim of another name there, copy the data, and then drop this one"
    for field in FIXED:
        old: Any = before.get(field)
        new: Any = spec.get(field)
        if old is not None and isinstance(new, (str, list)) and old != new:
            return (
                f"claim {name!r} has {field} {_told(old)} and cannot get {_told(new)}: it would have to be made anew, "
                f"without its data; make a Claim of another name, copy the data, and then drop this one"
            )
    old, new = _size(before), _size(spec)
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


def moved(was: Body, body: Body) -> str | None:
    """That the object is now declared in another namespace, and so would begin without its data; None if not."""
    before, now = namespace_of(was), namespace_of(body)
    if before and now and before != now:
        return f"is in namespace {before!r}, and its data cannot move to {now!r}"
    return None


def volume_refused(was: Body, body: Body, there: Sequence[Body]) -> str | None:
    """The storage of a volume and its nodes are fixed."""
    before, spec = part(was, "spec"), part(body, "spec")
    for field in spec:
        if (field not in _NO_SOURCE or (field == "nodeAffinity" and field in before)) and differs(
            before.get(field), spec[field]
        ):
            return (
                f"{field} of volume {body['metadata']['name']!r} is not as it was when the volume was made, which "
                f"Kubernetes never changes: make a PersistentVolume of another name, with a Claim of its own"
            )
    return None


def _size(spec: Mapping[str, Any]) -> Any:
    return part(spec, "resources", "requests").get("storage")


def _told(value: Any) -> str:
    return repr(value) if isinstance(value, str) else ", ".join(value)
