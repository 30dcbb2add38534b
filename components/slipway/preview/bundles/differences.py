"""Finds values that depend on chance or on a secret: they differ between two renders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from slipway.preview.bundles.children import Child
from slipway.preview.model import COMPUTED, Placeholder, Secret

Mark = Callable[[Any], Any]


def marked_children(first: list[Child], other: list[Child], mark: Mark) -> list[Child]:
    """The first children, with `mark` applied to each value that differs in the other render."""
    in_step = [one.type for one in first] == [one.type for one in other]
    by_name = {(one.type, one.name): one for one in other}
    found: list[Child] = []
    for place, one in enumerate(first):
        twin = other[place] if in_step else by_name.get((one.type, one.name))
        body = marked(one.body, twin.body if twin else {}, mark)
        own = {field: one.body[field] for field in ("apiVersion", "kind")}
        name = one.name if not twin or twin.name == one.name else f"{one.name.partition(':')[0]}:{COMPUTED}"
        found.append(replace(one, name=name, body={**body, **own}))
    return found


def marked(first: Any, other: Any, mark: Mark) -> Any:
    """The first value, with `mark` applied to each part that differs in the other one."""
    match first:
        case Placeholder():
            return first
        case Secret():
            return Secret(marked(first.value, other.value if isinstance(other, Secret) else other, mark))
        case dict():
            theirs = cast("dict[Any, Any]", other) if isinstance(other, dict) else {}
            return {key: marked(item, theirs.get(key), mark) for key, item in cast("dict[Any, Any]", first).items()}
        case list() if isinstance(other, list) and len(cast("list[Any]", other)) == len(cast("list[Any]", first)):
            pairs = zip(cast("list[Any]", first), cast("list[Any]", other), strict=True)
            return [marked(mine, theirs, mark) for mine, theirs in pairs]
        case _:
            return first if first == other else mark(first)


def disguised(value: Any) -> Any:
    """Another value of the same shape. Everything that depends on a secret changes with it."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            changed = "".join(map(_next, value))
            return changed if changed != value else f"{value}x"
        case dict():
            return {key: disguised(item) for key, item in cast("dict[Any, Any]", value).items()}
        case list():
            return [disguised(item) for item in cast("list[Any]", value)]
        case _:
            return value


def _next(letter: str) -> str:
    for row in ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if letter in row:
            return row[(row.index(letter) + 1) % len(row)]
    return letter
