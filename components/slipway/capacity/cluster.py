"""Nodes and what runs on them, as `kubectl get -o json` tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slipway.capacity.model import Amounts, Node, Pod
from slipway.capacity.requests import amounts
from slipway.capacity.selectors import Labels, Taint
from slipway.capacity.shapes import Reader
from slipway.capacity.volumes import Volumes
from slipway.preview.checks.fields import get, items, mapping, text

Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Running:
    """A pod that is on a node. `owner` is the name of what made it, as in `ReplicaSet web-5d8f`."""

    pod: Pod
    node: str
    ending: bool
    owner: str


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The nodes, the objects that pods refer to, and the pods that are there already."""

    nodes: Sequence[Node]
    objects: Sequence[Body] = ()
    pods: Sequence[Body] = ()
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What pods refer to by name, and the labels of the namespaces."""

    reader: Reader
    namespaces: Mapping[str, Labels] = field(default_factory=dict[str, Labels])


def surroundings(objects: Iterable[Body]) -> Surroundings:
    """Reads the objects that matter to the placement of pods. Later objects replace earlier ones of the same name."""
    claims: dict[tuple[str, str], Body] = {}
    named: dict[str, dict[str, Body]] = {}
    for body in objects:
        kind, name = text(body, "kind") or "", text(body, "metadata", "name") or ""
        if kind == "PersistentVolumeClaim":
            claims[text(body, "metadata", "namespace") or "default", name] = body
        named.setdefault(kind, {})[name] = body
    classes = named.get("PriorityClass", {})
    priorities = {name: value for name, body in classes.items() if (value := _integer(body, "value")) is not None}
    for name, body in classes.items():
        if get(body, "globalDefault", kind=bool) is True and name in priorities:
            priorities[""] = priorities[name]
    volumes = Volumes(
        claims=claims, persistent=named.get("PersistentVolume", {}), classes=named.get("StorageClass", {})
    )
    labels = {name: _labels(body) for name, body in named.get("Namespace", {}).items()}
    reader = Reader(priorities=priorities, runtimes=named.get("RuntimeClass", {}), volumes=volumes)
    return Surroundings(reader=reader, namespaces=labels)


def node_of(body: Body) -> Node:
    """A Node of the API as the placement reads it."""
    taints = [
        Taint(text(one, "key") or "", text(one, "value") or "", text(one, "effect") or "")
        for _, one in items(body, "spec", "taints")
    ]
    return Node(
        name=text(body, "metadata", "name") or "",
        allocatable=_allocatable(body),
        labels=_labels(body),
        taints=tuple(taints),
        unschedulable=get(body, "spec", "unschedulable", kind=bool) is True,
    )


def running_pods(pods: Iterable[Body], reader: Reader) -> list[Running]:
    """The pods that take room on a node. Pods that have ended take none."""
    known: dict[str, Any] = {}
    found: list[Running] = []
    for body in pods:
        node = text(body, "spec", "nodeName")
        if node is None or text(body, "status", "phase") in ("Succeeded", "Failed"):
            continue
        namespace = text(body, "metadata", "namespace") or "default"
        # Pods alike share one shape, so that a cluster of thousands of pods has few.
        key = repr((namespace, mapping(body, "metadata", "labels"), _without_names(mapping(body, "spec"))))
        if key not in known:
            unbound = {**mapping(body, "spec"), "nodeName": None}
            known[key] = reader.shape(namespace, {"metadata": mapping(body, "metadata"), "spec": unbound})
        owner = next(
            (f"{text(one, 'kind')} {text(one, 'name')}" for _, one in items(body, "metadata", "ownerReferences")), ""
        )
        name = text(body, "metadata", "name") or ""
        pod = Pod(name, f"{owner or 'Pod ' + name} in {namespace}", known[key])
        ending = text(body, "metadata", "deletionTimestamp") is not None
        found.append(Running(pod=pod, node=node, ending=ending, owner=owner))
    return found


def _without_names(spec: Body) -> Body:
    """The parts of a spec that matter here and do not differ between the pods of a workload."""
    kept = ("nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "priority", "overhead", "resources")
    holders = ("containers", "initContainers")
    parts = {key: spec[key] for key in kept if key in spec}
    parts |= {
        key: [{part: one.get(part) for part in ("resources", "ports", "restartPolicy")} for _, one in items(spec, key)]
        for key in holders
    }
    return parts | {"hostNetwork": spec.get("hostNetwork")}


def _allocatable(body: Body) -> Amounts:
    return amounts(mapping(body, "status", "allocatable") or mapping(body, "status", "capacity"))


def _labels(body: Body) -> Labels:
    return {key: str(value) for key, value in mapping(body, "metadata", "labels").items()}


def _integer(body: Body, name: str) -> int | None:
    value = get(body, name, kind=int)
    return value if isinstance(value, int) else None
