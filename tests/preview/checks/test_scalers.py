"""Scalers beside each other: one owner of the number of pods, and of the requests by which they are measured."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.model import COMPUTED, Finding, Severity
from tests.preview.checks.good import Body, Change, findings, put

WEB: Body = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
HPA = "HorizontalPodAutoscaler"


def scaled(*triggers: Body, **fields: Any) -> Body:
    queue: Body = {"type": "rabbitmq", "metadata": {}}
    spec = {"scaleTargetRef": {"name": "web"}, "triggers": [*triggers] or [queue], **fields}
    metadata: Body = {"name": "queue", "namespace": "shop"}
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata, "spec": spec}


def vertical(*policies: Body, mode: Any = "Recreate", name: str = "web", **target: str) -> Body:
    spec: Body = {"targetRef": {**WEB, **target}, "updatePolicy": {"updateMode": mode}}
    if policies:
        spec["resourcePolicy"] = {"containerPolicies": [*policies]}
    metadata: Body = {"name": name, "namespace": "shop"}
    return {"apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler", "metadata": metadata, "spec": spec}


def scaling(*extra: Body, change: Change | None = None, **kw: Any) -> list[Finding]:
    found = findings(change, extra=extra, **kw)
    return [one for one in found if one.rule.startswith("autoscaling/")]


def test_a_scaled_object_beside_an_autoscaler_is_refused() -> None:
    [found] = scaling(scaled())
    assert (found.severity, found.rule, found.where) == (
        Severity.ERROR,
        "autoscaling/same-target",
        "ScaledObject shop/queue",
    )
    assert found.message.startswith("HorizontalPodAutoscaler shop/web scales Deployment `web` already")


def test_a_scaled_object_that_takes_the_autoscaler_over_is_well() -> None:
    taking = scaled(advanced={"horizontalPodAutoscalerConfig": {"name": "web"}})
    taking["metadata"]["annotations"] = {"scaledobject.keda.sh/transfer-hpa-ownership": "true"}
    assert scaling(taking) == []
    taking["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"] = "other"
    assert [one.rule for one in scaling(taking)] == ["autoscaling/same-target"]
    named = scaled(advanced={"horizontalPodAutoscalerConfig": {"name": "web"}})
    assert [one.rule for one in scaling(named)] == ["autoscaling/same-target"], "it makes another of this name"


def test_two_scaled_objects_of_one_workload_are_refused() -> None:
    other = scaled()
    other["metadata"]["name"] = "other"
    assert [one.rule for one in scaling(scaled(), other, without=[HPA])] == ["autoscaling/same-target"]


def test_a_scaled_object_beside_fixed_replicas_is_found() -> None:
    [found] = scaling(scaled(), without=[HPA], change=put("spec.replicas", 3))
    assert (found.rule, found.where) == ("autoscaling/fixed-replicas", "Deployment shop/web")
    assert "replicas is fixed at 3 while ScaledObject shop/queue scales it" in found.message


@pytest.mark.parametrize("reference", [{"name": COMPUTED}, {"name": "web", "kind": COMPUTED}])
def test_a_scaled_object_of_a_workload_that_is_not_known_is_not_judged(reference: Body) -> None:
    one, other = scaled(scaleTargetRef=reference), scaled(scaleTargetRef=reference)
    other["metadata"]["name"] = "other"
    assert scaling(one, other) == []


def test_a_scaled_object_alone_is_well() -> None:
    assert scaling(scaled(), without=[HPA]) == []


def test_a_scaled_object_without_its_workload_is_found() -> None:
    [found] = scaling(scaled(scaleTargetRef={"name": "weeb"}), without=[HPA])
    assert (found.rule, found.severity) == ("autoscaling/missing-target", Severity.WARNING)
    assert found.message.endswith("did you mean `web`?")


def test_a_trigger_relative_to_a_request_needs_the_request() -> None:
    memory = {"type": "memory", "metricType": "Utilization", "metadata": {"value": "60"}}
    without = put("spec.template.spec.containers[0].resources", {})
    [found] = scaling(scaled(memory), without=[HPA], change=without)
    assert (found.rule, found.path) == ("autoscaling/missing-request", "spec.triggers[0]")
    absolute = {**memory, "metricType": "AverageValue"}
    assert scaling(scaled(absolute), without=[HPA], change=without) == []


# Vertical autoscalers that set the CPU requests of the container `web`, by which the good autoscaler measures.
AGAINST: dict[str, Body] = {
    "by default": vertical(),
    "without a mode": {**vertical(), "spec": {"targetRef": WEB}},
    "at the start": vertical(mode="Initial"),
    "for every container": vertical({"containerName": "*", "minAllowed": {"cpu": "1"}}),
    "for this container": vertical({"containerName": "web", "controlledResources": ["cpu"]}),
    "for what is not listed": vertical({"containerName": "other", "mode": "Off"}),
}
BESIDE: dict[str, Body] = {
    "that only recommends": vertical(mode="Off"),
    "whose mode is not known": vertical(mode=COMPUTED),
    "of memory": vertical({"containerName": "*", "controlledResources": ["memory"]}),
    "of another container": vertical({"containerName": "*", "mode": "Off"}, {"containerName": "other"}),
    "not of this container": vertical({"containerName": "web", "mode": "Off"}),
    "of what is not known": vertical({"containerName": "*", "controlledResources": COMPUTED}),
    "of another workload": vertical(name="other", **{"kind": "StatefulSet"}),
}


@pytest.mark.parametrize("which", AGAINST)
def test_a_vertical_autoscaler_that_sets_what_is_measured_is_a_warning(which: str) -> None:
    [found] = scaling(AGAINST[which])
    assert (found.severity, found.rule, found.path) == (Severity.WARNING, "autoscaling/vertical", "spec.targetRef")
    assert found.message.startswith("HorizontalPodAutoscaler shop/web measures the cpu of Deployment `web` as a share")


@pytest.mark.parametrize("which", BESIDE)
def test_any_other_vertical_autoscaler_is_well(which: str) -> None:
    assert scaling(BESIDE[which]) == []


def test_a_vertical_autoscaler_beside_another_metric_is_well() -> None:
    absolute: Body = {"type": "AverageValue", "averageValue": "1"}
    change = put("spec.metrics[0].resource.target", absolute)
    assert scaling(vertical(), of=HPA, change=change) == []


def test_a_metric_of_one_container_asks_for_that_container() -> None:
    target: Body = {"type": "Utilization", "averageUtilization": 70}
    metric: Body = {
        "type": "ContainerResource",
        "containerResource": {"name": "cpu", "container": "web", "target": target},
    }
    change = put("spec.metrics", [metric])
    assert [one.rule for one in scaling(vertical(), of=HPA, change=change)] == ["autoscaling/vertical"]
    assert scaling(vertical({"containerName": "web", "mode": "Off"}), of=HPA, change=change) == []


def test_a_vertical_autoscaler_beside_a_scaled_object_is_judged_too() -> None:
    cpu = {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "60"}}
    [found] = scaling(scaled(cpu), vertical(), without=[HPA])
    assert found.message.startswith("ScaledObject shop/queue measures the cpu of Deployment `web`")
    assert scaling(scaled(), vertical(), without=[HPA]) == []


def test_two_vertical_autoscalers_of_one_workload_are_a_warning() -> None:
    [found] = scaling(vertical(), vertical(name="other"), without=[HPA])
    assert (found.where, found.rule) == ("VerticalPodAutoscaler shop/other", "autoscaling/vertical")
    assert scaling(vertical(), vertical(name="other", mode="Off"), without=[HPA]) == []
