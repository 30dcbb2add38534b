"""Sets of fields, as the `managedFields` of an object have them.

A key is `f:` with the name of a field, `k:` with the keys of an item in a list, `v:` with an item, or `.` for the thing
itself. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

Fields = Mapping[str, Any]

_ITSELF = "."


def united(first: Fields, second: Fields) -> Fields:
    both = {key: united(first[key], second[key]) for key in first.keys() & second.keys()}
    return {**first, **second, **both}


def only_in(first: Fields, second: Fields) -> Fields:
    """The fields of the first set that are not in the second one."""
    found = {key: only_in(below, second[key]) for key, below in first.items() if key in second}
    kept = {key: below for key, below in found.items() if below}
    return {**kept, **{key: below for key, below in first.items() if key not in second}}


def without(value: Any, fields: Fields) -> Any:
    """A copy of a value without these fields."""
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        left = ((key, _left(one, fields[f"f:{key}"]) if f"f:{key}" in fields else one) for key, one in pairs)
        return {key: one for key, one in left if one is not _GONE}
    if isinstance(value, list):
        items = [(one, _of_item(one, fields)) for one in cast("list[Any]", value)]
        kept = [one if below is None else _left(one, below) for one, below in items]
        return [one for one in kept if one is not _GONE]
    return value


_GONE = object()


def _left(value: Any, fields: Fields) -> Any:
    if not fields:
        return _GONE
    left = without(value, fields)
    return _GONE if _ITSELF in fields and left in ({}, []) else left


def _of_item(item: Any, fields: Fields) -> Fields | None:
    for key, below in fields.items():
        said: Any = json.loads(key[2:]) if key[:2] in ("k:", "v:") else None
        if said == item or (isinstance(said, dict) and isinstance(item, dict) and said.items() <= item.items()):  # pyright: ignore[reportUnknownMemberType]
            return below
    return None
