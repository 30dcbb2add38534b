"""Merges raw provider fields over the fields of a component: RFC 7386 (JSON merge patch)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are not None."""
    return {key: value for key, value in fields.items() if value is not None}


def merge(base: Mapping[str, Any], patch: Mapping[str, Any] | None) -> dict[str, Any]:
    """`base` with `patch` merged over it.

    Mappings merge at any depth. None removes a field. Any other value replaces the field; a list too replaces the
    whole list.
    """
    merged = dict(base)
    for key, value in (patch or {}).items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = merge(below if isinstance(below, Mapping) else {}, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            merged[key] = value
    return merged
