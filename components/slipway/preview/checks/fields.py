"""Reads rendered manifests, which are plain data of any shape.

A rule must not crash on a malformed manifest, because the schema's finding is enough. And it must not judge
a value that is not known yet. In both cases these functions return a `Placeholder`, and the rule stays silent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from slipway.preview.model import COMPUTED, Finding, Manifest, Placeholder, Severity

T = TypeVar("T", bool, int, str, list[Any], dict[str, Any])

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_SHOWN = 80


def get(node: Any, *steps: str, kind: type[T]) -> T | Placeholder | None:
    """The value at `steps` below `node` if it is of type `kind`; None if it is absent or null.

    A `Placeholder` means that a rule cannot judge the value: it is secret, unknown before a deployment, or
    not of the type that Kubernetes expects there.
    """
    for step in steps:
        if node is None or isinstance(node, Placeholder):
            break
        node = cast("dict[str, Any]", node).get(step) if isinstance(node, dict) else COMPUTED
    if node is None or isinstance(node, Placeholder):
        return node
    fits = isinstance(node, kind) and not (kind is int and isinstance(node, bool))
    return node if fits else COMPUTED


def text(node: Any, *steps: str) -> str | None:
    """The string at `steps`; None if it is absent, empty, unknown or not a string."""
    value = get(node, *steps, kind=str)
    return None if isinstance(value, Placeholder) else value or None


def mapping(node: Any, *steps: str) -> dict[str, Any]:
    """The mapping at `steps`; empty if it is absent or unknown."""
    value = get(node, *steps, kind=dict)
    return value if isinstance(value, dict) else {}


def items(node: Any, *steps: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The mappings in the list at `steps`, each with its index. Other items are left out."""
    value = get(node, *steps, kind=list)
    for index, item in enumerate(value if isinstance(value, list) else []):
        if isinstance(item, dict):
            yield index, cast("dict[str, Any]", item)


def all_items(node: Any, *steps: str) -> list[dict[str, Any]] | None:
    """The mappings in the list at `steps`; None unless all of them are known."""
    value = get(node, *steps, kind=list)
    if isinstance(value, Placeholder) or not all(isinstance(item, dict) for item in value or []):
        return None
    return value or []


def names(node: Any, *steps: str, key: str = "name") -> set[str] | None:
    """The names of the items in the list at `steps`; None unless all of them are known."""
    value = get(node, *steps, kind=list)
    if isinstance(value, Placeholder):
        return None
    found = [text(item, key) for item in value or []]
    return None if None in found else {name for name in found if name}


def known_keys(node: Any, *steps: str) -> set[str] | None:
    """The keys of the mapping at `steps`, empty if it is absent; None if they are unknown."""
    value = get(node, *steps, kind=dict)
    return None if isinstance(value, Placeholder) else set(value or {})


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar in `node`, with its path."""
    if isinstance(node, dict):
        for key, value in cast("dict[str, Any]", node).items():
            yield from leaves(value, at(path, key))
    elif isinstance(node, list):
        for index, value in enumerate(cast("list[Any]", node)):
            yield from leaves(value, at(path, index))
    else:
        yield path, node


def at(path: str, *steps: str | int) -> str:
    """`path` followed by `steps`, as a person writes it: `spec.ports[0].name`, `data["app.yaml"]`."""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(str(step)):
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(str(step))}]"
    return path


def shown(value: Any) -> str:
    """`value` as a message quotes it: a placeholder unchanged, a mapping or list by its kind, long text shortened."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    written = str(value) if isinstance(value, Placeholder) else json.dumps(value, default=str)
    return written if len(written) <= _LONGEST_SHOWN else written[:_LONGEST_SHOWN] + "…"


def hint(word: str, known: Iterable[str]) -> str:
    """`: did you mean ...?` if one of `known` is close to `word`; otherwise empty."""
    # Compare in lower case: difflib rates wrong case (`imagePullpolicy`, `HTTP`) far off, and it is common.
    by_lower = {name.lower(): name for name in sorted(known)}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.7)
    return f": did you mean `{by_lower[close[0]]}`?" if close else ""


def described(manifest: Manifest) -> str:
    """`str(manifest)`, or the URN if the manifest is too malformed to have a name."""
    try:
        return str(manifest)
    except (KeyError, AttributeError, TypeError):
        return manifest.urn


def finding(manifest: Manifest, severity: Severity, rule: str, path: str, message: str) -> Finding:
    """A finding about `manifest`, with its name and source filled in."""
    return Finding(
        severity=severity,
        rule=rule,
        where=described(manifest),
        path=path,
        message=message,
        source=manifest.source,
    )
