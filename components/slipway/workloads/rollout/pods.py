"""The pods of a workload's declared version, and the state of their containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slipway.workloads.rollout.cluster import Cluster


def pods_of(cluster: Cluster, workload: dict[str, Any]) -> list[dict[str, Any]]:
    """The pods of the workload; for a Deployment, only those of its newest ReplicaSet."""
    pods = [one for one in _selected(cluster, workload) if one["kind"] == "Pod"]
    if workload["kind"] != "Deployment":
        return pods
    current = newest(cluster, workload)
    return [pod for pod in pods if current and _owned(pod, current["metadata"]["uid"])]


def newest(cluster: Cluster, deployment: dict[str, Any]) -> dict[str, Any] | None:
    """The ReplicaSet of the Deployment's latest revision."""
    sets = [one for one in _selected(cluster, deployment) if one["kind"] == "ReplicaSet"]
    own = [one for one in sets if _owned(one, deployment["metadata"]["uid"])]
    return max(own, key=_revision, default=None)


def _selected(cluster: Cluster, workload: dict[str, Any]) -> list[dict[str, Any]]:
    """All pods and ReplicaSets with the workload's labels. A ReplicaSet has the labels of its pods."""
    namespace = workload["metadata"]["namespace"]
    selector = ",".join(f"{key}={value}" for key, value in workload["spec"]["selector"].get("matchLabels", {}).items())
    return cluster.get("replicasets,pods", "--namespace", namespace, "--selector", selector)


def _revision(replica_set: dict[str, Any]) -> int:
    return int(replica_set["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", 0))


def _owned(body: dict[str, Any], uid: str) -> bool:
    return any(owner["uid"] == uid for owner in body["metadata"].get("ownerReferences", []))


def containers(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statuses of a pod's containers, init containers first."""
    status = pod.get("status", {})
    yield from status.get("initContainerStatuses", [])
    yield from status.get("containerStatuses", [])


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def is_failing(pod: dict[str, Any]) -> bool:
    """Whether the pod is not ready and has not succeeded either."""
    return not is_ready(pod) and pod.get("status", {}).get("phase") != "Succeeded"


def said(container: dict[str, Any]) -> str:
    """The current and the previous state of a container, in words."""
    words: list[str] = []
    for moment in ("state", "lastState"):
        for phase, details in container.get(moment, {}).items():
            if phase == "running":
                words.append("runs" if container.get("ready") else "runs and is not ready")
                continue
            code = f" with exit code {details['exitCode']}" if phase == "terminated" else ""
            message = f" ({details['message'].strip()})" if details.get("message") else ""
            before = "before that " if moment == "lastState" else ""
            words.append(f"{before}{details.get('reason', phase)}{code}{message}")
    return ", ".join(words) or "has not started"


def warnings(cluster: Cluster, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The warning events of an object, the latest last."""
    selector = f"involvedObject.uid={body['metadata']['uid']},type=Warning"
    events = cluster.get("events", "--namespace", body["metadata"]["namespace"], "--field-selector", selector)
    return sorted(events, key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")
