"""A broken pod of a former version blocks an ordered StatefulSet: it is told, and `apply` deletes it, and no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from slipway.deploy import rollout
from slipway.workloads.rollout.faults import fault_of, stuck

CRASHED = {"waiting": {"reason": "CrashLoopBackOff"}}
FIRST = {"terminated": {"exitCode": 1}}


def pod(name: str = "db-0", revision: str = "db-1", state: Any = CRASHED, **metadata: Any) -> dict[str, Any]:
    status: dict[str, Any] = {
        "name": "db",
        "ready": state is None,
        "state": state or {"running": {}},
        "lastState": FIRST,
    }
    labels = {"controller-revision-hash": revision}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "labels": labels, **metadata},
        "spec": {"containers": [{"name": "db", "image": "db:1"}]},
        "status": {"conditions": [{"type": "Ready", "status": str(state is None)}], "containerStatuses": [status]},
    }


@dataclass
class Cluster:
    """Has the StatefulSet `db`, whose current version is `db-2`, and these pods."""

    pods: list[dict[str, Any]]
    spec: dict[str, Any] = field(default_factory=dict[str, Any])
    seen: int = 2
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    @property
    def workload(self) -> dict[str, Any]:
        done = all(one["metadata"]["labels"]["controller-revision-hash"] == "db-2" for one in self.pods)
        count = {"replicas": 1, "updatedReplicas": int(done), "availableReplicas": int(done)}
        return {
            "kind": "StatefulSet",
            "metadata": {"name": "db", "namespace": "shop", "uid": "set", "generation": 2},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "db"}}, **self.spec},
            "status": {"observedGeneration": self.seen, "updateRevision": "db-2", **count},
        }

    def get(self, *arguments: str) -> list[dict[str, Any]]:
        return {"StatefulSet": [self.workload], "replicasets,pods": self.pods}.get(arguments[0], [])

    def logs(self, *_: Any, **__: Any) -> list[str]:
        return ["no such flag"]

    def run(self, *arguments: str) -> str:
        self.asked.append(arguments)
        self.pods = [pod(revision="db-2", state=None)]
        return ""


def named(cluster: Cluster) -> list[str]:
    return [one["metadata"]["name"] for one, _ in stuck(cluster, cluster.workload)]


def test_a_broken_pod_of_a_former_version_is_told_with_the_way_out() -> None:
    cluster = Cluster([pod()])
    fault = fault_of(cluster, cluster.workload)
    assert fault
    assert fault.what.startswith("pod db-0 is of a former version and blocks the rollout until it is ready: container")
    assert fault.change == "nothing, if the new version is right: `kubectl delete pod db-0 --namespace shop`"
    assert fault.lasting


@pytest.mark.parametrize(
    "cluster",
    [
        Cluster([pod(revision="db-2")]),
        Cluster([pod(state=None)]),
        Cluster([pod(state={"waiting": {"reason": "ContainerCreating"}})]),
        Cluster([pod(deletionTimestamp="2026-01-01T00:00:00Z")]),
        Cluster([pod()], {"podManagementPolicy": "Parallel"}),
        Cluster([pod()], {"updateStrategy": {"type": "OnDelete"}}),
        Cluster([pod()], {"updateStrategy": {"rollingUpdate": {"partition": 1}}}),
        Cluster([pod()], seen=1),
    ],
    ids=["current", "ready", "starting", "ending", "parallel", "by hand", "held back", "not seen yet"],
)
def test_no_other_pod_is_in_the_way(cluster: Cluster) -> None:
    assert named(cluster) == []


def test_apply_deletes_it_and_says_so() -> None:
    cluster, told = Cluster([pod()]), list[str]()
    rollout.wait(cluster, [rollout.Workload("StatefulSet", "shop", "db")], 5, told.append)  # type: ignore[arg-type]
    place = ("--namespace", "shop", "--ignore-not-found", "--wait=false")
    assert cluster.asked == [("delete", "pod", "db-0", *place)]
    assert "deleting pod db-0, which is of a former version and blocks the rollout" in told[1]
