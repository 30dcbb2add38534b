"""How objects are applied to a cluster and deleted from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slipway.deploy.apply_set import OWNER, ApplySet
from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.set_parents import set_id
from slipway.preview.model import Manifest

_SET = {"applyset.kubernetes.io/id": "applyset-x-v1"}
_KINDS = {"applyset.kubernetes.io/contains-group-kinds": "ConfigMap,Deployment.apps,PersistentVolume"}


def test_every_deletion_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a connection that broke, nobody knows whether the first one has come through."""
    parent = {"metadata": {"namespace": "former", "name": "shop-dev", "labels": _SET, "annotations": _KINDS}}
    asked: list[tuple[str, ...]] = []

    def get(_: Kubectl, kind: str, *__: str, **___: str) -> list[dict[str, Any]]:
        return [parent] if kind == "configmaps" else [{"metadata": {"name": "former"}}]

    def run(_: Kubectl, *arguments: str) -> str:
        asked.append(arguments)
        return ""

    monkeypatch.setattr(Kubectl, "get", get)
    monkeypatch.setattr(Kubectl, "run", run)
    told = ApplySet(Kubectl("here"), "shop-dev", []).prune({})
    assert told == ["all in namespace former pruned", "namespace/former pruned"]
    assert [one[:2] for one in asked] == [
        ("delete", "PersistentVolume"),
        ("delete", "ConfigMap,Deployment.apps"),
        ("delete", "configmap"),
        ("delete", "namespace"),
    ]
    assert all("--ignore-not-found" in one for one in asked)
    assert "--wait=false" in asked[0], "its claim may be in a namespace that goes later"


def test_a_kind_is_defined_and_established_before_its_objects_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, list[str]]] = []

    def run(_: Kubectl, *arguments: str, stdin: str = "") -> str:
        sent = [body["kind"] for body in json.loads(stdin)["items"]] if stdin else []
        asked.append((arguments[0], sent or [*arguments[1:2], *arguments[3:]]))
        return ""

    def manifest(kind: str, name: str, **metadata: str) -> Manifest:
        body = {"apiVersion": "example.com/v1", "kind": kind, "metadata": {"name": name, **metadata}}
        return Manifest(body=body, urn=f"urn::{name}")

    monkeypatch.setattr(Kubectl, "run", run)
    monkeypatch.setattr(Kubectl, "get", lambda *_, **__: [])  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    definition = manifest("CustomResourceDefinition", "gadgets.example.com")
    gadgets = [manifest("Gadget", "b", namespace="b"), manifest("Gadget", "a", namespace="a")]
    ApplySet(Kubectl("here"), "shop-dev", [definition, *gadgets]).apply()
    parent = ("apply", ["ConfigMap"])
    assert asked == [
        parent,
        ("apply", ["CustomResourceDefinition"]),
        ("wait", ["--for=condition=Established", "crd/gadgets.example.com"]),
        parent,
        ("apply", ["CustomResourceDefinition", "Gadget"]),
        parent,
        ("apply", ["Gadget"]),
    ], "the set with the definition comes first, whatever namespace came first"


def _shop() -> list[Manifest]:
    kinds = {"Deployment": "apps/v1", "ConfigMap": "v1"}
    metadata = {"name": "web", "namespace": "shop"}
    bodies = [{"apiVersion": version, "kind": kind, "metadata": metadata} for kind, version in kinds.items()]
    return [Manifest(urn=f"urn::{body['kind']}", body=body) for body in bodies]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ["ConfigMap,Deployment.apps"]),
        ("Job.batch", ["ConfigMap,Deployment.apps,Job.batch"]),
        ("ConfigMap,Deployment.apps,Job.batch", []),
    ],
)
def test_the_kinds_are_recorded_before_the_first_object_is_made(
    before: str, after: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise `down` would not find what an apply has made that failed."""
    recorded: list[str] = []

    def run(_: Kubectl, *arguments: str, stdin: str = "") -> str:
        if "--field-manager=slipway" in arguments:
            raise DeployError("refused")
        [parent] = json.loads(stdin)["items"]
        assert parent["metadata"]["labels"] == {"applyset.kubernetes.io/id": set_id("shop-dev", "shop")}
        recorded.append(parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"])
        return ""

    kinds = {"applyset.kubernetes.io/contains-group-kinds": before}
    parent = {"metadata": {"namespace": "shop", "name": "shop-dev", "labels": _SET, "annotations": kinds}}
    monkeypatch.setattr(Kubectl, "run", run)
    monkeypatch.setattr(Kubectl, "get", lambda *_, **__: [parent] if before else [])  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    with pytest.raises(DeployError, match="refused"):
        ApplySet(Kubectl("here"), "shop-dev", _shop()).apply()
    assert recorded == after


def _namespace_check(monkeypatch: pytest.MonkeyPatch, *there: dict[str, Any]) -> None:
    monkeypatch.setattr(Kubectl, "get", lambda *_, **__: list(there))  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    ApplySet(Kubectl("here"), "shop-dev", [Manifest(body=body, urn="urn::shop")]).check_namespaces()


def test_an_owned_namespace_a_new_one_and_undeclared_ones_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"metadata": {"name": "shop", "labels": {OWNER: "shop-dev"}}}
    other = {"metadata": {"name": "other", "labels": {OWNER: "other"}}}
    _namespace_check(monkeypatch, ours, other)
    _namespace_check(monkeypatch, other, {"metadata": {"name": "default"}})


@pytest.mark.parametrize(
    ("labels", "told"), [({}, "was there before"), (None, "was there before"), ({OWNER: "x-prod"}, "belongs to x-prod")]
)
def test_a_declared_namespace_that_somebody_else_owns_is_refused(
    monkeypatch: pytest.MonkeyPatch, labels: dict[str, str] | None, told: str
) -> None:
    metadata = {"name": "shop", **({} if labels is None else {"labels": labels})}
    with pytest.raises(DeployError, match=f"namespace shop {told}, and shop-dev would delete it when it goes"):
        _namespace_check(monkeypatch, {"metadata": metadata})
