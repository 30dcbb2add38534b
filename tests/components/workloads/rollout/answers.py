"""A cluster that answers what one answered where a service did not come up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

IMAGE = "registry.example.com/shop/web:1.2.3"
DEPLOYMENT: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "uid": "deployment", "generation": 2},
    "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}},
    "status": {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1},
}
_REPLICA_SET: dict[str, Any] = {
    "kind": "ReplicaSet",
    "metadata": {
        "name": "web-2",
        "namespace": "shop",
        "uid": "new",
        "annotations": {"deployment.kubernetes.io/revision": "2"},
        "ownerReferences": [{"uid": "deployment"}],
    },
}
_OLD: dict[str, Any] = {
    "kind": "ReplicaSet",
    "metadata": {
        **_REPLICA_SET["metadata"],
        "name": "web-1",
        "uid": "old",
        "annotations": {"deployment.kubernetes.io/revision": "1"},
    },
}
_SPEC: dict[str, Any] = {
    "containers": [
        {
            "name": "web",
            "image": IMAGE,
            "ports": [{"name": "http", "containerPort": 9090}, {"name": "grpc", "containerPort": 50021}],
            "env": [
                {"name": "PLAIN", "value": "x"},
                {
                    "name": "LOG_LEVEL",
                    "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "LEVLE"}},
                },
            ],
            "volumeMounts": [{"name": "etc-settings", "mountPath": "/etc/settings"}],
            "resources": {"limits": {"memory": "128Mi"}},
            "startupProbe": {"httpGet": {"path": "/livez", "port": "http"}},
            "livenessProbe": {"httpGet": {"path": "/livez", "port": "http"}},
            "readinessProbe": {"httpGet": {"path": "/readyz", "port": "grpc"}},
        }
    ]
}
CREATING: dict[str, Any] = {"waiting": {"reason": "ContainerCreating"}}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def terminated(code: int, reason: str = "Error") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason}}


def pod(
    state: dict[str, Any], before: dict[str, Any] | None = None, *, old: bool = False, **spec: Any
) -> dict[str, Any]:
    """One with one container, not ready but for an `old` one."""
    status = {"name": "web", "ready": old, "state": state, "lastState": before or {}}
    owner = "old" if old else "new"
    return {
        "kind": "Pod",
        "metadata": {"name": f"web-{owner}", "namespace": "shop", "uid": owner, "ownerReferences": [{"uid": owner}]},
        "spec": {**_SPEC, **spec},
        "status": {
            "conditions": [{"type": "Ready", "status": str(old)}],
            "containerStatuses": [status],
        },
    }


def event(reason: str, message: str) -> dict[str, Any]:
    path = "spec.containers{web}"
    return {"reason": reason, "message": message, "count": 3, "involvedObject": {"fieldPath": path}}


@dataclass(kw_only=True)
class Answers:
    """Has the Deployment `web` with one pod of an old version that serves, and what is given of the new one."""

    pods: Sequence[dict[str, Any]] = ()
    events: Sequence[dict[str, Any]] = ()
    log: Sequence[str] = ()
    conditions: Sequence[dict[str, Any]] = ()
    asked: list[str] = field(default_factory=list[str])

    @property
    def deployment(self) -> dict[str, Any]:
        return {**DEPLOYMENT, "status": {**DEPLOYMENT["status"], "conditions": list(self.conditions)}}

    def get(self, *arguments: str) -> list[dict[str, Any]]:
        self.asked.append(" ".join(arguments))
        match arguments[0]:
            case "Deployment":
                return [self.deployment]
            case "replicasets,pods":
                return [_OLD, _REPLICA_SET, pod({"running": {}}, old=True), *self.pods]
            case "events":
                return list(self.events) if any("uid=new," in one for one in arguments) else []
            case other:
                raise AssertionError(f"nobody asked for {other} so far")

    def logs(self, pod: dict[str, Any], container: str, *, lines: int, previous: bool) -> list[str]:
        assert pod["metadata"]["uid"] == "new", "the log of an old pod tells nothing of the new version"
        return list(self.log[-lines:]) if previous else []
