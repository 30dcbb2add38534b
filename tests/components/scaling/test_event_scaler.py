"""An event scaler makes as many pods as there is work, and none where there is none."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from slipway import EventScaler, EventScalerArgs, Resources, Trigger
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import deployment

QUEUE = Trigger(type="rabbitmq", metadata={"queueName": "orders", "value": "5"}, authentication="rabbitmq")
CPU = Trigger(type="cpu", metadata={"value": "60"})


def scaler(name: str = "web", workload: dict[str, Any] | None = None, **own: Any) -> EventScaler:
    fields: dict[str, Any] = {"workload": deployment(**(workload or {})), "triggers": [QUEUE], "max": 9, **own}
    return EventScaler(name, EventScalerArgs(**fields))


def spec(**own: Any) -> dict[str, Any]:
    return deploy(lambda: scaler(**own)).object("ScaledObject")["spec"]


def test_it_scales_its_workload_by_the_work_that_waits() -> None:
    assert deploy(lambda: scaler(annotations={"a": "b"})).object("ScaledObject") == {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {
            "name": "web",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"},
            "annotations": {"a": "b"},
        },
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicaCount": 0,
            "maxReplicaCount": 9,
            "pollingInterval": 30,
            "cooldownPeriod": 300,
            "triggers": [
                {
                    "type": "rabbitmq",
                    "metadata": {"queueName": "orders", "value": "5"},
                    "authenticationRef": {"name": "rabbitmq", "kind": "TriggerAuthentication"},
                }
            ],
        },
    }


def test_triggers_say_how_they_are_measured() -> None:
    kafka = Trigger(
        type="kafka", metadata={}, metric="Value", name="lag", authentication="k", cluster_authentication=True
    )
    assert spec(min=1, triggers=[CPU, kafka])["triggers"] == [
        {"type": "cpu", "metadata": {"value": "60"}, "metricType": "Utilization"},
        {
            "type": "kafka",
            "name": "lag",
            "metadata": {},
            "metricType": "Value",
            "authenticationRef": {"name": "k", "kind": "ClusterTriggerAuthentication"},
        },
    ]


@pytest.mark.parametrize("least", [0, 2])
def test_its_workload_starts_with_as_many_pods_as_its_minimum(least: int) -> None:
    recording = deploy(lambda: scaler(min=least))
    assert recording.one("apps/v1:Deployment").inputs["spec"]["replicas"] == least


def test_raw_fields_are_merged_last() -> None:
    assert spec(spec={"pollingInterval": None, "fallback": {"replicas": 1}})["fallback"] == {"replicas": 1}
    assert "pollingInterval" not in spec(spec={"pollingInterval": None})


def test_a_password_in_a_trigger_is_refused_and_not_shown() -> None:
    def program() -> None:
        secret = Trigger(type="rabbitmq", metadata={"host": pulumi.Output.secret("amqp://t0ps3cret")})
        scaler(triggers=[secret])

    with pytest.raises(
        pulumi.RunError, match="event scaler 'web' trigger 'rabbitmq' metadata 'host' is secret"
    ) as told:
        deploy(program)
    assert "t0ps3cret" not in str(told.value)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: scaler(triggers=[]), "triggers is empty"),
        (lambda: scaler(min=-1), "min -1 and max 9: give a min of 0 or more and a max of 1 or more"),
        (lambda: scaler(max=0), "min 0 and max 0: give"),
        (lambda: scaler(min=10), "min 10 is above max 9"),
        (lambda: scaler(triggers=[CPU]), "without pods there is no cpu or memory to measure: give min=1"),
        (lambda: scaler(poll=0), "poll 0 and cooldown 300: give seconds"),
        (lambda: scaler(cooldown=-1), "poll 30 and cooldown -1: give seconds"),
        (lambda: scaler("Web"), "event scaler 'Web' is not a valid name"),
        (lambda: scaler(workload={"initial_replicas": 10}), "initial_replicas 10 of deployment 'web' is not within"),
        (
            lambda: scaler(min=1, triggers=[CPU], workload={"resources": Resources(cpu="0")}),
            "deployment 'web' has a container that requests no cpu, so its use has no percentage",
        ),
        (lambda: Trigger(type="cpu", metadata={}, metric="Value"), "trigger 'cpu' is measured as Utilization or"),
        (lambda: Trigger(type="kafka", metadata={}, metric="Utilization"), "trigger 'kafka' has no Utilization"),
        (lambda: Trigger(type="kafka", metadata={}, cluster_authentication=True), "cluster_authentication says of"),
        (lambda: Trigger(type="kafka", metadata={"lag": 5}), "Trigger: metadata['lag'] is 5"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_what_could_not_scale_is_refused(make: Any, told: str) -> None:
    assert refusal(make).startswith(told)
