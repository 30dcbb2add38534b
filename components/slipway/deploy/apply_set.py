"""Puts a stack's objects into the cluster, and takes out what has left the program.

kubectl keeps account of them as an ApplySet: a label on each member, and a parent object that knows
the kinds. https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#alternative-kubectl-apply-f-directory-prune

kubectl wants the parent in the namespace of the members, so there is one set a namespace. The
namespaces themselves cannot be members, as their own set would go with them: a label of ours tells
to which stack they belong. Nor is what outlives the stack: it has the same label, and nothing here deletes it.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.replicas import MANAGER, Scaled, hand_over, retired, scaled
from slipway.preview.manifests import is_kept
from slipway.preview.model import Manifest

OWNER = "slipway/stack"
"""The label on a namespace that tells to which stack it belongs."""

_PART_OF = "applyset.kubernetes.io/part-of"

Bodies = list[dict[str, Any]]


class ApplySet:
    """The objects of the stack `owner`, as `manifests` has them."""

    def __init__(self, kubectl: Kubectl, owner: str, manifests: Iterable[Manifest]) -> None:
        self._kubectl = kubectl
        self._owner = owner
        self._namespaces: Bodies = []
        self._kept: Bodies = []
        self.members: dict[str, Bodies] = {}
        cluster_wide: Bodies = []
        known = list(manifests)
        self._scaled = scaled(known)
        for manifest in known:
            body = copy.deepcopy(manifest.body)
            if manifest.kind == "Namespace":
                self._namespaces.append(_labelled(body, OWNER, owner))
            elif is_kept(body):
                self._kept.append(_labelled(body, OWNER, owner))
            elif manifest.namespace:
                self.members.setdefault(manifest.namespace, []).append(body)
            else:
                cluster_wide.append(body)
        if cluster_wide:
            # A set may have members that live in no namespace; any one of the sets will do. It comes first, as a
            # definition comes before the objects of its kind.
            first = min(self.members, default="default")
            self.members = {first: [*cluster_wide, *self.members.pop(first, [])], **self.members}
        for workload in self._scaled:
            for body in self._bodies_of(workload):
                body["spec"] = {key: value for key, value in body.get("spec", {}).items() if key != "replicas"}

    def check_namespaces(self) -> None:
        """Raises DeployError for a namespace that is somebody else's: to remove the stack would delete it."""
        declared = {body["metadata"]["name"] for body in self._namespaces}
        for found in self._kubectl.get("namespaces") if declared else ():
            name, owner = found["metadata"]["name"], found["metadata"].get("labels", {}).get(OWNER)
            if name in declared and owner != self._owner:
                whose = f"belongs to {owner}" if owner else "was there before"
                raise DeployError(
                    f"namespace {name} {whose}, and {self._owner} would delete it when it goes: let the stack declare "
                    f"another, or hand it over by `kubectl label namespace {name} --overwrite {OWNER}={self._owner}`"
                )

    def apply(self) -> None:
        """Creates and changes; takes nothing out, as pods may still need it.

        Members carry their label from the start, so that one that leaves the program is found even
        if this is killed halfway.
        """
        if self._namespaces:
            self._send(self._namespaces)
        if self._kept:
            self._send(self._kept)
        for namespace, bodies in self.members.items():
            for name in retired(self._kubectl, namespace, self.selector(namespace), bodies):
                self._kubectl.run("delete", "hpa", name, "--namespace", namespace, "--ignore-not-found")
            new = [one for one in self._scaled if one.namespace == namespace and not hand_over(self._kubectl, one)]
            set_id = _set_id(self._owner, namespace)
            sent = [_labelled(_started(body, new), _PART_OF, set_id) for body in bodies]
            self._send(sent, "--namespace", namespace)
            for workload in new:
                hand_over(self._kubectl, workload)

    def _bodies_of(self, workload: Scaled) -> Bodies:
        return [body for body in self.members.get(workload.namespace, []) if workload.is_(body)]

    def selector(self, namespace: str) -> str:
        """By which the members of the set in a namespace are found, and nobody else's."""
        return f"{_PART_OF}={_set_id(self._owner, namespace)}"

    def prune(self, kept: Mapping[str, Bodies]) -> list[str]:
        """Takes out what is no longer declared, but for what is `kept` by namespace; says what went."""
        told = [line for name in self.members for line in self._prune(name, kept.get(name, []))]
        for namespace, parent in sets(self._kubectl, self._owner).items():
            if namespace not in self.members:
                delete_set(self._kubectl, parent)
                told.append(f"all in namespace {namespace} pruned")
        declared = {body["metadata"]["name"] for body in self._namespaces}
        left = [name for name in deleted_namespaces(self._kubectl, self._owner) if name not in declared]
        for name in left:
            self._kubectl.run("delete", "namespace", name, "--wait=false", "--ignore-not-found")
        return [*told, *(f"namespace/{name} pruned" for name in left)]

    def _prune(self, namespace: str, kept: Bodies) -> list[str]:
        said = self._kubectl.run(
            *(*_APPLY, "--namespace", namespace, "--prune", f"--applyset=configmaps/{self._owner}"),
            stdin=_stream([*kept, *self.members[namespace]]),
            environment={"KUBECTL_APPLYSET": "true"},
        )
        return [line for line in said.splitlines() if line.endswith(" pruned")]

    def _send(self, bodies: Bodies, *arguments: str) -> None:
        definitions = [body for body in bodies if body["kind"] == "CustomResourceDefinition"]
        if definitions and definitions != bodies:
            # The API server knows a kind a moment after it took the definition.
            self._send(definitions, *arguments)
            names = [f"crd/{body['metadata']['name']}" for body in definitions]
            self._kubectl.run("wait", "--for=condition=Established", "--timeout=60s", *names)
        self._kubectl.run(*_APPLY, *arguments, stdin=_stream(bodies))


