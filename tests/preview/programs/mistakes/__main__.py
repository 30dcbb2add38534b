"""Five marked mistakes, and nothing else wrong."""

from typing import Any

import pulumi_kubernetes as k8s

LABELS = {"app.kubernetes.io/name": "web"}

k8s.core.v1.Namespace("shop", metadata={"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}})
k8s.core.v1.ConfigMap("settings", metadata={"name": "settings", "namespace": "shop"}, data={"greeting": "hello"})
container: dict[str, Any] = {
    "name": "web",
    "image": "registry.example.com/web:1.2.3",
    "ports": [{"name": "http", "containerPort": 8080}],
    "readinesProbe": {"httpGet": {"path": "/readyz", "port": "http"}},  # 1: a letter is missing
    "envFrom": [{"configMapRef": {"name": "setings"}}],  # 2: another missing letter
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
    "securityContext": {
        "allowPrivilegeEscalation": True,  # 3: a restricted namespace forbids it
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}
pod: Any = {"containers": [container]}
k8s.apps.v1.Deployment(
    "web",
    metadata={"name": "web", "namespace": "shop"},
    spec={
        "selector": {"match_labels": LABELS},
        "template": {"metadata": {"labels": LABELS}, "spec": pod},
    },
)
k8s.core.v1.ConfigMap("also", metadata={"name": "settings", "namespace": "shop"}, data={"greeting": "hi"})  # 4: again
k8s.autoscaling.v2.HorizontalPodAutoscaler(
    "web",
    metadata={"name": "web", "namespace": "shop"},
    spec={
        "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": "wbe"},  # 5: no such Deployment
        "min_replicas": 2,
        "max_replicas": 4,
    },
)
