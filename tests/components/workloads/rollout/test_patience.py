"""A rollout is awaited until its new version alone runs, and for as long as its probes allow."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import Container, Port, Probe, Probes, Recreate, RollingUpdate
from slipway.workloads.rollout.patience import WAIT_FOR
from tests.components.examples import IMAGE
from tests.components.rendering import HTTP, deployed, refused, spec

QUICK = Probes(readiness=Probe(http="/", period=1), startup=Probe(http="/", period=1, failures=20))


def within(**own: Any) -> int:
    return spec(**own)["progressDeadlineSeconds"]


def test_the_engine_waits_for_all_pods_of_the_declared_version_and_for_no_old_one() -> None:
    waited = deployed().object("Deployment")["metadata"]["annotations"][WAIT_FOR]
    assert waited == (
        "jsonpath={$[?@.observedGeneration==$.metadata.generation&&@.updatedReplicas==$.spec.replicas"
        "&&@.replicas==$.spec.replicas&&@.availableReplicas==$.spec.replicas"
        "||@.observedGeneration==$.metadata.generation&&$.spec.replicas==0&&!@.replicas]}"
    )
    assert waited.replace("==", "").count("=") == 1, "the provider reads what comes after another one as a value"
    assert " " not in waited, "its parser stops at a space before a second &&"


def test_it_can_be_told_how_long_a_rollout_may_take() -> None:
    assert within(ready_within=45) == 45


def test_how_long_follows_from_the_probes() -> None:
    quick = within(ports=[HTTP], probes=QUICK, replicas=1)
    assert quick == 60 + 20 + 3 + 5, "a pull, the startup question, the readiness one, a step"
    slow = Probes(readiness=Probe(http="/", period=10, delay=30), startup=QUICK.startup)
    assert within(ports=[HTTP], probes=slow, replicas=1) == quick + 30 + 30 - 3
    assert within(ports=[HTTP], probes=QUICK, replicas=1, init_containers={"x": Container(image=IMAGE)}) == quick + 30
    sidecar = Container(image=IMAGE, ports=[Port(name="side", number=9090)], probes=QUICK)
    assert within(ports=[HTTP], probes=QUICK, replicas=1, sidecars={"x": sidecar}) == quick + 20, "one after the other"


@pytest.mark.parametrize(
    ("update", "replicas", "times"),
    [
        (RollingUpdate(), 8, 4),
        (RollingUpdate(), 1, 1),
        (RollingUpdate(max_surge=1), 8, 8),
        (RollingUpdate(max_surge=2, max_unavailable="25%"), 8, 2),
        (RollingUpdate(), None, 4),
        (Recreate(), 8, 1),
    ],
)
def test_pods_that_are_replaced_bit_by_bit_take_longer(update: Any, replicas: int | None, times: int) -> None:
    own: dict[str, Any] = {"ports": [HTTP], "probes": QUICK, "update": update, "replicas": replicas}
    assert within(**own) == 83 + times * 5
    assert within(**own, min_ready=20) == 83 + times * 25


def test_raw_fields_of_a_container_count() -> None:
    patient = {"startup_probe": {"failure_threshold": 600}}
    assert within(ports=[HTTP], probes=QUICK, replicas=1, container_spec=patient) == 88 - 20 + 600


def test_a_container_that_nobody_asks_has_to_run_for_a_while() -> None:
    assert spec()["minReadySeconds"] == 10, "a crash loop would count as ready in between"
    assert spec(ports=[HTTP], sidecars={"tail": Container(image=IMAGE)})["minReadySeconds"] == 10
    assert "minReadySeconds" not in spec(ports=[HTTP])
    assert "minReadySeconds" not in spec(min_ready=0)
    assert spec(ports=[HTTP], min_ready=7)["minReadySeconds"] == 7
    assert spec(ready_within=5)["minReadySeconds"] == 4, "Kubernetes wants the deadline to be later"


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"ready_within": 0}, "ready_within 0 s is over before a new pod has been ready for min_ready 0 s"),
        ({"ready_within": 30, "min_ready": 30}, "ready_within 30 s is over before"),
        ({"min_ready": -1}, "min_ready -1 is negative"),
    ],
)
def test_a_time_that_no_pod_can_keep_is_refused(own: dict[str, Any], said: str) -> None:
    assert refused(**own).startswith(said)
