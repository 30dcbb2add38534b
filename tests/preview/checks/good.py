"""A set of manifests without mistakes, and ways to change one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from slipway.preview.checks import check
from slipway.preview.model import Finding, Manifest

Body = dict[str, Any]
Change = Callable[[Body], object]

LABELS = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "shop"}
CONTAINER = "spec.template.spec.containers[0]"
"""The path of the one container of the good Deployment."""


def bodies() -> dict[str, Body]:
    """The good set by kind, as new copies that share nothing."""
    return json.loads(json.dumps(_bodies()))


def _bodies() -> dict[str, Body]:
    return {
        "Namespace": {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": "shop",
                "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
            },
        },
        "ConfigMap": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "web-config-1a2b3c4d", "namespace": "shop", "labels": LABELS},
            "data": {"app.yaml": "greeting: hello\n"},
            "immutable": True,
        },
        "Secret": {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "web-secret", "namespace": "shop", "labels": LABELS},
            "type": "Opaque",
            "stringData": {"API_TOKEN": "not-so-secret"},
        },
        "ServiceAccount": {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "web", "namespace": "shop"},
        },
        "Deployment": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop", "labels": LABELS},
            "spec": {
                "selector": {"matchLabels": LABELS},
                "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
                "template": {
                    "metadata": {"labels": LABELS, "annotations": {"example.com/note": "hello"}},
                    "spec": {
                        "serviceAccountName": "web",
                        "securityContext": {
                            "runAsNonRoot": True,
                            "seccompProfile": {"type": "RuntimeDefault"},
                        },
                        "containers": [_container()],
                        "volumes": [
                            {"name": "config", "configMap": {"name": "web-config-1a2b3c4d"}},
                            {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
                        ],
                    },
                },
            },
        },
        "Service": {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "shop", "labels": LABELS},
            "spec": {
                "selector": LABELS,
                "ports": [
                    {"name": "http", "port": 80, "targetPort": "http"},
                    {"name": "grpc", "port": 50021, "targetPort": 50021, "protocol": "TCP"},
                ],
            },
        },
        "HorizontalPodAutoscaler": {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web", "namespace": "shop", "labels": LABELS},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                "minReplicas": 2,
                "maxReplicas": 6,
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {
                            "name": "cpu",
                            "target": {"type": "Utilization", "averageUtilization": 70},
                        },
                    }
                ],
            },
        },
        "PodDisruptionBudget": {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": LABELS}},
        },
        "Ingress": {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {
                "rules": [
                    {
                        "host": "shop.example.com",
                        "http": {
                            "paths": [
                                {
                                    "path": "/",
                                    "pathType": "Prefix",
                                    "backend": {"service": {"name": "web", "port": {"name": "http"}}},
                                }
                            ]
                        },
                    }
                ]
            },
        },
    }


def _container() -> Body:
    probe: Body = {"httpGet": {"path": "/readyz", "port": "http"}}
    return {
        "name": "web",
        "image": "registry.example.com/web:0123456789ab",
        "imagePullPolicy": "IfNotPresent",
        "ports": [
            {"name": "http", "containerPort": 8080},
            {"name": "grpc", "containerPort": 50021},
        ],
        "env": [
            {"name": "LOG_LEVEL", "value": "info"},
            {
                "name": "API_TOKEN",
                "valueFrom": {"secretKeyRef": {"name": "web-secret", "key": "API_TOKEN"}},
            },
        ],
        "envFrom": [{"secretRef": {"name": "extras", "optional": True}}],
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "128Mi"},
        },
        "readinessProbe": probe,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/web", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }


def another_container(**fields: Any) -> Body:
    """A valid second container, with `fields` changed."""
    keep = ("image", "resources", "securityContext")
    body = {key: value for key, value in _container().items() if key in keep}
    return {"name": "helper", **body, **fields}


def manifest(body: Any, urn: str | None = None, source: str | None = None) -> Manifest:
    """`body` as the preview would pass it to the checks."""
    name = urn or f"urn:pulumi:dev::shop::{id(body)}"
    return Manifest(urn=name, body=body, source=source)


def findings(
    change: Change | None = None,
    *,
    of: str = "Deployment",
    extra: Sequence[Body] = (),
    without: Sequence[str] = (),
    version: str = "1.36",
) -> list[Finding]:
    """The findings in the good set after `change` to the body of kind `of`."""
    changed = {kind: body for kind, body in bodies().items() if kind not in without}
    if change is not None:
        change(changed[of])
    every = [*changed.values(), *extra]
    return check([manifest(body) for body in every], kubernetes_version=version)


def put(path: str, value: Any) -> Change:
    """Sets the field at a path such as `spec.ports[0].name`, and creates missing mappings."""

    def change(body: Body) -> None:
        *parents, last = _steps(path)
        _below(body, parents)[last] = value

    return change


def drop(path: str) -> Change:
    """Removes the field at a path."""

    def change(body: Body) -> None:
        *parents, last = _steps(path)
        del _below(body, parents)[last]

    return change


def add(path: str, *values: Any) -> Change:
    """Appends to the list at a path, and creates the list if it is missing."""

    def change(body: Body) -> None:
        *parents, last = _steps(path)
        parent = _below(body, parents)
        parent[last] = [*parent.get(last, []), *values]

    return change


def both(*changes: Change) -> Change:
    """Makes one change after the other."""

    def change(body: Body) -> None:
        for one in changes:
            one(body)

    return change


def _below(body: Body, steps: Sequence[str | int]) -> Any:
    node: Any = body
    for step in steps:
        if isinstance(step, str) and step not in node:
            node[step] = {}
        node = node[step]
    return node


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in path.split("."):
        key, *indexes = part.split("[")
        steps.append(key)
        steps += [int(index.rstrip("]")) for index in indexes]
    return steps
