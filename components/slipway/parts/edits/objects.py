"""Reads and compares objects in the form of the Kubernetes API."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

Body = Mapping[str, Any]
"""An object in the form of the Kubernetes API. The declared one may have only some fields."""

Rule = Callable[[Body, Body, Sequence[Body]], str | None]
"""Takes an object as it is, as it is declared, and the other existing objects. Returns why the edit is refused."""

_NOTHING: Mapping[str, Any] = {}
_NAMED_BY_USERS = frozenset({"annotations", "labels", "match_labels", "volume_attributes"})
"""Maps whose keys are not fields of the API."""


def part(body: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at `path` in an object; empty if there is none."""
    for key in path:
        body = cast("Body", body).get(key) if isinstance(body, Mapping) else None
    return cast("Body", body) if isinstance(body, Mapping) else _NOTHING


def namespace_of(body: Body) -> str | None:
    return part(body, "metadata").get("namespace")


def api_form(value: Any) -> Any:
    """Fields of the provider, such as `match_labels`, under their names in the API."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        return {_camel(key): one if key in _NAMED_BY_USERS else api_form(one) for key, one in fields.items()}
    if isinstance(value, list):
        return [api_form(one) for one in cast("list[Any]", value)]
    return value


def differs(was: Any, declared: Any) -> bool:
    """Whether a declared value is another one.

    What is not declared, or not known before a deployment, counts as unchanged.
    """
    if isinstance(declared, Mapping):
        fields = cast("Body", declared)
        return any(differs(part({"it": was}, "it").get(key), one) for key, one in fields.items())
    if isinstance(declared, list):
        listed, before = cast("list[Any]", declared), cast("list[Any]", was if isinstance(was, list) else [])
        return len(listed) != len(before) or any(map(differs, before, listed))
    return isinstance(declared, (str, int, float)) and was != declared


def _camel(name: str) -> str:
    return re.sub("_(.)", lambda letter: letter[1].upper(), name)
