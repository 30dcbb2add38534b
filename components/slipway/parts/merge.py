"""How a raw provider fragment is laid over what a component made: RFC 7386 (JSON merge patch)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge(base: Mapping[str, Any], patch: Mapping[str, Any] | None) -> dict[str, Any]:
    """`base` with `patch` over it: mappings merge at any depth, None removes, the rest replaces.

    A list replaces the list it meets; nothing is appended, so what is written is what is sent.
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
