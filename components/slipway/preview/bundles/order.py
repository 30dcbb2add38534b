"""The order in which the provider registers a bundle's children, and gives them as its resources."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

# https://github.com/kubernetes-sigs/cli-utils (pkg/ordering); what is not named comes between the two.
_FIRST = (
    "Namespace ResourceQuota StorageClass CustomResourceDefinition MutatingWebhookConfiguration ServiceAccount Role "
    "ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Service LimitRange PriorityClass Deployment "
    "StatefulSet CronJob PodDisruptionBudget"
).split()
_INDEX = {kind: place - len(_FIRST) for place, kind in enumerate(_FIRST)} | {"ValidatingWebhookConfiguration": 1}


def place(body: Object, defined: set[tuple[str, str]], namespaces: set[str]) -> tuple[bool, int, str, str, str, str]:
    """What a child sorts by.

    First what waits for nothing in the bundle, then what is of a kind that is `defined` in it (group and
    kind) or lives in one of its `namespaces`. Among these, by kind, group, namespace and name.
    """
    group, kind, metadata = body["apiVersion"].rpartition("/")[0], body["kind"], body["metadata"]
    namespace = str(metadata.get("namespace") or "")
    known = "." not in group or group.endswith(".k8s.io")
    waits = (group, kind) in defined or namespace in namespaces
    return waits, _INDEX.get(kind, 0) if known else 0, group, kind, namespace, str(metadata["name"])
