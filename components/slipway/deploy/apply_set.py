"""Applies a stack's objects, and deletes those that are no longer in the program.

kubectl tracks the objects as an ApplySet: each member has a label, and a parent object records the kinds.
https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#alternative-kubectl-apply-f-directory-prune

kubectl wants the parent in the namespace of its members, so there is one ApplySet per namespace. The namespaces
themselves cannot be members, because their own ApplySet would be deleted with them. A label of ours says which
stack owns them. What outlives the stack is no member either: it has the same label, and nothing here deletes it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.ownership import take_over
from slipway.deploy.replicas import MANAGER, Scaled, hand_over, retired, scaled
from slipway.deploy.set_parents import PART_OF, delete_set, record, set_id, sets
from slipway.preview.manifests import is_kept
from slipway.preview.model import Manifest

OWNER = "slipway/stack"
"""The label on a namespace that names the stack which owns it."""

Bodies = list[dict[str, Any]]


class ApplySet:
    """The objects of the stack `owner`, from its `manifests`."""

    def __init__(self, kubectl: Kubectl, owner: str, manifests: Iterable[Manifest]) -> None:
        self._kubectl = kubectl
        self._owner = owner
        self._namespaces: Bodies = []
        self._kept: Bodies = []
        self.members: dict[str, Bodies] = {}
        cluster_wide: Bodies = []
        known = list(manifests)
        self._scaled = scaled(known)
        self._urns: dict[int, str] = {}
        for manifest in known:
            body = copy.deepcopy(manifest.body)
            self._urns[id(body)] = manifest.urn
            if manifest.kind == "Namespace":
                self._namespaces.append(_labelled(body, OWNER, owner))
            elif is_kept(body):
                self._kept.append(_labelled(body, OWNER, owner))
            elif manifest.namespace:
                self.members.setdefault(manifest.namespace, []).append(body)
            else:
                cluster_wide.append(body)
        if cluster_wide:
            # Cluster-wide objects may be members of any set. They are in the first one, because a
            # CustomResourceDefinition must come before the objects of its kind.
            first = min(self.members, default="default")
            self.members = {first: [*cluster_wide, *self.members.pop(first, [])], **self.members}
        for workload in self._scaled:
            for body in self._bodies_of(workload):
                body["spec"] = {key: value for key, value in body.get("spec", {}).items() if key != "replicas"}

    def check_namespaces(self) -> None:
        """Raises DeployError for a namespace that the stack does not own: removing the stack would delete it."""
        declared = {body["metadata"]["name"] for body in self._namespaces}
        for found in self._kubectl.get("namespaces") if declared else ():
            name, owner = found["metadata"]["name"], found["metadata"].get("labels", {}).get(OWNER)
            if name in declared and owner != self._owner:
                whose = f"belongs to {owner}" if owner else "was there before"
                raise DeployError(
                    f"namespace {name} {whose}, and {self._owner} would delete it when it goes: let the stack declare "
                    f"another, or hand it over by `kubectl label namespace {name} --overwrite {OWNER}={self._owner}`"
                )

    def apply(self, waiting: Collection[str] = ()) -> None:
        """Creates and changes all objects but those that are `waiting`, by URN. Deletes none: pods may need them.

        Members get their label at once, and their kinds are recorded before. So if this fails or is killed halfway,
        a later run still finds members that have left the program, and `down` finds all.
        """
        if self._namespaces:
            self._send(self._namespaces)
        if self._kept:
            self._send(self._kept)
        parents = sets(self._kubectl, self._owner)
        for namespace, bodies in self.members.items():
            # Before the number of pods is handed on: only what we own can be.
            take_over(self._kubectl, bodies)
            for name in retired(self._kubectl, namespace, self.selector(namespace), bodies):
                self._kubectl.run("delete", "hpa", name, "--namespace", namespace, "--ignore-not-found")
            new = [one for one in self._scaled if one.namespace == namespace and not hand_over(self._kubectl, one)]
            own = set_id(self._owner, namespace)
            gone_on = [body for body in bodies if self._urns[id(body)] not in waiting]
            sent = [_labelled(_started(body, new), PART_OF, own) for body in gone_on]
            self._send_members(namespace, sent, parents.get(namespace))
            for workload in new:
                hand_over(self._kubectl, workload)

    def declared(self, live: Iterable[dict[str, Any]]) -> Bodies:
        """All objects as `apply` sends them, given the `live` ones."""
        pods = {_key(body): body["spec"].get("replicas") for body in live if "replicas" in body.get("spec", {})}
        members = [
            _labelled(copy.deepcopy(body), PART_OF, set_id(self._owner, namespace))
            for namespace, bodies in self.members.items()
            for body in bodies
        ]
        for body in members:
            if _key(body) in pods and any(one.is_(body) for one in self._scaled):
                body["spec"]["replicas"] = pods[_key(body)]
        return [*self._namespaces, *self._kept, *members]

    def _bodies_of(self, workload: Scaled) -> Bodies:
        return [body for body in self.members.get(workload.namespace, []) if workload.is_(body)]

    def selector(self, namespace: str) -> str:
        """The label selector for exactly the members of the set in a namespace."""
        return f"{PART_OF}={set_id(self._owner, namespace)}"

    def prune(self, kept: Mapping[str, Bodies]) -> list[str]:
        """Deletes what is no longer declared, except the objects in `kept` (by namespace). Returns a line for each."""
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
            *(*APPLY, "--namespace", namespace, "--prune", f"--applyset=configmaps/{self._owner}"),
            stdin=_stream([*kept, *self.members[namespace]]),
            environment={"KUBECTL_APPLYSET": "true"},
        )
        return [line for line in said.splitlines() if line.endswith(" pruned")]

    def _send_members(self, namespace: str, bodies: Bodies, parent: dict[str, Any] | None) -> None:
        definitions = [body for body in bodies if body["kind"] == "CustomResourceDefinition"]
        if definitions and definitions != bodies:
            # The API server serves a new kind only a moment after it has accepted the definition.
            self._send_members(namespace, definitions, parent)
            names = [f"crd/{body['metadata']['name']}" for body in definitions]
            self._kubectl.run("wait", "--for=condition=Established", "--timeout=60s", *names)
        record(self._kubectl, self._owner, namespace, bodies, parent)
        self._send(bodies, "--namespace", namespace)

    def _send(self, bodies: Bodies, *arguments: str) -> None:
        self._kubectl.run(*APPLY, *arguments, stdin=_stream(bodies))


# The program is the truth: a declared field that somebody changed by hand is changed back.
APPLY = ("apply", "--server-side", "--force-conflicts", f"--field-manager={MANAGER}", "--filename=-")


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


def _started(body: dict[str, Any], new: Iterable[Scaled]) -> dict[str, Any]:
    """A copy of the object. If it is one of the `new` workloads, it has its initial number of pods."""
    made = copy.deepcopy(body)
    for workload in new:
        if workload.is_(body) and workload.initial is not None:
            made["spec"]["replicas"] = workload.initial
    return made


def _key(body: dict[str, Any]) -> tuple[str, str | None, str]:
    return body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"]


def _labelled(body: dict[str, Any], key: str, value: str) -> dict[str, Any]:
    body["metadata"]["labels"] = {**(body["metadata"].get("labels") or {}), key: value}
    return body


def _stream(bodies: Bodies) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})
