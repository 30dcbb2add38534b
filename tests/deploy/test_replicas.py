"""The number of pods, if somebody else decides it: stated at the start, handed over, never taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from slipway.deploy.apply_set import ApplySet
from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.replicas import MANAGER, Scaled, hand_over, scaled
from slipway.preview.model import Manifest

Sent = dict[str, Any]


def manifest(kind: str, name: str = "web", *, initial: int | None = None, **spec: Any) -> Manifest:
    body = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}
    return Manifest(body=body, urn=f"urn::{name}", initial_replicas=initial)


def autoscaler(**spec: Any) -> Manifest:
    return manifest("HorizontalPodAutoscaler", scaleTargetRef={"kind": "Deployment", "name": "web"}, **spec)


RECORDER = "kubectl-applyset"
"""Who records the kinds of the members in the parent of their set."""


class Cluster:
    """A fake kubectl with at most one Deployment `web` and the autoscalers of the set. It records what is sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, owners: tuple[str, ...] = (), there: bool = True) -> None:
        self.replicas = 5
        self.owners = list(owners)
        self.there = there
        self.autoscalers: list[dict[str, Any]] = []
        self.sent: list[tuple[str, Sent]] = []
        self.deleted: list[str] = []
        self.refuse: Callable[[], None] = lambda: None
        monkeypatch.setattr(Kubectl, "get", lambda _, *asked, **__: self._get(*asked))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        monkeypatch.setattr(Kubectl, "run", lambda _, *asked, **named: self._run(*asked, **named))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    def _get(self, kind: str, *asked: str) -> list[dict[str, Any]]:
        if kind == "horizontalpodautoscalers":
            return self.autoscalers
        if kind != "Deployment" or not self.there:
            return []
        fields: Sent = {"f:spec": {"f:replicas": {}}}
        managed = [{"manager": one, "fieldsV1": fields} for one in self.owners]
        metadata: Sent = {"name": "web", "managedFields": managed if "--show-managed-fields" in asked else None}
        return [{"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {"replicas": self.replicas}}]

    def _run(self, verb: str, *asked: str, stdin: str = "{}", **_: Any) -> str:
        if verb == "delete":
            self.deleted.append(asked[1])
            return ""
        manager = next(one.partition("=")[2] for one in asked if one.startswith("--field-manager="))
        if manager == RECORDER:
            return ""
        body = json.loads(stdin)
        for one in body.get("items", [body]):
            if manager != MANAGER:
                self.refuse()
            self.sent.append((manager, one))
            if one["kind"] != "Deployment":
                continue
            if "replicas" in one["spec"]:
                self.there, self.replicas = True, one["spec"]["replicas"]
                self.owners = [*{*self.owners, manager}]
            elif manager in self.owners:
                self.owners.remove(manager)
                self.replicas = self.replicas if self.owners else 1
        return ""


def apply(*manifests: Manifest) -> None:
    ApplySet(Kubectl("here"), "shop-dev", manifests).apply()


def test_which_workloads_are_scaled_and_their_initial_number() -> None:
    def found(*manifests: Manifest) -> list[int | None]:
        return [one.initial for one in scaled(manifests)]

    assert found(manifest("Deployment", replicas=3)) == [], "a fixed number is not scaled"
    assert found(manifest("Deployment", initial=3)) == [3]
    assert found(manifest("Deployment", initial=3), autoscaler(minReplicas=2)) == [3]
    assert found(manifest("Deployment", replicas=4), autoscaler(minReplicas=2)) == [4], (
        "the stated number is the initial one"
    )
    assert found(manifest("Deployment"), autoscaler(minReplicas=2)) == [2]
    keda = manifest("ScaledObject", scaleTargetRef={"name": "web"}, minReplicaCount=2)
    assert found(manifest("Deployment"), keda) == [2], "KEDA scales Deployments unless told otherwise"
    assert found(manifest("Deployment"), manifest("ScaledObject", scaleTargetRef={"name": "web"})) == [None]
    assert found(manifest("StatefulSet"), autoscaler(minReplicas=2)) == [], "the autoscaler targets another kind"
    assert found(manifest("Deployment", "other"), autoscaler(minReplicas=2)) == [], (
        "the autoscaler targets another name"
    )


def test_a_new_workload_starts_with_all_its_pods_and_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(monkeypatch, there=False)
    for _ in range(2):
        apply(manifest("Deployment", initial=3), autoscaler(minReplicas=2))
    ours = [body["spec"] for manager, body in cluster.sent if manager == MANAGER and body["kind"] == "Deployment"]
    assert ours == [{"replicas": 3}, {}], "stated at the start, and never again"
    assert cluster.replicas == 3, "leaving it out sets it to one, unless it was handed over before"
    assert MANAGER not in cluster.owners


def test_a_fixed_number_is_handed_over_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(monkeypatch, owners=(MANAGER,))
    apply(manifest("Deployment", replicas=2), autoscaler(minReplicas=2))
    assert cluster.replicas == 5
    assert MANAGER not in cluster.owners


def test_a_number_that_a_scaler_has_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(monkeypatch, owners=("kube-controller-manager",))
    apply(manifest("Deployment", initial=3), autoscaler(minReplicas=2))
    assert (cluster.replicas, cluster.owners) == (5, ["kube-controller-manager"])
    assert {manager for manager, _ in cluster.sent} == {MANAGER}, "there was nothing to hand over"


def test_a_workload_without_a_scaler_has_the_declared_number(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(monkeypatch, owners=("kube-controller-manager",))
    former = {"metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
    others = {"metadata": {"name": "other"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "other"}}}
    cluster.autoscalers = [former, others]
    apply(manifest("Deployment", replicas=4))
    assert cluster.replicas == 4
    assert cluster.deleted == ["web"], "the former autoscaler would change it back until it is pruned"
    cluster.deleted.clear()
    apply(manifest("Deployment", initial=3), autoscaler(minReplicas=2))
    assert not cluster.deleted


def test_scaling_during_the_hand_over_is_not_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(monkeypatch, owners=(MANAGER,))

    def scaled_meanwhile() -> None:
        cluster.owners, cluster.replicas = ["kube-controller-manager"], 7
        raise DeployError('kubectl apply: conflict with "kube-controller-manager": .spec.replicas')

    cluster.refuse = scaled_meanwhile
    assert hand_over(Kubectl("here"), Scaled("Deployment", "shop", "web", 3))
    assert cluster.replicas == 7


def test_any_other_failure_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(monkeypatch, owners=(MANAGER,))

    def forbidden() -> None:
        raise DeployError("kubectl apply: forbidden")

    cluster.refuse = forbidden
    with pytest.raises(DeployError, match="forbidden"):
        hand_over(Kubectl("here"), Scaled("Deployment", "shop", "web", 3))
