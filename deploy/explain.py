"""Why a rollout fails, with what one would otherwise look up: pods, their last log lines, events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deploy.errors import DeployError
from deploy.kubectl import Kubectl
from deploy.pods import containers, newest, pods_of, said
from deploy.rollout import Workload

_LOG_LINES = 10
_EVENTS = 8
_PODS = 3


def explain(kubectl: Kubectl, workload: Workload) -> Iterator[str]:
    """Lines for a person, from the workload down to its pods; at most three that are not ready."""
    for found in kubectl.get(workload.kind, workload.name, "--namespace", workload.namespace):
        makers = [found, *filter(None, [newest(kubectl, found) if workload.kind == "Deployment" else None])]
        for maker in makers:
            yield from _events(kubectl, maker)
        failing = [pod for pod in pods_of(kubectl, found) if not _ready(pod)]
        for pod in failing[:_PODS]:
            yield from _pod(kubectl, pod)
        if failing[_PODS:]:
            yield f"… and {len(failing) - _PODS} more pods like these"


def _pod(kubectl: Kubectl, pod: dict[str, Any]) -> Iterator[str]:
    yield f"Pod {pod['metadata']['namespace']}/{pod['metadata']['name']}"
    for condition in pod.get("status", {}).get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield f"  not scheduled: {condition.get('message')}"
    for container in containers(pod):
        if not container.get("ready"):
            yield f"  container {container['name']}: {said(container)}"
            for line in _log(kubectl, pod, container):
                yield f"    | {line}"
    for line in _events(kubectl, pod):
        yield f"  {line}"


def _log(kubectl: Kubectl, pod: dict[str, Any], container: dict[str, Any]) -> list[str]:
    """The last lines that the container wrote, this time or the time before."""
    if not container.get("state", {}).get("running") and not container.get("lastState"):
        return []
    place = ("--namespace", pod["metadata"]["namespace"], "--container", container["name"], f"--tail={_LOG_LINES}")
    for when in ((), ("--previous",)):
        try:
            if lines := kubectl.run("logs", pod["metadata"]["name"], *place, *when).splitlines():
                return lines
        except DeployError:
            # A log that has gone is no reason to say nothing of the rest.
            continue
    return []


def _events(kubectl: Kubectl, body: dict[str, Any]) -> list[str]:
    """The latest warnings about an object."""
    selector = f"involvedObject.uid={body['metadata']['uid']},type=Warning"
    events = kubectl.get("events", "--namespace", body["metadata"]["namespace"], "--field-selector", selector)
    events.sort(key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")
    return [
        f"event {one['reason']}, {one.get('count') or 1} times: {one['message'].strip()}" for one in events[-_EVENTS:]
    ]


def _ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
