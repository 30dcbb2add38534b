"""Which pods the workloads ask for in each scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from slipway.capacity.asked import Scenario
from slipway.capacity.cluster import Body, Cluster, Running, Surroundings, running_pods, surroundings
from slipway.capacity.filters import HARD
from slipway.capacity.limits import Ledger, Limits
from slipway.capacity.model import Node, Pending, Pod, Shape
from slipway.capacity.selectors import NodeTerm, Requirement, Selector, Toleration, selector_of, untolerated
from slipway.capacity.workloads import Workload, workloads
from slipway.preview.checks.fields import mapping, text
from slipway.preview.model import Manifest

# The DaemonSet controller adds them to every pod.
# https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations
_OF_DAEMONS = tuple(
    Toleration(f"node.kubernetes.io/{key}", "Exists", "", effect)
    for key, effect in (
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    )
)
_HASHES = {"Deployment": "pod-template-hash", "StatefulSet": "controller-revision-hash"}


@dataclass(frozen=True, kw_only=True)
class Wave:
    """Pods that are made at one time.

    Before them, `gone` pods of a workload have ended, and `ending` pods still take their room while they end.
    """

    pods: list[Pod]
    refused: list[Pending]
    gone: Mapping[str, int] = field(default_factory=dict[str, int])
    ending: Mapping[str, int] = field(default_factory=dict[str, int])


class Demand:
    """The pods of a stack's manifests in a cluster."""

    def __init__(self, manifests: Sequence[Manifest], cluster: Cluster) -> None:
        bodies: list[Body] = [manifest.body for manifest in manifests]
        self._objects = [*cluster.objects, *bodies]
        self.nodes = list(cluster.nodes)
        self.workloads = workloads(manifests)
        self.around: Surroundings = surroundings(self._objects)
        self.limits = Limits.among(self._objects)
        running = running_pods(cluster.pods, self.around.reader)
        # The stack's own pods are asked for anew.
        self.others = [one for one in running if not self._is_own(one)]
        self._shapes: dict[tuple[str, bool], tuple[Shape, str]] = {}

    def _is_own(self, one: Running) -> bool:
        shape = one.pod.shape
        for workload in self.workloads:
            selects = bool(workload.selector) and selector_of(workload.selector).matches(shape.labels)
            job = workload.kind == "Job" and one.owner == f"Job {workload.name}"
            if workload.namespace == shape.namespace and (selects or job):
                return True
        return False

    def waves(self, scenario: Scenario, nodes: Sequence[Node] | None = None) -> list[Wave]:
        """The pods to place, in the order in which they are made."""
        those = self.nodes if nodes is None else nodes
        ledger = self.ledger()
        first = self._wave(ledger, ((one, self._count(one, scenario), False) for one in self.workloads), those)
        if scenario is not Scenario.ROLLOUT:
            return [first]
        rolling = [one for one in self.workloads if one.surge or one.unavailable]
        # The new pods of the first step are ready, as many old ones are ending, and the next new ones are made.
        gone: dict[str, int] = {}
        ending: dict[str, int] = {}
        made: list[tuple[Workload, int, bool]] = []
        for one in rolling:
            step = one.surge + one.unavailable
            if one.on_every_node:
                made.append((one, one.surge, True))
                continue
            gone[str(one)] = min(one.unavailable, one.maximum)
            ending[str(one)] = min(step, one.maximum - gone[str(one)])
            made.append((one, min(2 * step, one.maximum), True))
            for _ in range(gone[str(one)]):
                ledger.release(self.shape(one))
        return [first, replace(self._wave(ledger, made, those), gone=gone, ending=ending)]

    def ledger(self) -> Ledger:
        """What the quotas count before the stack has any pods."""
        ledger = Ledger(self.limits)
        for one in self.others:
            ledger.charge(one.pod.shape)
        return ledger

    def _count(self, workload: Workload, scenario: Scenario) -> int:
        if scenario is Scenario.DECLARED:
            return workload.declared
        return workload.minimum if scenario is Scenario.MINIMUM else workload.maximum

    def _wave(self, ledger: Ledger, asked: Iterable[tuple[Workload, int, bool]], nodes: Sequence[Node]) -> Wave:
        pods: list[Pod] = []
        refused: list[Pending] = []
        for workload, count, renewed in asked:
            for pod in self._pods(workload, count, renewed, nodes):
                told = self._shape(workload, renewed)[1] or ledger.charge(pod.shape)
                if told:
                    refused.append(Pending(pod, told, made=False))
                else:
                    pods.append(pod)
        return Wave(pods=pods, refused=refused)

    def _pods(self, workload: Workload, count: int, renewed: bool, nodes: Sequence[Node]) -> Iterable[Pod]:
        shape, name = self.shape(workload, renewed), str(workload)
        if not workload.on_every_node:
            return (Pod(f"{workload.name}-{number}", name, shape) for number in range(count))
        # Each node has its turn in a rolling update, so each must have room for an old and a new pod.
        admitting = [node for node in nodes if _runs_daemon(shape, node)] if count or not renewed else []
        return (Pod(f"{workload.name}-{node.name}", name, _on_node(shape, node)) for node in admitting)

    def shape(self, workload: Workload, renewed: bool = False) -> Shape:
        """The shape of the workload's pods. `renewed` are those of a new version."""
        return self._shape(workload, renewed)[0]

    def _shape(self, workload: Workload, renewed: bool) -> tuple[Shape, str]:
        key = (str(workload), renewed)
        if key not in self._shapes:
            template = workload.template
            metadata, labels = mapping(template, "metadata"), mapping(template, "metadata", "labels")
            if workload.kind in _HASHES:
                labels = {**labels, _HASHES[workload.kind]: "new" if renewed else "old"}
            spec = self.limits.completed(workload.namespace, mapping(template, "spec"))
            pod = {"metadata": {**metadata, "labels": labels}, "spec": spec}
            siblings = self._siblings(workload, {key: str(value) for key, value in labels.items()})
            shape = self.around.reader.shape(workload.namespace, pod, siblings=siblings)
            if workload.on_every_node:
                shape = replace(shape, tolerations=(*shape.tolerations, *_OF_DAEMONS))
            self._shapes[key] = shape, self.limits.refusal(workload.namespace, spec)
        return self._shapes[key]

    def _siblings(self, workload: Workload, labels: dict[str, str]) -> Selector | None:
        """The pods that the scheduler keeps apart by default: those of the same Services and the same workload."""
        found = Selector()
        for namespace, selector in self._services:
            if namespace == workload.namespace and selector.matches(labels):
                found = found.also(selector.requirements)
        if workload.kind in ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"):
            found = found.also(selector_of(workload.selector).requirements)
        if workload.kind == "Deployment":
            key = _HASHES["Deployment"]
            found = found.also([Requirement(key, "In", frozenset({labels[key]}))])
        return found

    @cached_property
    def _services(self) -> list[tuple[str, Selector]]:
        return [
            (text(one, "metadata", "namespace") or "default", selector_of({"matchLabels": chosen}))
            for one in self._objects
            if one.get("kind") == "Service" and (chosen := mapping(one, "spec", "selector"))
        ]


def _runs_daemon(shape: Shape, node: Node) -> bool:
    """Whether the DaemonSet controller makes a pod for the node."""
    return shape.admits(node) and not untolerated(node.taints, shape.tolerations, HARD)


def _on_node(shape: Shape, node: Node) -> Shape:
    """The controller replaces the node affinity by the node's name."""
    named: Any = NodeTerm(fields=(Requirement("metadata.name", "In", frozenset({node.name})),))
    return replace(shape, required=(named,))
