"""The progress of a Job, or of the rollout of a Deployment, StatefulSet or DaemonSet."""

from __future__ import annotations

from typing import Any


def progress(workload: dict[str, Any], least: int = 0) -> tuple[str, bool]:
    """The progress in words, and whether it is complete. `least` is the minimum of pods that an autoscaler wants."""
    status, spec = workload.get("status", {}), workload["spec"]
    if workload["kind"] == "Job":
        return _run(status, spec)
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


def _run(status: dict[str, Any], spec: dict[str, Any]) -> tuple[str, bool]:
    wanted = spec.get("completions") or spec.get("parallelism", 1)
    failed = status.get("failed", 0)
    state = f"{status.get('succeeded', 0)} of {wanted} succeeded" + (f", {failed} failed" if failed else "")
    return state, any(one["type"] == "Complete" and one["status"] == "True" for one in status.get("conditions", []))
