"""A vertical autoscaler sets what the containers of its workload request, within bounds."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import Bounds, VerticalAutoscaler, VerticalAutoscalerArgs
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import deployment


def vertical(name: str = "web", **own: Any) -> VerticalAutoscaler:
    return VerticalAutoscaler(name, VerticalAutoscalerArgs(workload=deployment(), **own))


def spec(**own: Any) -> dict[str, Any]:
    return deploy(lambda: vertical(**own)).object("VerticalPodAutoscaler")["spec"]


def test_it_changes_what_every_container_requests() -> None:
    recording = deploy(lambda: vertical(labels={"team": "shop"}))
    assert recording.object("VerticalPodAutoscaler") == {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {
            "name": "web",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web", "team": "shop"},
        },
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "updatePolicy": {"updateMode": "InPlaceOrRecreate"},
            "resourcePolicy": {"containerPolicies": [{"containerName": "*", "controlledResources": ["cpu", "memory"]}]},
        },
    }


def test_bounds_are_by_container() -> None:
    bounds = {"web": Bounds(min_cpu="50m", max_memory="1Gi"), "*": Bounds(max_cpu="1")}
    assert spec(containers=bounds, resources=["memory"])["resourcePolicy"]["containerPolicies"] == [
        {"containerName": "*", "controlledResources": ["memory"], "maxAllowed": {"cpu": "1"}},
        {
            "containerName": "web",
            "controlledResources": ["memory"],
            "minAllowed": {"cpu": "50m"},
            "maxAllowed": {"memory": "1Gi"},
        },
    ]


def test_raw_fields_are_merged_last() -> None:
    found = spec(mode="Initial", min_replicas=1, spec={"updatePolicy": {"evictAfterOOMSeconds": 60}})
    assert found["updatePolicy"] == {"updateMode": "Initial", "minReplicas": 1, "evictAfterOOMSeconds": 60}


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: vertical(mode="Auto"), "VerticalAutoscalerArgs: mode is 'Auto': give 'Off', 'Initial'"),
        (lambda: vertical(resources=[]), "resources is empty: give 'cpu', 'memory' or both"),
        (lambda: vertical(resources=["disk"]), "VerticalAutoscalerArgs: resources[0] is 'disk'"),
        (lambda: vertical(min_replicas=0), "min_replicas 0 is below 1"),
        (lambda: vertical(containers={"Web": Bounds()}), "container 'Web' is not a valid name"),
        (lambda: vertical("Web"), "vertical autoscaler 'Web' is not a valid name"),
        (lambda: Bounds(min_cpu="2", max_cpu="500m"), "min_cpu '2' is above max_cpu '500m'"),
        (lambda: Bounds(min_memory="2Gi", max_memory="1Gi"), "min_memory '2Gi' is above max_memory '1Gi'"),
        (lambda: Bounds(max_memory="64"), "max_memory '64' is 64 bytes"),
        (lambda: Bounds(min_cpu="lots"), "min_cpu 'lots' is not a Kubernetes quantity"),
    ],
)
def test_what_it_could_not_set_is_refused(make: Any, told: str) -> None:
    assert refusal(make).startswith(told)
