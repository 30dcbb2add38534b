"""What outlives its stack is left alone, and no edit of a claim gets as far as the API server that it would refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from slipway.deploy import applying
from slipway.deploy.apply_set import OWNER, ApplySet
from slipway.deploy.edits import check_edits
from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.rendered import Stack
from slipway.preview.model import Manifest

Objects = list[dict[str, Any]]
KEPT: dict[str, Any] = {"annotations": {"slipway/keep": "true"}}


def one(kind: str, name: str, namespace: str | None = None, **metadata: Any) -> dict[str, Any]:
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **where, **metadata}, "spec": {}}


def manifests(*bodies: dict[str, Any]) -> list[Manifest]:
    return [Manifest(urn=f"urn::{body['metadata']['name']}", body=body) for body in bodies]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Callable[[Objects], Objects]:
    """A cluster with these objects, which keeps what is asked of it."""

    def made(there: Objects) -> Objects:
        asked: Objects = []

        def get(_: Kubectl, kinds: str, *__: str, **___: str) -> Objects:
            return [body for body in there if f"{body['kind'].lower()}s" in kinds.split(",")]

        def run(_: Kubectl, *arguments: str, stdin: str = "", **__: Any) -> str:
            asked.append({"arguments": arguments, "items": json.loads(stdin)["items"] if stdin else []})
            return ""

        monkeypatch.setattr(Kubectl, "get", get)
        monkeypatch.setattr(Kubectl, "run", run)
        return asked

    return made


def test_what_is_kept_is_no_member_of_the_set_that_is_pruned(cluster: Callable[[Objects], Objects]):
    asked = cluster([])
    declared = manifests(
        one("Namespace", "shop", **KEPT),
        one("PersistentVolume", "disk", **KEPT),
        one("PersistentVolumeClaim", "data", "shop", **KEPT),
        one("PersistentVolumeClaim", "cache", "shop"),
    )
    ApplySet(Kubectl("here"), "shop-dev", declared).apply()
    labels = {body["metadata"]["name"]: body["metadata"]["labels"] for step in asked for body in step["items"]}
    assert labels["data"] == labels["disk"] == labels["shop"] == {OWNER: "shop-dev"}
    assert list(labels["cache"]) == ["applyset.kubernetes.io/part-of"]
    assert [body["metadata"]["name"] for step in asked for body in step["items"]][-1] == "cache", "it comes after them"


def test_a_kept_namespace_that_leaves_the_program_stays(cluster: Callable[[Objects], Objects]):
    asked = cluster([one("Namespace", "shop", **KEPT), one("Namespace", "other")])
    ApplySet(Kubectl("here"), "shop-dev", []).prune({})
    assert [step["arguments"][:3] for step in asked] == [("delete", "namespace", "other")]


def test_down_leaves_what_is_kept_and_says_so(cluster: Callable[[Objects], Objects], monkeypatch: pytest.MonkeyPatch):
    data = one("PersistentVolumeClaim", "data", "shop", **KEPT)
    asked = cluster([one("Namespace", "shop", **KEPT), data, one("Namespace", "other")])
    monkeypatch.setattr(applying, "targets_of", lambda *_: {None: Kubectl("here")})  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(Kubectl, "check_answers", lambda *_: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(Stack, "full_name", "shop-dev")
    told: list[str] = []
    stack = Stack(project=cast("Any", Path()), name="dev", config=cast("Any", None))
    assert applying.remove(stack, told.append)
    assert [step["arguments"][:3] for step in asked] == [("delete", "namespaces", "other")]
    assert told[-1] == "kept, with all that it holds: Namespace shop, PersistentVolumeClaim shop/data"


def test_an_edit_that_would_lose_the_data_is_refused_before_anything_is_written(
    cluster: Callable[[Objects], Objects],
):
    def claim(size: str) -> dict[str, Any]:
        return {**one("PersistentVolumeClaim", "data", "shop"), "spec": {"resources": {"requests": {"storage": size}}}}

    asked = cluster([claim("2Gi")])
    with pytest.raises(DeployError, match="claim 'data' has 2Gi and cannot shrink to 1Gi"):
        check_edits(Kubectl("here"), "shop-dev", manifests(claim("1Gi")))
    check_edits(Kubectl("here"), "shop-dev", manifests(claim("3Gi")))
    assert not asked
