"""Waits until the workloads of a stack run as declared, or tells early that they will not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from deploy.kubectl import Kubectl
from deploy.pods import hopeless, pods_of

KINDS = ("Deployment", "StatefulSet", "DaemonSet")

_GRACE = 15.0
"""Seconds for which a fault may last: a slow registry or a quota that a pod is about to leave mends itself."""


@dataclass(frozen=True)
class Workload:
    """A Deployment, StatefulSet or DaemonSet, of which an autoscaler runs `least` pods and more."""

    kind: str
    namespace: str
    name: str
    least: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class RolloutError(Exception):
    """A workload does not come up; `why` is one line."""

    def __init__(self, workload: Workload, why: str) -> None:
        super().__init__(f"{workload}: {why}")
        self.workload = workload


def workloads(bodies: Iterable[dict[str, Any]]) -> list[Workload]:
    known = list(bodies)
    # Until its autoscaler has seen a new workload, that has one pod: not what was asked for.
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
    """Returns when the pods of all are of the declared version and available, and no old one is left.

    `told` gets a line each time a workload gets on. Raises RolloutError.
    """
    deadline = time.monotonic() + timeout
    for workload in awaited:
        _wait(kubectl, workload, deadline, told)


def _wait(kubectl: Kubectl, workload: Workload, deadline: float, told: Callable[[str], object]) -> None:
    last = ""
    wrong_since: float | None = None
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
        why = _failure(found[0]) or next(filter(None, map(hopeless, pods_of(kubectl, found[0]))), None)
        now = time.monotonic()
        wrong_since = (wrong_since or now) if why else None
        if why and wrong_since is not None and now - wrong_since > _GRACE:
            raise RolloutError(workload, why)
        if now > deadline:
            raise RolloutError(workload, f"{state}, and the time to wait is over")
        time.sleep(1)


def progress(workload: dict[str, Any], least: int = 0) -> tuple[str, bool]:
    """How far the rollout is, in words, and whether it has ended."""
    status, spec = workload.get("status", {}), workload["spec"]
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return "waits to be seen by its controller", False
    if workload["kind"] == "DaemonSet":
        wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
        available, present = status.get("numberAvailable", 0), status.get("currentNumberScheduled", 0)
    else:
        wanted, updated = max(spec.get("replicas", 1), least), status.get("updatedReplicas", 0)
        available, present = status.get("availableReplicas", 0), status.get("replicas", 0)
    old = max(present - updated, 0)
    state = f"{updated} of {wanted} updated, {available} available" + (f", {old} old left" if old else "")
    return state, updated >= wanted and available >= wanted and not old


def _failure(workload: dict[str, Any]) -> str | None:
    """What the controller itself says is wrong: no pod could be made, or none got ready in time."""
    for condition in workload.get("status", {}).get("conditions", []):
        failed = condition["type"] == "ReplicaFailure" and condition["status"] == "True"
        late = condition["type"] == "Progressing" and condition["status"] == "False"
        if failed or late:
            return condition.get("message") or condition.get("reason")
    return None
