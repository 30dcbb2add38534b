"""Alerts and recorded series for Prometheus: a PrometheusRule for the Prometheus operator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from slipway.access.namespace import Namespace, place_of
from slipway.parts.arguments.checked import checked
from slipway.parts.custom_resource import custom_resource
from slipway.parts.merge import stated
from slipway.parts.names import check_name

_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@checked
@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert. Raises ValueError for invalid label names, and for seconds below 0.

    - `name`: the name of the alert, as people see it.
    - `when`: a PromQL expression. Each series that it finds raises an alert. Its syntax is not checked here: use the
      operator's webhook or `promtool check rules`.
    - `for_`: seconds that it has to hold before the alert fires. `keep`: seconds that the alert fires after it ends.
    - `severity`: its label `severity`, which routes it, such as `critical`, `warning` or `info`.
    - `summary`, `description`: annotations with these names. Prometheus fills in `{{ $labels.pod }}`, `{{ $value }}`.
    - `labels`, `annotations`: added to these.
    https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
    """

    name: str
    when: str
    severity: str = "warning"
    for_: int = 0
    keep: int = 0
    summary: str | None = None
    description: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        _check_labels(self.labels)
        if "severity" in self.labels:
            raise ValueError(f"label 'severity' of alert {self.name!r} is said as severity={self.labels['severity']!r}")
        for what, seconds in (("for_", self.for_), ("keep", self.keep)):
            if seconds < 0:
                raise ValueError(f"{what} {seconds} of alert {self.name!r} is negative: give seconds, 0 or more")

    def rendered(self) -> dict[str, Any]:
        told = stated({"summary": self.summary, "description": self.description})
        return stated(
            {
                "alert": self.name,
                "expr": self.when,
                "for": f"{self.for_}s" if self.for_ else None,
                "keep_firing_for": f"{self.keep}s" if self.keep else None,
                "labels": {**self.labels, "severity": self.severity},
                "annotations": {**told, **self.annotations} or None,
            }
        )


@checked
@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A series that Prometheus computes in advance: it stores the result of `expression` as `name`.

    `expression` is PromQL and is not checked here. Raises ValueError for invalid metric and label names.
    https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
    """

    name: str
    expression: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        _check_labels(self.labels)
        if not _METRIC.fullmatch(self.name):
            raise ValueError(
                f"recorded series {self.name!r} is not called like a metric: use letters, digits, '_' and ':', as in "
                f"'job:http_requests:rate5m'"
            )

    def rendered(self) -> dict[str, Any]:
        return stated({"record": self.name, "expr": self.expression, "labels": {**self.labels} or None})


def _check_labels(labels: Mapping[str, str]) -> None:
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise ValueError(
                f"label {label!r} is none of Prometheus': use letters, digits and '_', not starting with a digit or "
                f"'__'"
            )


@checked
@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    """The arguments of `Alerts`. Raises ValueError if there are none.

    - `groups`: alerts and recorded series by the name of their group. Prometheus evaluates a group together, in this
      order.
    - `namespace`: the namespace of the PrometheusRule.
    - `every`: seconds between two evaluations, at least 1; None for the default of the Prometheus.
    - `labels`: the labels by which the Prometheus selects its rules, such as `{"release": "kube-prometheus-stack"}`.
    - `annotations`: of the PrometheusRule.
    - `spec`: raw fields of the API, in its camelCase, merged last (RFC 7386).
    https://prometheus-operator.dev/docs/developer/alerting/
    """

    namespace: Namespace | pulumi.Input[str]
    groups: Mapping[str, Sequence[Alert | Recorded]]
    every: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        place_of(self.namespace)
        if not self.groups:
            raise ValueError("groups is empty: give alerts by the name of their group")
        for name, rules in self.groups.items():
            if not name.strip() or not rules:
                raise ValueError(
                    f"group {name!r} has no {'rules' if name.strip() else 'name'}: give it some, or leave it out"
                )
        if self.every is not None and self.every < 1:
            raise ValueError(f"every {self.every} is below 1: give seconds, or None for what the Prometheus is told")


@checked
class Alerts(pulumi.ComponentResource):
    """A PrometheusRule named exactly `name`. The cluster needs the Prometheus operator's CRDs."""

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "alerts")
        super().__init__("slipway:index:Alerts", name, None, opts)
        self.place = place_of(args.namespace)
        every = f"{args.every}s" if args.every else None
        groups = [
            stated({"name": group, "interval": every, "rules": [rule.rendered() for rule in rules]})
            for group, rules in args.groups.items()
        ]
        self.resource = custom_resource(
            self,
            "monitoring.coreos.com/v1",
            "PrometheusRule",
            place=self.place,
            labels=args.labels,
            annotations=args.annotations,
            spec={"groups": groups},
            raw=args.spec,
        )
        self.register_outputs({"name": name})
