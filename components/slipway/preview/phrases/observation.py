"""Observation: whose metrics are read and how often, and what is alerted on.

https://prometheus-operator.dev/docs/api-reference/api/
"""

from __future__ import annotations

from typing import Any

from slipway.preview.model import Placeholder
from slipway.preview.phrases.values import at, count, each, first, items, joined, selected


def _service_monitor(inputs: dict[str, Any]) -> str:
    return _monitor(inputs, "endpoints", "all Services")


def _pod_monitor(inputs: dict[str, Any]) -> str:
    return _monitor(inputs, "podMetricsEndpoints", "all pods")


def _monitor(inputs: dict[str, Any], field: str, everything: str) -> str:
    whose = selected(at(inputs, "spec", "selector")) or everything
    return joined(whose, first(each(_endpoint, inputs, "spec", field)))


def _endpoint(one: Any) -> str:
    port = at(one, "port") or at(one, "targetPort") or at(one, "portNumber")
    every = at(one, "interval")
    return f"{port or ''}{at(one, 'path') or '/metrics'}{f' every {every}' if every else ''}"


def _rules(inputs: dict[str, Any]) -> str:
    groups = items(inputs, "spec", "groups")
    rules = [rule for group in groups for rule in items(group, "rules")]
    if unknown := next((one for one in (*groups, *rules) if isinstance(one, Placeholder)), None):
        return str(unknown)
    alerts = [str(at(rule, "alert")) for rule in rules if at(rule, "alert")]
    recorded = len(rules) - len(alerts)
    return joined(
        f"{count(len(alerts), 'alert')} ({first(alerts)})" if alerts else "",
        count(recorded, "recording") if recorded else "",
    )


PHRASES = {
    "kubernetes:monitoring.coreos.com:PodMonitor": _pod_monitor,
    "kubernetes:monitoring.coreos.com:PrometheusRule": _rules,
    "kubernetes:monitoring.coreos.com:ServiceMonitor": _service_monitor,
}
