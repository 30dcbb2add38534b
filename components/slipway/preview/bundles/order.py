"""The order in which the provider registers a bundle's children."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

# https://github.com/kubernetes-sigs/cli-utils (pkg/ordering); kinds in neither list come in between.
_FIRST = (
    "Namespace ResourceQuota StorageClass CustomResourceDefinition MutatingWebhookConfiguration ServiceAccount Role "
    "ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Service LimitRange PriorityClass Deployment "
    "StatefulSet CronJob PodDisruptionBudget"
).split()
_INDEX = {kind: place - len(_FIRST) for place, kind in enumerate(_FIRST)} | {"ValidatingWebhookConfiguration": 1}


def place(body: Object, defined: set[tuple[str, str]], namespaces: set[str]) -> tuple[bool, int, str, str, str, str]:
    """The sort key of a child.

    A child that waits for another one in the bundle comes later: its kind (group and kind) is `defined` in the
    bundle, or it is in one of the bundle's `namespaces`. Then children sort by kind, group, namespace and name.
    """
    group, kind, metadata = body["apiVersion"].rpartition("/")[0], body["kind"], body["metadata"]
    namespace = str(metadata.get("namespace") or "")
    known = "." not in group or group.endswith(".k8s.io")
    waits = (group, kind) in defined or namespace in namespaces
    return waits, _INDEX.get(kind, 0) if known else 0, group, kind, namespace, str(metadata["name"])
