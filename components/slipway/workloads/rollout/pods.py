"""The pods of a workload's declared version, and what is said of their containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slipway.workloads.rollout.cluster import Cluster


def pods_of(cluster: Cluster, workload: dict[str, Any]) -> list[dict[str, Any]]:
    """The pods that were made for the workload as it is declared now; those of earlier versions are not asked about."""
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
    """Its pods and ReplicaSets, which have the labels of their pods, and those of others with the same labels."""
    namespace = workload["metadata"]["namespace"]
    selector = ",".join(f"{key}={value}" for key, value in workload["spec"]["selector"].get("matchLabels", {}).items())
    return cluster.get("replicasets,pods", "--namespace", namespace, "--selector", selector)


def _revision(replica_set: dict[str, Any]) -> int:
    return int(replica_set["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", 0))


def _owned(body: dict[str, Any], uid: str) -> bool:
    return any(owner["uid"] == uid for owner in body["metadata"].get("ownerReferences", []))


def containers(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statuses of a pod's containers, those that run first before the others."""
    status = pod.get("status", {})
    yield from status.get("initContainerStatuses", [])
    yield from status.get("containerStatuses", [])


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def is_failing(pod: dict[str, Any]) -> bool:
    """Whether it is not ready, and not because it has done what it was to do."""
    return not is_ready(pod) and pod.get("status", {}).get("phase") != "Succeeded"


def said(container: dict[str, Any]) -> str:
    """What state a container is in, and how it ended before."""
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
    """The events that warn of an object, the latest last."""
    selector = f"involvedObject.uid={body['metadata']['uid']},type=Warning"
    events = cluster.get("events", "--namespace", body["metadata"]["namespace"], "--field-selector", selector)
    return sorted(events, key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")
