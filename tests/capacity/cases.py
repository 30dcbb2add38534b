"""Generated cases: a few nodes, what runs on them, and pods to place, with every kind of constraint.

They are objects of the API, so that the real scheduler takes them too (tests/e2e/test_capacity.py).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from slipway.capacity.cluster import Running, node_of, running_pods, surroundings
from slipway.capacity.filters import Asked
from slipway.capacity.model import Pod
from slipway.capacity.placing import Placement, Placer
from slipway.capacity.scores import Model, score_of
from slipway.capacity.state import State

Body = dict[str, Any]
NAMESPACES: list[Body] = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": team}}}
    for name, team in (("one", "a"), ("two", "b"))
]
# Preemption would end pods that others placed, so nobody here may preempt.
PRIORITIES: list[Body] = [
    {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
        "preemptionPolicy": "Never",
    }
    for name, value in (("high", 1000), ("low", -10))
]
RUNTIME: Body = {
    "apiVersion": "node.k8s.io/v1",
    "kind": "RuntimeClass",
    "metadata": {"name": "heavy"},
    "handler": "heavy",
    "overhead": {"podFixed": {"cpu": "250m", "memory": "120Mi"}},
}
SHARED = [*NAMESPACES, *PRIORITIES, RUNTIME]
_ZONE = "topology.kubernetes.io/zone"
_HOST = "kubernetes.io/hostname"
_GPU = "example.com/gpu"


@dataclass(frozen=True)
class Case:
    """`pods` are in the order of creation. Higher priority comes first, so the scheduler takes them in this order."""

    seed: int
    nodes: list[Body]
    objects: list[Body]
    running: list[Body]
    pods: list[Body]


@dataclass(frozen=True)
class World:
    """A case as Slipway reads it."""

    state: State
    placer: Placer
    pods: dict[str, Pod]
    running: list[Running]

    def asked(self, name: str) -> Asked:
        return self.placer.asked(self.pods[name].shape)

    def place(self) -> Placement:
        return self.placer.place(self.pods.values())


def world_of(case: Case, model: Model = Model.SCHEDULER) -> World:
    """The nodes with what runs there, and the pods to place."""
    around = surroundings([*SHARED, *case.objects])
    shapes: dict[str, Any] = {}
    pods: dict[str, Pod] = {}
    for body in case.pods:
        name, namespace, workload = (body["metadata"][key] for key in ("name", "namespace", "generateName"))
        if workload not in shapes:
            shapes[workload] = around.reader.shape(namespace, body)
        pods[name] = Pod(name, workload, shapes[workload])
    state = State([node_of(node) for node in case.nodes], around.namespaces)
    running = running_pods(case.running, around.reader)
    for one in running:
        state.bind(one.pod.shape, state.index[one.node], ending=one.ending)
    return World(state, Placer(state, score_of(model, pods.values())), pods, running)


def case_of(seed: int, *, nodes: int = 6, pods: int = 20) -> Case:
    """The case of a seed: always the same."""
    return _Making(seed).case(nodes, pods)


class _Making:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.objects: list[Body] = []

    def case(self, most_nodes: int, most_pods: int) -> Case:
        nodes = [self._node(number) for number in range(self.chance.randint(2, most_nodes))]
        workloads = [self._workload(number) for number in range(self.chance.randint(1, 4))]
        running = [self._running(number, nodes, workloads) for number in range(self.chance.choice((0, 0, 2, 5)))]
        pods: list[Body] = []
        for workload in workloads:
            for replica in range(self.chance.randint(1, 8)):
                name = f"{workload['metadata']['generateName']}{replica}"
                pods.append({**workload, "metadata": {**workload["metadata"], "name": name}})
        self.chance.shuffle(pods)
        rank = {"high": 0, "low": 2}
        pods.sort(key=lambda pod: rank.get(pod["spec"].get("priorityClassName", ""), 1))
        return Case(self.seed, nodes, self.objects, running, pods[:most_pods])

    def _may(self, share: float) -> bool:
        return self.chance.random() < share

    def _any(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def _node(self, number: int) -> Body:
        name = f"c{self.seed}-n{number}"
        labels = {_HOST: name, "pool": self._any("a", "b"), "generation": self._any("1", "2", "3")}
        if not self._may(0.1):
            labels[_ZONE] = self._any("a", "b", "c")
        amounts = {
            "cpu": self._any("1", "2", "3900m", "3900m", "8"),
            "memory": self._any("1Gi", "4Gi", "8000Mi", "8000Mi"),
            "pods": self._any("3", "8", "110", "110", "110"),
            "ephemeral-storage": "10Gi",
        }
        if self._may(0.3):
            amounts[_GPU] = self._any("1", "4")
        taints = [
            {"key": self._any("dedicated", "spot"), "value": "yes", "effect": effect}
            for effect, share in (("NoSchedule", 0.15), ("NoExecute", 0.04), ("PreferNoSchedule", 0.1))
            if self._may(share)
        ]
        spec: Body = {"taints": taints} | ({"unschedulable": True} if self._may(0.05) else {})
        status = {
            "allocatable": amounts,
            "capacity": amounts,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
        }
        meta = {"name": name, "labels": labels}
        return {"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": spec, "status": status}

    def _workload(self, number: int) -> Body:
        namespace, app = self._any("one", "one", "two"), self._any("web", "db", "job")
        labels = {"app": app, "version": self._any("1", "2")}
        spec: Body = {"containers": [self._container("main")], "terminationGracePeriodSeconds": 300}
        if self._may(0.15):
            spec["containers"].append(self._container("other"))
        if self._may(0.25):
            spec["initContainers"] = [self._init(index) for index in range(self.chance.randint(1, 3))]
        if self._may(0.08):
            spec["runtimeClassName"] = "heavy"
        if self._may(0.05):
            spec["resources"] = {"requests": {"cpu": "1100m", "memory": "500Mi"}}
            spec["containers"] = [{"name": "main", "image": "x"}]
            spec.pop("initContainers", None)
        if self._may(0.2):
            spec["priorityClassName"] = self._any("high", "low")
        if self._may(0.25):
            spec["tolerations"] = [self._toleration() for _ in range(self.chance.randint(1, 2))]
        if self._may(0.12):
            spec["nodeSelector"] = self._any({"pool": "a"}, {"pool": "b"}, {_ZONE: "a"}, {"pool": "none"})
        affinity = self._affinity()
        if affinity:
            spec["affinity"] = affinity
        if self._may(0.4):
            topologies = self.chance.sample([_ZONE, _HOST, "pool"], k=self.chance.randint(1, 2))
            spec["topologySpreadConstraints"] = [self._spread(labels, topology) for topology in topologies]
        if self._may(0.12):
            spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": self._claim(number, namespace)}}]
        meta = {"namespace": namespace, "generateName": f"c{self.seed}-w{number}-", "labels": labels}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}

    def _container(self, name: str) -> Body:
        container: Body = {"name": name, "image": "registry.example.com/app:1", "resources": self._resources()}
        if self._may(0.08):
            port = {"containerPort": 80, "hostPort": self._any(80, 81), "protocol": self._any("TCP", "UDP")}
            container["ports"] = [port | ({"hostIP": self._any("10.0.0.1", "0.0.0.0")} if self._may(0.5) else {})]
        return container

    def _init(self, index: int) -> Body:
        init: Body = {"name": f"init-{index}", "image": "x", "resources": self._resources()}
        return init | ({"restartPolicy": "Always"} if self._may(0.5) else {})

    def _resources(self) -> Body:
        asked: Body = {}
        if not self._may(0.15):
            asked["cpu"] = self._any("50m", "100m", "250m", "250m", "300m", "0.5", "1")
        if not self._may(0.15):
            asked["memory"] = self._any("64Mi", "64Mi", "128Mi", "256Mi", "500M", "900Mi")
        if self._may(0.06):
            asked["ephemeral-storage"] = self._any("1Gi", "6Gi")
        limits = {"memory": "512Mi"} if "memory" not in asked and self._may(0.5) else {}
        if self._may(0.03):
            asked[_GPU] = limits[_GPU] = "1"
        return {"requests": asked, "limits": limits}

    def _toleration(self) -> Body:
        return self._any(
            {"operator": "Exists"},
            {"key": "dedicated", "operator": "Exists"},
            {"key": "spot", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
            {"key": "dedicated", "value": "no"},
            {"key": "spot", "operator": "Exists", "effect": "NoExecute"},
        )

    def _affinity(self) -> Body:
        found: Body = {}
        if self._may(0.2):
            terms = [self._node_term() for _ in range(self.chance.randint(1, 2))]
            found["nodeAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
        if self._may(0.15):
            soft = [{"weight": self.chance.randint(1, 100), "preference": self._node_term(by_name=False)}]
            found.setdefault("nodeAffinity", {})["preferredDuringSchedulingIgnoredDuringExecution"] = soft
        for kind, share in (("podAffinity", 0.12), ("podAntiAffinity", 0.18)):
            if self._may(share):
                terms = [self._pod_term() for _ in range(self._any(1, 1, 2))]
                found[kind] = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
            if self._may(0.1):
                soft = [{"weight": self.chance.randint(1, 100), "podAffinityTerm": self._pod_term()}]
                found.setdefault(kind, {})["preferredDuringSchedulingIgnoredDuringExecution"] = soft
        return found

    def _node_term(self, *, by_name: bool = True) -> Body:
        if by_name and self._may(0.2):
            names = [f"c{self.seed}-n{self.chance.randint(0, 3)}"]
            return {"matchFields": [{"key": "metadata.name", "operator": self._any("In", "NotIn"), "values": names}]}
        return {
            "matchExpressions": [
                self._any(
                    {"key": "pool", "operator": "In", "values": ["a"]},
                    {"key": "pool", "operator": "NotIn", "values": ["b"]},
                    {"key": _ZONE, "operator": "Exists"},
                    {"key": "gpu", "operator": "DoesNotExist"},
                    {"key": "generation", "operator": "Gt", "values": ["1"]},
                    {"key": "generation", "operator": "Lt", "values": ["3"]},
                    {"key": _ZONE, "operator": "NotIn", "values": ["c"]},
                )
            ]
        }

    def _selector(self) -> Body | None:
        return self._any(
            {"matchLabels": {"app": "web"}},
            {"matchLabels": {"app": "db"}},
            {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "job"]}]},
            {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
            {"matchLabels": {"app": "web", "version": "1"}},
            {},
        )

    def _pod_term(self) -> Body:
        term: Body = {"topologyKey": self._any(_ZONE, _HOST, _HOST, "pool"), "labelSelector": self._selector()}
        if self._may(0.15):
            term["namespaces"] = [self._any("one", "two")]
        if self._may(0.15):
            term["namespaceSelector"] = self._any({}, {"matchLabels": {"team": "a"}})
        if self._may(0.1) and term["labelSelector"] and "version" not in str(term["labelSelector"]):
            term[self._any("matchLabelKeys", "mismatchLabelKeys")] = ["version"]
        return term

    def _spread(self, labels: dict[str, str], topology: str) -> Body:
        own = {"matchLabels": {"app": labels["app"]}}
        constraint: Body = {
            "topologyKey": topology,
            "maxSkew": self._any(1, 1, 2, 3),
            "whenUnsatisfiable": self._any("DoNotSchedule", "DoNotSchedule", "ScheduleAnyway"),
            "labelSelector": own if self._may(0.8) else self._selector(),
        }
        if self._may(0.2) and constraint["whenUnsatisfiable"] == "DoNotSchedule":
            constraint["minDomains"] = self._any(1, 2, 3, 5)
        if self._may(0.2):
            constraint["nodeAffinityPolicy"] = self._any("Honor", "Ignore")
        if self._may(0.2):
            constraint["nodeTaintsPolicy"] = self._any("Honor", "Ignore")
        if self._may(0.15) and "version" not in str(constraint["labelSelector"]):
            constraint["matchLabelKeys"] = ["version"]
        return constraint

    def _claim(self, number: int, namespace: str) -> str:
        """A claim with its volume, bound as the controller manager would leave them."""
        name = f"c{self.seed}-v{number}"
        in_zone = self._any("a", "b")
        where: Body = {}
        labels: Body = {}
        if self._may(0.5):
            labels = {_ZONE: self._any(in_zone, f"{in_zone}__c")}
        else:
            term = {"matchExpressions": [{"key": _ZONE, "operator": "In", "values": [in_zone]}]}
            where = {"nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}}
        access = {"accessModes": ["ReadWriteMany"]}
        reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": namespace, "name": name}
        source = {"capacity": {"storage": "1Gi"}, "nfs": {"server": "10.0.0.9", "path": "/"}, "storageClassName": "s"}
        self.objects += [
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": name, "labels": labels},
                "spec": {**access, **source, **where, "claimRef": reference},
            },
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {
                    "name": name,
                    "namespace": namespace,
                    "annotations": {"pv.kubernetes.io/bind-completed": "yes"},
                },
                "spec": {
                    **access,
                    "resources": {"requests": {"storage": "1Gi"}},
                    "volumeName": name,
                    "storageClassName": "s",
                },
            },
        ]
        return name

    def _running(self, number: int, nodes: list[Body], workloads: list[Body]) -> Body:
        """A pod on a node already, whether it would fit there or not. Some are ending."""
        like = self.chance.choice(workloads)
        meta = {**like["metadata"], "name": f"c{self.seed}-r{number}"}
        if self._may(0.3):
            meta["deletionTimestamp"] = "2030-01-01T00:00:00Z"
        spec = {**like["spec"], "nodeName": self.chance.choice(nodes)["metadata"]["name"]}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
