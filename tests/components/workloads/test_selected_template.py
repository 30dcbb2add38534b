"""A workload that something else has made keeps its selector, and its pods as they run."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import (
    Autoscaler,
    AutoscalerArgs,
    DaemonSet,
    DaemonSetArgs,
    Deployment,
    DeploymentArgs,
    Port,
    Scaling,
    Service,
    ServiceArgs,
    StatefulSet,
    StatefulSetArgs,
)
from slipway.testing import deploy, refusal

LABELS = {"app": "guestbook", "tier": "frontend"}
HTTP = Port(name="http", number=80)
IN: dict[str, Any] = {"namespace": "shop", "image": "web:1", "selector": LABELS}
TEMPLATE: Any = {
    "metadata": {"labels": {**LABELS, "team": "shop"}, "creationTimestamp": None},
    "spec": {"containers": [{"name": "php", "image": "web:1", "ports": [{"containerPort": 80}]}], "hostNetwork": True},
}
MADE: dict[str, Any] = {
    "metadata": {"labels": {**LABELS, "team": "shop"}},
    "spec": {"containers": [{"name": "php", "image": "web:1", "ports": [{"containerPort": 80}]}], "hostNetwork": True},
}


@pytest.mark.parametrize(
    ("component", "args"),
    [(Deployment, DeploymentArgs), (StatefulSet, StatefulSetArgs), (DaemonSet, DaemonSetArgs)],
    ids=lambda one: one.__name__,
)
def test_its_selector_and_its_template_are_what_they_were(component: Any, args: Any) -> None:
    kept = deploy(lambda: component("web", args(**IN, template=TEMPLATE))).object(component.__name__)["spec"]
    assert kept["selector"] == {"matchLabels": LABELS}
    assert kept["template"] == MADE, "whatever a component adds would make its pods anew"
    hardened = deploy(lambda: component("web", args(**IN))).object(component.__name__)["spec"]
    assert hardened["selector"] == {"matchLabels": LABELS}
    assert hardened["template"]["metadata"]["labels"] == LABELS
    assert hardened["template"]["spec"]["securityContext"]["runAsNonRoot"] is True


def test_whatever_refers_to_it_selects_its_pods_and_calls_their_ports_by_number() -> None:
    def program() -> None:
        web = Deployment("web", DeploymentArgs(**IN, ports=[HTTP], template=TEMPLATE))
        Service("web", ServiceArgs(workload=web))
        Autoscaler("web", AutoscalerArgs(workload=web, scaling=Scaling(min=2, max=4)))

    deployed = deploy(program)
    spec = deployed.object("Service")["spec"]
    assert spec["selector"] == LABELS
    assert [one["targetPort"] for one in spec["ports"]] == [80], "its pods may have no port of that name"
    headless = deploy(lambda: StatefulSet("db", StatefulSetArgs(**IN, ports=[HTTP]))).object("Service")["spec"]
    assert [one["targetPort"] for one in headless["ports"]] == [80]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"selector": {}}, "selector is empty, and would select all pods"),
        ({"selector": None, "template": TEMPLATE}, "give selector too"),
        ({"labels": {"app": "x"}}, "label 'app' is 'x' and selects the pods as 'guestbook'"),
        ({"template": TEMPLATE, "image": "web:2"}, "image 'web:2' is in no container of the template: give 'web:1'"),
        ({"template": TEMPLATE, "environment": {"A": "b"}}, "environment has no effect on a template"),
        ({"template": TEMPLATE, "pre_stop": 0}, "pre_stop has no effect on a template"),
        ({"template": {"spec": TEMPLATE["spec"]}}, "label 'app' of the selector is not in the template"),
        ({"template": {"metadata": TEMPLATE["metadata"]}}, "is in no container of the template"),
    ],
    ids=lambda one: "" if isinstance(one, dict) else one[:30],
)
def test_what_does_not_belong_together_is_refused(given: dict[str, Any], said: str) -> None:
    assert said in refusal(lambda: DeploymentArgs(**{**IN, **given}))
