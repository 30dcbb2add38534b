"""Whether a selector selects a pod.

What is not known may fit or not. `if_unknown` says what the caller takes it for. A rule that complains of
a selector which selects nothing takes it to fit, one that complains of what is selected takes it not to:
a false alarm is worse than a mistake that the cluster reports.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from typing import Any

from slipway.preview.checks.fields import get, items, known_keys, mapping
from slipway.preview.model import Placeholder


def matches(selector: Any, labels: dict[str, Any] | None, *, if_unknown: bool = True) -> bool:
    """Whether a `LabelSelector` selects what has `labels` (None: they are not known)."""
    unknown_parts = known_keys(selector, "matchLabels") is None or _unknown_list(selector, "matchExpressions")
    if labels is None or (unknown_parts and not if_unknown):
        return if_unknown
    return labels_match(mapping(selector, "matchLabels"), labels, if_unknown=if_unknown) and all(
        _expression_holds(expression, labels, if_unknown=if_unknown)
        for _, expression in items(selector, "matchExpressions")
    )


def labels_match(wanted: dict[str, Any], labels: dict[str, Any] | None, *, if_unknown: bool = True) -> bool:
    """Whether `labels` has every pair of `wanted`, as a Service selects."""
    if labels is None:
        return if_unknown
    return all(
        if_unknown if _is_unknown(value) or _is_unknown(labels.get(key)) else labels.get(key) == value
        for key, value in wanted.items()
    )


def _is_unknown(value: Any) -> bool:
    return isinstance(value, Placeholder) or not (value is None or isinstance(value, str))


def _unknown_list(node: Any, *steps: str) -> bool:
    return isinstance(get(node, *steps, kind=list), Placeholder)


def _expression_holds(expression: dict[str, Any], labels: dict[str, Any], *, if_unknown: bool) -> bool:
    key = get(expression, "key", kind=str)
    values = get(expression, "values", kind=list)
    if key is None or isinstance(key, Placeholder) or isinstance(values, Placeholder):
        return if_unknown
    label = labels.get(key)
    if _is_unknown(label) or any(_is_unknown(value) for value in values or []):
        return if_unknown
    chosen = values or []
    holds = {
        "In": label in chosen,
        "NotIn": label not in chosen,
        "Exists": label is not None,
        "DoesNotExist": label is None,
    }
    return holds.get(get(expression, "operator", kind=str) or "", if_unknown)
