"""Workloads: how many pods, of which image, with which requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slipway.preview.model import Placeholder
from slipway.preview.phrases.values import at, count, each, items, joined, mapping, pairs


def _replicated(inputs: dict[str, Any]) -> str:
    replicas = at(inputs, "spec", "replicas")
    number = "replicas left to others" if replicas is None else count(replicas, "replica")
    return joined(number, *_pods(at(inputs, "spec", "template", "spec")))


def _stateful_set(inputs: dict[str, Any]) -> str:
    return joined(_replicated(inputs), *each(_claim, inputs, "spec", "volumeClaimTemplates"))


def _claim(one: Any) -> str:
    return f"claims {at(one, 'spec', 'resources', 'requests', 'storage')} for {at(one, 'metadata', 'name')}"


def _daemon_set(inputs: dict[str, Any]) -> str:
    return joined("a pod on each node", *_pods(at(inputs, "spec", "template", "spec")))


def _job(inputs: dict[str, Any]) -> str:
    return joined(*_suspended(inputs), *_runs(at(inputs, "spec")))


def _cron_job(inputs: dict[str, Any]) -> str:
    schedule, zone = at(inputs, "spec", "schedule"), at(inputs, "spec", "timeZone")
    when = f"{schedule or ''}{f' {zone}' if zone else ''}"
    return joined(when, *_suspended(inputs), *_runs(at(inputs, "spec", "jobTemplate", "spec")))


def _suspended(inputs: dict[str, Any]) -> list[str]:
    suspended = at(inputs, "spec", "suspend")
    return [] if not suspended else ["suspended" if suspended is True else f"suspended: {suspended}"]


_OF_A_JOB: dict[str, Callable[[Any], str]] = {
    "completions": lambda number: count(number, "completion"),
    "parallelism": lambda number: f"{number} at a time",
    "backoffLimit": lambda number: f"fails after {count(number, 'retry', 'retries')}",
}


def _runs(job: Any) -> list[str]:
    """What a Job runs, how often, and what it does about failures, where it says so."""
    stated = [(tell, at(job, field)) for field, tell in _OF_A_JOB.items()]
    return [*_pods(at(job, "template", "spec")), *(tell(number) for tell, number in stated if number is not None)]


def _pod(inputs: dict[str, Any]) -> str:
    return joined(*_pods(at(inputs, "spec")))


def _pods(pod: Any) -> list[str]:
    """The first container's image and requests, and the images of the others by name."""
    if isinstance(pod, Placeholder):
        return [str(pod)]
    containers, others = items(pod, "containers"), items(pod, "initContainers")
    return [
        *_first(pod, containers),
        *(f"beside it {_named(pod, one)}" for one in containers[1:]),
        *(f"{'sidecar' if at(one, 'restartPolicy') == 'Always' else 'init'} {_named(pod, one)}" for one in others),
    ]


def _first(pod: Any, containers: list[Any]) -> list[str]:
    if not containers or isinstance(containers[0], Placeholder):
        return [str(one) for one in containers[:1]]
    return [_image_of(pod, containers[0]), *pairs("{1} {0}", at(containers[0], "resources", "requests"))]


def _named(pod: Any, container: Any) -> str:
    if isinstance(container, Placeholder):
        return str(container)
    return " ".join(filter(None, (str(at(container, "name") or "unnamed"), _image_of(pod, container))))


def _image_of(pod: Any, container: Any) -> str:
    """The image, and what nothing but the image itself can tell: whether its user is not root."""
    image = at(container, "image")
    of_pod, own = mapping(pod, "securityContext"), mapping(container, "securityContext")
    context = {**of_pod, **{key: value for key, value in own.items() if value is not None}}
    needs_user = context.get("runAsNonRoot") is True and context.get("runAsUser") is None
    return "" if image is None else f"{image}{' (its user must not be root)' if needs_user else ''}"


PHRASES = {
    "kubernetes:apps:DaemonSet": _daemon_set,
    "kubernetes:apps:Deployment": _replicated,
    "kubernetes:apps:ReplicaSet": _replicated,
    "kubernetes:apps:StatefulSet": _stateful_set,
    "kubernetes:batch:CronJob": _cron_job,
    "kubernetes:batch:Job": _job,
    "kubernetes:core:Pod": _pod,
    "kubernetes:core:ReplicationController": _replicated,
}
