"""Whether a selector selects a pod.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from typing import Any

from slipway.preview.checks.fields import get, items, mapping
from slipway.preview.model import Placeholder


def matches(selector: Any, labels: dict[str, Any] | None) -> bool:
    """Whether a `LabelSelector` selects what has `labels` (None: they are not known).

    What is not known is taken to fit: a false alarm is worse than a mistake that the cluster
    reports.
    """
    if labels is None:
        return True
    expressions = all(_expression_holds(e, labels) for _, e in items(selector, "matchExpressions"))
    return expressions and labels_match(mapping(selector, "matchLabels"), labels)


def labels_match(wanted: dict[str, Any], labels: dict[str, Any] | None) -> bool:
    """Whether `labels` has every pair of `wanted`, as a Service selects."""
    return labels is None or all(
        _is_unknown(value) or _is_unknown(labels.get(key)) or labels.get(key) == value for key, value in wanted.items()
    )


def _is_unknown(value: Any) -> bool:
    return isinstance(value, Placeholder) or not (value is None or isinstance(value, str))


def _expression_holds(expression: dict[str, Any], labels: dict[str, Any]) -> bool:
    key = get(expression, "key", kind=str)
    values = get(expression, "values", kind=list)
    if key is None or isinstance(key, Placeholder) or isinstance(values, Placeholder):
        return True
    label = labels.get(key)
    if _is_unknown(label) or any(_is_unknown(value) for value in values or []):
        return True
    chosen = values or []
    holds = {
        "In": label in chosen,
        "NotIn": label not in chosen,
        "Exists": label is not None,
        "DoesNotExist": label is None,
    }
    return holds.get(get(expression, "operator", kind=str) or "", True)
