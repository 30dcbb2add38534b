"""Explains why a rollout fails: its pods, their last log lines and events, which one would otherwise look up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slipway.workloads.rollout.cluster import Cluster, Snapshot
from slipway.workloads.rollout.faults import LONGER, Fault, fault_of
from slipway.workloads.rollout.pods import containers, is_failing, newest, pods_of, said, warnings
from slipway.workloads.rollout.progress import progress

_LOG_LINES = 10
_EVENTS = 8
_PODS = 3
_POD = re.compile(r'pods "[^"]+"')


def account(
    cluster: Cluster, kind: str, namespace: str, name: str, fault: Fault | None = None
) -> tuple[Fault | None, list[str]]:
    """Explain why a workload does not become ready: the fault, and lines for a person to read.

    The lines say what is wrong, what to change, and then the details. The fault is looked up unless it is given. It is
    None if there is none.
    """
    cluster = Snapshot(cluster)
    for found in cluster.get(kind, name, "--namespace", namespace):
        fault = fault or fault_of(cluster, found)
        state, _ = progress(found)
        change = fault.change if fault else LONGER
        return fault, [fault.what if fault else state, f"change {change}", *explain(cluster, found)]
    return None, ["it is not there"]


def explain(cluster: Cluster, workload: dict[str, Any]) -> Iterator[str]:
    """Lines for a person to read, from the workload down to its pods: at most three pods that are not ready."""
    makers = [workload, *filter(None, [newest(cluster, workload) if workload["kind"] == "Deployment" else None])]
    for maker in makers:
        yield from _events(cluster, maker)
    failing = [pod for pod in pods_of(cluster, workload) if is_failing(pod)]
    for pod in failing[:_PODS]:
        yield from _pod(cluster, pod)
    if failing[_PODS:]:
        yield f"… and {len(failing) - _PODS} more pods like these"


def _pod(cluster: Cluster, pod: dict[str, Any]) -> Iterator[str]:
    yield f"Pod {pod['metadata']['namespace']}/{pod['metadata']['name']}"
    for condition in pod.get("status", {}).get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield f"  not scheduled: {condition.get('message')}"
    for container in containers(pod):
        if not container.get("ready"):
            yield f"  container {container['name']}: {said(container)}"
            for line in _log(cluster, pod, container):
                yield f"    | {line}"
    for line in _events(cluster, pod):
        yield f"  {line}"


def _log(cluster: Cluster, pod: dict[str, Any], container: dict[str, Any]) -> list[str]:
    """The last log lines of the container, or those of its previous run if there are none."""
    if not {"running", "terminated"} & container.get("state", {}).keys() and not container.get("lastState"):
        return []
    written = (cluster.logs(pod, container["name"], lines=_LOG_LINES, previous=previous) for previous in (False, True))
    return next((lines for lines in written if lines), list[str]())


def _events(cluster: Cluster, body: dict[str, Any]) -> list[str]:
    """The latest warnings about an object. Warnings that differ only in the name of a pod count as one."""
    times: Counter[str] = Counter()
    for one in warnings(cluster, body):
        told = f"event {one['reason']}: {re.sub(_POD, 'pods …', one['message'].strip())}"
        # Move it to the end, so that the latest is last.
        times[told] = times.pop(told, 0) + (one.get("count") or 1)
    return [f"{told} ({count} times)" if count > 1 else told for told, count in list(times.items())[-_EVENTS:]]
