"""What takes objects out of a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.apply_set import ApplySet
from deploy.kubectl import Kubectl

_SET = {"applyset.kubernetes.io/id": "applyset-x-v1"}
_KINDS = {"applyset.kubernetes.io/contains-group-kinds": "ConfigMap,Deployment.apps"}


def test_every_deletion_may_be_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a connection that broke, nobody knows whether the first one has come through."""
    parent = {"metadata": {"namespace": "former", "name": "shop-dev", "labels": _SET, "annotations": _KINDS}}
    asked: list[tuple[str, ...]] = []

    def get(_: Kubectl, kind: str, *__: str) -> list[dict[str, Any]]:
        return [parent] if kind == "configmaps" else [{"metadata": {"name": "former"}}]

    def run(_: Kubectl, *arguments: str) -> str:
        asked.append(arguments)
        return ""

    monkeypatch.setattr(Kubectl, "get", get)
    monkeypatch.setattr(Kubectl, "run", run)
    told = ApplySet(Kubectl("here"), "shop-dev", []).prune({})
    assert told == ["all in namespace former pruned", "namespace/former pruned"]
    assert [one[:2] for one in asked] == [
        ("delete", "ConfigMap,Deployment.apps"),
        ("delete", "configmap"),
        ("delete", "namespace"),
    ]
    assert all("--ignore-not-found" in one for one in asked)
