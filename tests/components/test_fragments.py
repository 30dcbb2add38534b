"""Raw provider fields are the same in the API's camelCase and in the SDK's snake_case, at any depth."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.autoscaling import v2 as autoscaling
from pulumi_kubernetes.core import v1 as core

from slipway import Port, Probe, Probes, Scaling, Volume, WebService, WebServiceArgs
from slipway.parts.volumes import EnvSource
from slipway.testing import deploy
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import container, pod

HTTP = {"ports": [Port(name="http", number=8080)], "probes": Probes(readiness=Probe(http="/readyz"))}


def test_a_probe_in_camel_case_changes_ours_and_does_not_replace_it() -> None:
    fragment: Any = {"readinessProbe": {"periodSeconds": 60}}
    probe = container(**HTTP, container_spec=fragment)["readinessProbe"]
    assert probe["periodSeconds"] == 60
    assert probe["httpGet"] == {"path": "/readyz", "port": "http"}, "else the probe would ask nothing"


@pytest.mark.parametrize("key", ["readinessProbe", "readiness_probe"])
def test_none_removes_what_is_there_however_it_is_written(key: str) -> None:
    fragment: Any = {key: None}
    assert "readinessProbe" not in container(**HTTP, container_spec=fragment)


@pytest.mark.parametrize(
    "fragment",
    [
        {"securityContext": {"runAsUser": 1000}},
        {"security_context": {"run_as_user": 1000}},
        {"securityContext": core.PodSecurityContextPatchArgs(run_as_user=1000)},
        core.PodSpecPatchArgs(security_context=core.PodSecurityContextPatchArgs(run_as_user=1000)),
    ],
    ids=["camelCase", "snake_case", "a class in a dict", "classes"],
)
def test_a_fragment_is_merged_however_it_is_written(fragment: Any) -> None:
    expected = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    assert pod(pod_spec=fragment)["securityContext"] == expected


def test_what_is_the_users_own_keeps_its_keys() -> None:
    fragment: Any = {"nodeSelector": {"diskType": "ssd", "disk_size": "big"}}
    assert pod(pod_spec=fragment)["nodeSelector"] == {"diskType": "ssd", "disk_size": "big"}


def test_names_that_are_no_words_of_python_are_known_by_both() -> None:
    fragment: Any = {"lifecycle": {"preStop": {"exec": {"command": ["true"]}}}}
    assert container(container_spec=fragment)["lifecycle"]["preStop"]["exec"] == {"command": ["true"]}


def test_a_field_that_the_sdk_does_not_know_is_passed_on() -> None:
    fragment: Any = {"aFieldToCome": {"deepInside": [1, None]}, "priorityClassName": "high"}
    rendered = pod(pod_spec=fragment)
    assert rendered["aFieldToCome"] == {"deepInside": [1, None]}, "a new field never waits for us"
    assert rendered["priorityClassName"] == "high"


def test_an_output_in_a_fragment_is_passed_on() -> None:
    fragment: Any = lambda: {"priorityClassName": pulumi.Output.from_input("high")}  # noqa: E731
    recording = deploy(lambda: WebService("web", WebServiceArgs(namespace=NAMESPACE, image=IMAGE, pod_spec=fragment())))
    assert recording.object("Deployment")["spec"]["template"]["spec"]["priorityClassName"] == "high"


def test_sources_of_volumes_and_variables_are_fragments_too() -> None:
    source: Any = {"hostPath": {"path": "/dev", "type": "Directory"}}
    value: Any = {"fieldRef": {"fieldPath": "status.podIP"}}
    rendered = pod(mounts={"/dev": Volume(source=source)}, environment={"IP": EnvSource(value_from=value)})
    assert rendered["volumes"][0]["hostPath"] == {"path": "/dev", "type": "Directory"}
    assert rendered["containers"][0]["env"][0]["valueFrom"]["fieldRef"] == {"fieldPath": "status.podIP"}


def test_an_autoscalers_behaviour_and_metrics_are_fragments_too() -> None:
    behavior: Any = {"scaleUp": {"stabilizationWindowSeconds": 5}}
    target: Any = {"type": "AverageValue", "average_value": "3"}
    asked: Any = autoscaling.PodsMetricSourceArgs(metric=autoscaling.MetricIdentifierArgs(name="queue"), target=target)
    metrics: Any = [{"type": "Pods", "pods": asked}]
    scaling = Scaling(min=1, max=2, behavior=behavior, metrics=metrics)
    args = WebServiceArgs(namespace=NAMESPACE, image=IMAGE, scaling=scaling)
    spec = deploy(lambda: WebService("web", args)).object("HorizontalPodAutoscaler")["spec"]
    assert spec["behavior"]["scaleUp"] == {"stabilizationWindowSeconds": 5}
    assert spec["behavior"]["scaleDown"] == {"stabilizationWindowSeconds": 300}
    assert spec["metrics"][1]["pods"]["target"] == {"type": "AverageValue", "averageValue": "3"}