# The program is the truth: a field that somebody else has changed by hand is changed back.
_APPLY = ("apply", "--server-side", "--force-conflicts", f"--field-manager={MANAGER}", "--filename=-")


def deleted_namespaces(kubectl: Kubectl, owner: str) -> list[str]:
    """The namespaces that the stack made, but for those that outlive it."""
    found = kubectl.get("namespaces", "--selector", f"{OWNER}={owner}")
    return [one["metadata"]["name"] for one in found if not is_kept(one)]


def outliving(kubectl: Kubectl, owner: str) -> list[str]:
    """What the stack made and leaves behind, as a person names it."""
    found = kubectl.get(
        "persistentvolumes,persistentvolumeclaims,namespaces", "--all-namespaces", f"--selector={OWNER}={owner}"
    )
    return [str(Manifest(urn="", body=one)) for one in found if is_kept(one)]


def sets(kubectl: Kubectl, owner: str) -> dict[str, dict[str, Any]]:
    """The parents of the stack's sets, by the namespace they are in, be it the stack's own or not."""
    found = kubectl.get(
        "configmaps",
        "--all-namespaces",
        "--selector=applyset.kubernetes.io/id",
        f"--field-selector=metadata.name={owner}",
    )
    return {one["metadata"]["namespace"]: one for one in found}


def delete_set(kubectl: Kubectl, parent: dict[str, Any]) -> None:
    """Deletes the members of a set, and then its parent, which knows their kinds."""
    metadata = parent["metadata"]
    place = ("--namespace", metadata["namespace"])
    if kinds := metadata.get("annotations", {}).get("applyset.kubernetes.io/contains-group-kinds"):
        set_id = metadata["labels"]["applyset.kubernetes.io/id"]
        kubectl.run("delete", kinds, *place, "--selector", f"{_PART_OF}={set_id}", "--ignore-not-found")
    kubectl.run("delete", "configmap", metadata["name"], *place, "--ignore-not-found")


def _set_id(owner: str, namespace: str) -> str:
    """As kubectl computes it: from the parent's name, namespace, kind and group."""
    digest = hashlib.sha256(f"{owner}.{namespace}.ConfigMap.".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"


def _started(body: dict[str, Any], new: Iterable[Scaled]) -> dict[str, Any]:
    """A copy of the object; with as many pods as it starts with, where it is one of the new workloads."""
    made = copy.deepcopy(body)
    for workload in new:
        if workload.is_(body) and workload.initial is not None:
            made["spec"]["replicas"] = workload.initial
    return made


def _labelled(body: dict[str, Any], key: str, value: str) -> dict[str, Any]:
    body["metadata"]["labels"] = {**(body["metadata"].get("labels") or {}), key: value}
    return body


def _stream(bodies: Bodies) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})
