"""A DaemonSet has a pod on each node, and a bare Pod is one that nobody replaces."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from slipway import DaemonSet, DaemonSetArgs, Placement, Pod, PodArgs
from slipway.testing import deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE


def agent(**own: Any) -> DaemonSet:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, **own}
    return DaemonSet("agent", DaemonSetArgs(**fields))


def pod(**own: Any) -> Pod:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, **own}
    return Pod("look", PodArgs(**fields))


def test_a_change_takes_a_share_of_the_nodes_at_once():
    recording = deploy(lambda: agent(max_unavailable="10%", placement=Placement(tolerations=["a:NoSchedule"])))
    spec = recording.object("DaemonSet")["spec"]
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}}
    assert spec["template"]["spec"]["tolerations"] == [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}]
    wait = recording.object("DaemonSet")["metadata"]["annotations"]["pulumi.com/waitFor"]
    assert "numberAvailable==@.desiredNumberScheduled" in wait


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"max_unavailable": 0}, "max_unavailable is 0: no pod could ever be replaced"),
        ({"max_unavailable": "some"}, "max_unavailable 'some' is neither a number of pods nor a share"),
        ({"spread": "preferred"}, "spread 'preferred' is of no use to a pod on each node"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], said: str):
    assert refusal(lambda: agent(**fields)).startswith(said)


@pytest.mark.parametrize(("given", "policy"), [(None, None), ("Always", None), ("Never", "Never")])
def test_a_bare_pod_takes_every_restart_policy(given: str | None, policy: str | None):
    spec = deploy(lambda: pod(restart_policy=given)).object("Pod")["spec"]
    assert spec.get("restartPolicy") == policy, "Always is Kubernetes' own default"


def test_a_bare_pod_is_named_and_found_like_all_others():
    recording = deploy(lambda: pod(labels={"team": "shop"}, annotations={"note": "x"}))
    assert recording.object("Pod")["metadata"] == {
        "name": "look",
        "namespace": NAMESPACE,
        "labels": {
            "app.kubernetes.io/name": "look",
            "app.kubernetes.io/instance": "look",
            "slipway/kind": "Pod",
            "team": "shop",
        },
        "annotations": {"note": "x"},
    }


def test_waiting_for_a_bare_pod_has_an_end(monkeypatch: pytest.MonkeyPatch):
    given: list[dict[str, str]] = []

    def noted(**timeouts: str) -> None:
        given.append(timeouts)

    monkeypatch.setattr(pulumi, "CustomTimeouts", noted)
    deploy(lambda: pod(ready_within=30))
    assert given == [{"create": "30s", "update": "30s"}]
    assert refusal(lambda: pod(ready_within=0)).startswith("ready_within 0 s is over before it begins")
