"""The parents of a stack's ApplySets: ConfigMaps that record which kinds of objects the members are.

kubectl writes them when it prunes. They are written here before the first member is, as an update may end in between.
https://kubernetes.io/docs/reference/labels-annotations-taints/#applyset-kubernetes-io-contains-group-kinds
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from slipway.deploy.kubectl import Kubectl

PART_OF = "applyset.kubernetes.io/part-of"
"""The label on a member, with the id of its set."""

_ID = "applyset.kubernetes.io/id"
_KINDS = "applyset.kubernetes.io/contains-group-kinds"
_TOOL = {"applyset.kubernetes.io/tooling": "kubectl/v1.36"}
"""kubectl takes over only what says so, of any version, and then writes its own."""


def record(
    kubectl: Kubectl, owner: str, namespace: str, members: Iterable[dict[str, Any]], parent: dict[str, Any] | None
) -> None:
    """Adds the kinds of `members` to those that the `parent` records, and makes it if it is not there."""
    before = set(recorded(parent)) if parent else set[str]()
    kinds = before | {_group_kind(body) for body in members}
    if kinds == before:
        return
    metadata = {
        "name": owner,
        "namespace": namespace,
        "labels": {_ID: set_id(owner, namespace)},
        "annotations": {**_TOOL, _KINDS: ",".join(sorted(kinds))},
    }
    completed = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    # The manager is kubectl's own, so that it meets no conflict.
    kubectl.run(
        *("apply", "--server-side", "--force-conflicts", "--field-manager=kubectl-applyset", "--filename=-"),
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [completed]}),
    )


def _group_kind(body: dict[str, Any]) -> str:
    group = body["apiVersion"].rpartition("/")[0]
    return f"{body['kind']}.{group}" if group else body["kind"]


def recorded(parent: dict[str, Any]) -> list[str]:
    """The kinds of the members, as `kubectl` takes them."""
    kinds: str = parent["metadata"].get("annotations", {}).get(_KINDS, "")
    return [kind for kind in kinds.split(",") if kind]


def sets(kubectl: Kubectl, owner: str) -> dict[str, dict[str, Any]]:
    """The parents of the stack's sets by namespace, whether the stack owns the namespace or not."""
    found = kubectl.get(
        "configmaps",
        "--all-namespaces",
        f"--selector={_ID}",
        f"--field-selector=metadata.name={owner}",
    )
    return {one["metadata"]["namespace"]: one for one in found}


def delete_set(kubectl: Kubectl, parent: dict[str, Any]) -> None:
    """Deletes the members of a set, then its parent. The parent is last, because it records the kinds."""
    metadata = parent["metadata"]
    place = ("--namespace", metadata["namespace"])
    kinds = recorded(parent)
    # A volume is there until its claim is gone, and that may be in a namespace that is deleted later.
    volumes = [kind for kind in kinds if kind == "PersistentVolume"]
    others = [kind for kind in kinds if kind not in volumes]
    for some, wait in ((volumes, "--wait=false"), (others, "--wait=true")):
        if some:
            selector = f"--selector={PART_OF}={set_id_of(parent)}"
            kubectl.run("delete", ",".join(some), *place, selector, "--ignore-not-found", wait)
    kubectl.run("delete", "configmap", metadata["name"], *place, "--ignore-not-found")


def set_id_of(parent: dict[str, Any]) -> str:
    return parent["metadata"]["labels"][_ID]


def set_id(owner: str, namespace: str) -> str:
    """The id as kubectl computes it, from the parent's name, namespace, kind and group."""
    digest = hashlib.sha256(f"{owner}.{namespace}.ConfigMap.".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"
