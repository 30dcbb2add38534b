"""Alerts and recorded series become rules of the Prometheus operator."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import Alert, Alerts, AlertsArgs, Recorded
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE

DOWN = Alert(name="Down", when="up == 0")


def alerts(name: str = "web", **own: Any) -> Alerts:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "groups": {"web": [DOWN]}, **own}
    return Alerts(name, AlertsArgs(**fields))


def test_rules_are_sent_in_their_groups_and_order() -> None:
    ratio = Recorded(name="job:errors:ratio", expression="sum(errors)", labels={"team": "shop"})
    loud = Alert(
        name="Fails",
        when="job:errors:ratio > 0.05",
        severity="critical",
        for_=300,
        keep=60,
        summary="{{ $labels.pod }} fails",
        description="Look.",
        labels={"team": "shop"},
        annotations={"runbook_url": "https://example.com"},
    )
    recording = deploy(lambda: alerts(groups={"web": [ratio, loud], "up": [DOWN]}, every=60, labels={"release": "p"}))
    assert recording.object("PrometheusRule") == {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "web", "namespace": NAMESPACE, "labels": {"release": "p"}},
        "spec": {
            "groups": [
                {
                    "name": "web",
                    "interval": "60s",
                    "rules": [
                        {"record": "job:errors:ratio", "expr": "sum(errors)", "labels": {"team": "shop"}},
                        {
                            "alert": "Fails",
                            "expr": "job:errors:ratio > 0.05",
                            "for": "300s",
                            "keep_firing_for": "60s",
                            "labels": {"team": "shop", "severity": "critical"},
                            "annotations": {
                                "summary": "{{ $labels.pod }} fails",
                                "description": "Look.",
                                "runbook_url": "https://example.com",
                            },
                        },
                    ],
                },
                {
                    "name": "up",
                    "interval": "60s",
                    "rules": [{"alert": "Down", "expr": "up == 0", "labels": {"severity": "warning"}}],
                },
            ]
        },
    }


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: alerts(groups={}), "groups is empty"),
        (lambda: alerts(groups={"web": []}), "group 'web' has no rules"),
        (lambda: alerts(groups={" ": [DOWN]}), "group ' ' has no name"),
        (lambda: alerts(every=0), "every 0 is below 1"),
        (lambda: alerts("Web"), "alerts 'Web' is not a valid name"),
        (lambda: Alert(name="Down", when=""), "Alert: when is empty"),
        (lambda: Alert(name="Down", when="x", for_=-1), "for_ -1 of alert 'Down' is negative"),
        (lambda: Alert(name="Down", when="x", for_="5m"), "Alert: for_ is '5m'"),  # pyright: ignore[reportArgumentType]
        (lambda: Alert(name="Down", when="x", labels={"a-b": "c"}), "label 'a-b' is none of Prometheus'"),
        (lambda: Alert(name="Down", when="x", labels={"__name__": "c"}), "label '__name__' is none of Prometheus'"),
        (lambda: Alert(name="Down", when="x", labels={"severity": "c"}), "label 'severity' of alert 'Down' is said as"),
        (lambda: Recorded(name="a-b", expression="x"), "recorded series 'a-b' is not called like a metric"),
    ],
)
def test_what_prometheus_would_not_take_is_refused(make: Any, told: str) -> None:
    assert refusal(make).startswith(told)
