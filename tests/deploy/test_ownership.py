"""What another tool has declared is taken over whole, so that what the program drops can go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from slipway.deploy.errors import DeployError
from slipway.deploy.field_sets import only_in, united, without
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.ownership import dropped, hand_to_engine, take_over

Object = dict[str, Any]

LABELS: Object = {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}}
REPLICAS: Object = {"f:spec": {"f:replicas": {}}}
IMAGE: Object = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {".": {}, "f:image": {}}}}}}}


def owner(manager: str, fields: Mapping[str, Any], *, operation: str = "Update", **more: str) -> Object:
    return {"manager": manager, "operation": operation, "fieldsV1": fields, "fieldsType": "FieldsV1", **more}


def deployment(*owners: Object, labels: Object | None = None) -> Object:
    metadata = {"name": "web", "namespace": "shop", "resourceVersion": "7", "labels": labels or {}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {**metadata, "managedFields": list(owners)}}


class Cluster:
    """A fake kubectl with one object. `busy` is how many changes it refuses because a controller was faster."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, live: Object, *, busy: int = 0) -> None:
        self.live, self.busy = live, busy
        self.patches: list[Object] = []
        monkeypatch.setattr(Kubectl, "get", lambda *_, **__: [self.live])  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        monkeypatch.setattr(Kubectl, "run", self._run)

    def _run(self, *arguments: str, stdin: str = "") -> str:
        assert arguments[0] == "patch", arguments
        if len(self.patches) < self.busy:
            self.patches.append({})
            raise DeployError("kubectl patch: Error from server (Conflict): the object has been modified")
        self.patches.append(json.loads(arguments[-1])["metadata"])
        return ""

    def owners(self) -> dict[str, Any]:
        return {one["manager"]: one["fieldsV1"] for one in self.patches[-1]["managedFields"]}


@pytest.mark.parametrize(
    "former",
    [
        owner("kubectl-client-side-apply", IMAGE),
        owner("kubectl-create", IMAGE),
        owner("kubectl", IMAGE, operation="Apply"),
        owner("helm", IMAGE),
        owner("helm", IMAGE, operation="Apply"),
        owner("pulumi-kubernetes-1a2b3c4d", IMAGE, operation="Apply"),
    ],
    ids=lambda one: f"{one['manager']} {one['operation']}",
)
def test_what_a_declaring_tool_owns_is_ours(monkeypatch: pytest.MonkeyPatch, former: Object) -> None:
    controller = owner("kube-controller-manager", REPLICAS, subresource="scale")
    cluster = Cluster(monkeypatch, deployment(controller, former, owner("slipway", LABELS, operation="Apply")))
    take_over(Kubectl("here"), [deployment()])
    assert cluster.owners() == {"kube-controller-manager": REPLICAS, "slipway": united(LABELS, IMAGE)}
    assert cluster.patches[-1]["resourceVersion"] == "7", "who writes in between is not overwritten"


@pytest.mark.parametrize(
    "live",
    [
        deployment(owner("kubectl-rollout", IMAGE), owner("kubectl-edit", LABELS)),
        deployment(owner("kubectl-client-side-apply", IMAGE), labels={"applyset.kubernetes.io/part-of": "some"}),
        deployment(owner("helm", REPLICAS, subresource="scale")),
    ],
    ids=["of single fields", "of a member", "of a subresource"],
)
def test_all_else_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, live: Object) -> None:
    cluster = Cluster(monkeypatch, live)
    take_over(Kubectl("here"), [live])
    assert not cluster.patches


def test_it_is_tried_again_after_a_controller_was_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(monkeypatch, deployment(owner("helm", IMAGE)), busy=2)
    take_over(Kubectl("here"), [deployment()])
    assert cluster.owners() == {"slipway": IMAGE}
    with pytest.raises(DeployError, match="Conflict"):
        take_over(Kubectl("here"), [Cluster(monkeypatch, deployment(owner("helm", IMAGE)), busy=9).live])


def test_the_engine_gets_what_it_has_applied_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = owner("pulumi-kubernetes-1a2b3c4d", LABELS, operation="Apply")
    cluster = Cluster(monkeypatch, deployment(owner("helm", IMAGE), engine))
    assert hand_to_engine(Kubectl("here"), [deployment()]) == ["Deployment web"]
    assert cluster.owners() == {"pulumi-kubernetes-1a2b3c4d": united(LABELS, IMAGE)}
    for live in (deployment(owner("helm", IMAGE)), deployment(engine)):
        assert hand_to_engine(Kubectl("here"), [Cluster(monkeypatch, live).live]) == []


def test_a_field_is_dropped_that_nobody_else_owns() -> None:
    live = deployment(owner("helm", united(united(LABELS, IMAGE), REPLICAS)))
    scaler = owner("kube-controller-manager", REPLICAS, subresource="scale")
    after = deployment(owner("helm", united(LABELS, IMAGE)), owner("slipway", LABELS, operation="Apply"), scaler)
    assert dropped(live, after) == IMAGE


def test_fields_are_taken_out_of_an_object() -> None:
    body: Object = {
        "metadata": {"labels": {"app": "web", "team": "shop"}, "finalizers": ["a", "b"]},
        "spec": {"replicas": 2, "containers": [{"name": "web", "image": "web:1", "tty": True}, {"name": "log"}]},
    }
    fields: Object = {
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:finalizers": {'v:"a"': {}}},
        "f:spec": {
            "f:replicas": {},
            "f:containers": {'k:{"name":"web"}': {"f:image": {}}, 'k:{"name":"log"}': {".": {}, "f:name": {}}},
        },
    }
    assert without(body, fields) == {
        "metadata": {"labels": {"team": "shop"}, "finalizers": ["b"]},
        "spec": {"containers": [{"name": "web", "tty": True}]},
    }
    assert only_in(fields, fields) == {}
