"""A worker has what a web service has, but nothing that leads requests to it."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import EventScaling, Probe, Probes, Scaling, Service, ServiceArgs, Trigger, Worker, WorkerArgs
from slipway.parts.arguments.refusal import Refusal
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import HTTP

QUEUE = Trigger(type="rabbitmq", metadata={"queueName": "mail", "value": "20"}, authentication="rabbitmq")
EVENTS = EventScaling(triggers=[QUEUE], max=9)


def worker(**own: Any) -> Worker:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, **own}
    return Worker("mail", WorkerArgs(**fields))


def made(**own: Any) -> Recording:
    return deploy(lambda: worker(**own))


@pytest.mark.parametrize(
    ("fields", "made_of"),
    [
        ({}, {"Deployment"}),
        ({"ports": [HTTP]}, {"Deployment"}),
        ({"config": {"A": "1"}, "secrets": {"B": "2"}}, {"Deployment", "ConfigMap", "Secret"}),
        ({"replicas": 3}, {"Deployment", "PodDisruptionBudget"}),
        ({"scaling": Scaling(min=1, max=4)}, {"Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"}),
        ({"scaling": EVENTS}, {"Deployment", "ScaledObject", "PodDisruptionBudget"}),
        ({"scaling": EventScaling(triggers=[QUEUE], max=1)}, {"Deployment", "ScaledObject"}),
        ({"scaling": EVENTS, "disruptions": None}, {"Deployment", "ScaledObject"}),
    ],
)
def test_it_makes_what_is_asked_for_and_never_a_service(fields: dict[str, Any], made_of: set[str]) -> None:
    kinds = [one.kind for one in made(**fields).manifests()]
    assert sorted(kinds) == sorted(made_of)


def test_it_is_scaled_by_the_work_that_waits() -> None:
    recording = made(scaling=EventScaling(triggers=[QUEUE], min=2, max=9, poll=5, cooldown=60), labels={"team": "shop"})
    scaled = recording.object("ScaledObject")
    assert scaled["metadata"]["name"] == "mail"
    assert scaled["metadata"]["labels"]["team"] == "shop"
    assert scaled["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "mail"}
    counts = ("minReplicaCount", "maxReplicaCount", "pollingInterval", "cooldownPeriod")
    assert [scaled["spec"][each] for each in counts] == [2, 9, 5, 60]
    assert scaled["spec"]["triggers"][0]["metadata"]["queueName"] == "mail"
    assert recording.one("apps/v1:Deployment").inputs["spec"]["replicas"] == 2, "it starts with the minimum"
    assert "replicas" not in recording.object("Deployment")["spec"], "from then on KEDA decides"


def test_a_probe_may_ask_it_where_nobody_else_can() -> None:
    probes = Probes(liveness=Probe(http="/livez"))
    container = made(ports=[HTTP], probes=probes).object("Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"


def test_each_part_is_within_reach_and_refused_where_it_was_left_out() -> None:
    found: list[Worker] = []
    deploy(lambda: found.extend([worker(scaling=EVENTS)]))
    assert found[0].event_scaler.resource
    assert found[0].disruption_budget.resource
    for part in ("config", "autoscaler"):
        with pytest.raises(Refusal, match=f"deployment 'mail' has no {part.title()}: give it "):
            getattr(found[0], part)
    deploy(lambda: found.append(worker(scaling=Scaling(min=1, max=2))))
    with pytest.raises(Refusal, match="deployment 'mail' has no EventScaler: give it scaling=EventScaling"):
        assert found[1].event_scaler


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"replicas": 2, "scaling": EVENTS}, "replicas 2 and scaling from 0 to 9 exclude each other"),
        ({"initial_replicas": 10, "scaling": EVENTS}, "initial_replicas 10 of deployment 'mail' is not within"),
        ({"scaling": EVENTS, "disruptions": 0}, "max_unavailable 0 never lets a pod go"),
        ({"config": {"A": "1"}, "secrets": {"A": "2"}}, "variable 'A' is in both config and secrets"),
    ],
)
def test_what_a_part_would_refuse_is_refused_before_anything_is_begun(fields: dict[str, Any], told: str) -> None:
    assert refusal(lambda: worker(**fields)).startswith(told)


def test_a_service_of_a_worker_without_ports_is_refused() -> None:
    assert "deployment 'mail' has no ports" in refusal(lambda: Service("mail", ServiceArgs(workload=worker())))
