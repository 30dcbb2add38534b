"""Pods of a former version that block the rollout of an ordered StatefulSet.

The controller replaces a pod only when it has become ready, even if the new version would repair it.
https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
"""

from __future__ import annotations

from typing import Any

from slipway.workloads.rollout.cluster import Cluster
from slipway.workloads.rollout.pods import is_failing, pods_of

_REVISION = "controller-revision-hash"


def outdated(cluster: Cluster, workload: dict[str, Any]) -> list[dict[str, Any]]:
    """The pods of an ordered StatefulSet that are not ready and not of the current version, but should be."""
    spec, status = workload["spec"], workload.get("status", {})
    if workload["kind"] != "StatefulSet" or spec.get("podManagementPolicy") == "Parallel":
        return []
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return []
    update = spec.get("updateStrategy", {})
    if update.get("type") == "OnDelete":
        return []
    first = update.get("rollingUpdate", {}).get("partition", 0)
    return [
        pod
        for pod in pods_of(cluster, workload)
        if is_failing(pod)
        and "deletionTimestamp" not in pod["metadata"]
        and pod["metadata"].get("labels", {}).get(_REVISION) != status.get("updateRevision")
        and _number(pod) >= first
    ]


def _number(pod: dict[str, Any]) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])
