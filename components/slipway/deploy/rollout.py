"""Waits until the workloads of a stack run as declared, or reports early that they will not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from slipway.deploy.kubectl import Kubectl
from slipway.workloads.rollout.faults import Fault, fault_of, stuck
from slipway.workloads.rollout.lookout import Lookout
from slipway.workloads.rollout.progress import progress

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job")


@dataclass(frozen=True)
class Workload:
    """A Deployment, StatefulSet, DaemonSet or Job. If it has an autoscaler, `least` is its minimum number of pods."""

    kind: str
    namespace: str
    name: str
    least: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class RolloutError(Exception):
    """A workload does not come up. `fault` is the cause, if it is known."""

    def __init__(self, workload: Workload, why: str, fault: Fault | None = None) -> None:
        super().__init__(f"{workload}: {why}")
        self.workload = workload
        self.fault = fault


def workloads(bodies: Iterable[dict[str, Any]]) -> list[Workload]:
    known = list(bodies)
    # Before the autoscaler has seen a new workload, it has one pod, which is not enough.
    least = {
        (body["metadata"]["namespace"], body["spec"]["scaleTargetRef"]["name"]): body["spec"].get("minReplicas") or 1
        for body in known
        if body["kind"] == "HorizontalPodAutoscaler"
    }
    return [
        Workload(body["kind"], *place, least.get(place, 0))
        for body in known
        if body["kind"] in KINDS
        for place in [(body["metadata"]["namespace"], body["metadata"]["name"])]
    ]


def wait(kubectl: Kubectl, awaited: list[Workload], timeout: float, told: Callable[[str], object]) -> None:
    """Returns when all pods have the declared version and are available, and no old pod is left.

    Calls `told` with a line each time a workload makes progress. Raises RolloutError.
    """
    deadline = time.monotonic() + timeout
    for workload in awaited:
        _wait(kubectl, workload, deadline, told)


def _wait(kubectl: Kubectl, workload: Workload, deadline: float, told: Callable[[str], object]) -> None:
    last, slow, lookout = "", "", Lookout()
    while True:
        found = kubectl.get(workload.kind, workload.name, "--namespace", workload.namespace)
        if not found:
            raise RolloutError(workload, "was deleted while it was waited for")
        state, done = progress(found[0], workload.least)
        if state != last:
            told(f"{workload}: {state}")
            last = state
        if done:
            return
        for pod, why in stuck(kubectl, found[0]):
            name = pod["metadata"]["name"]
            told(f"{workload}: deleting pod {name}, which is of a former version and blocks the rollout: {why.what}")
            kubectl.run("delete", "pod", name, "--namespace", workload.namespace, "--ignore-not-found", "--wait=false")
        now = time.monotonic()
        fault = fault_of(kubectl, found[0])
        staying = lookout.staying(fault, now)
        if staying and staying.lasting:
            raise RolloutError(workload, staying.what, staying)
        if now > deadline:
            raise RolloutError(workload, f"{state}, and the time to wait is over", fault)
        if staying and staying.change != slow:
            told(f"{workload}: {staying.what}; change {staying.change}")
            slow = staying.change
        time.sleep(1)
