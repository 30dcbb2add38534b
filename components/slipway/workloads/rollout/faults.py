"""Finds what blocks a rollout, and which field of the program fixes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slipway.workloads.rollout.cluster import Cluster, Snapshot
from slipway.workloads.rollout.fields import Place, place_of, probe_fields, readers_of
from slipway.workloads.rollout.pods import containers, is_failing, newest, pods_of, warnings
from slipway.workloads.rollout.stuck import outdated

_PULL = frozenset("ErrImagePull ImagePullBackOff ErrImageNeverPull InvalidImageName RegistryUnavailable".split())
_CONFIG = frozenset("CreateContainerConfigError".split())
_START = frozenset("CreateContainerError RunContainerError StartError ContainerCannotRun".split())

_PODS = 3
"""How many pods that are not ready to check: pods of one version fail in the same way."""
LONGER = "ready_within, if it only needs longer"
_ASKED_TO_END = (0, 137, 143)
"""The exit codes of a container after SIGTERM or SIGKILL. A container that fails by itself has another one."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`what` is wrong, and what to `change`, in one line each.

    Waiting does not fix a `lasting` fault. If it is `overdue`, the cluster itself reports that the rollout has failed.
    """

    what: str
    change: str
    lasting: bool = True
    overdue: bool = False


def fault_of(cluster: Cluster, workload: dict[str, Any]) -> Fault | None:
    """The first fault of the workload, of its current pods, or of its ReplicaSet; None if there is none."""
    cluster = Snapshot(cluster)
    for pod, fault in stuck(cluster, workload):
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        return Fault(
            what=f"pod {name} is of a former version and blocks the rollout until it is ready: {fault.what}",
            change=f"nothing, if the new version is right: `kubectl delete pod {name} --namespace {namespace}`",
        )
    pods = pods_of(cluster, workload)
    failing = [pod for pod in pods if is_failing(pod)][:_PODS]
    faults = [fault for pod in failing for fault in _pod_faults(cluster, workload, pod)]
    makers = [workload]
    if not pods and workload["kind"] == "Deployment":
        makers += filter(None, [newest(cluster, workload)])
    found = [*faults, *(fault for maker in makers for fault in _refusals(maker))]
    first = next((one for one in found if one.lasting), next(iter(found), None))
    late = _late(cluster, workload)
    if not late:
        return first
    # A fault of a pod says more than the controller, which only says that there is no progress.
    return replace(first or Fault(what=late, change=LONGER), lasting=True, overdue=True)


def stuck(cluster: Cluster, workload: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Fault]]:
    """The pods of a former version that never become ready and so block the rollout, each with its fault."""
    for pod in outdated(cluster, workload):
        if fault := next((one for one in _pod_faults(cluster, workload, pod) if one.lasting), None):
            yield pod, fault


def _late(cluster: Cluster, workload: dict[str, Any]) -> str | None:
    """The controller's message that the current version has made no progress in time; None if there is none.

    A message about the previous version is ignored: it stays until the current version makes progress.
    """
    current = newest(cluster, workload) if workload["kind"] == "Deployment" else None
    for condition in _conditions(workload, "Failed", "True"):
        return condition.get("message") or condition["reason"]
    for condition in _conditions(workload, "Progressing", "False"):
        message: str = condition.get("message") or ""
        named = re.match('ReplicaSet "(.+)" has timed out', message)
        if message and not (named and current and named[1] != current["metadata"]["name"]):
            return message
    return None


def _conditions(body: dict[str, Any], type_: str, status: str) -> list[dict[str, Any]]:
    conditions: list[dict[str, Any]] = body.get("status", {}).get("conditions", [])
    return [one for one in conditions if (one["type"], one["status"]) == (type_, status)]


def _refusals(maker: dict[str, Any]) -> Iterator[Fault]:
    for condition in _conditions(maker, "ReplicaFailure", "True"):
        yield _refused(condition.get("message") or condition.get("reason") or "no pod can be made")


def _refused(message: str) -> Fault:
    """The fault behind an API server's refusal of a pod."""
    if quota := re.search(r"exceeded quota: ([^,]+), requested: (.+?), used: (.+?), limited: (.+)$", message):
        name, asked, used, limit = quota.groups()
        return Fault(
            what=f"quota {name} leaves no room for a pod: it asks for {asked}, {used} are used, {limit} is the limit",
            change="the quota of its Namespace, or the resources and replicas that count against it",
        )
    if quota := re.search(r"failed quota: ([^:]+): must specify (.+)$", message):
        return Fault(
            what=f"quota {quota[1]} takes no pod that does not state {quota[2]}",
            change="resources, or the defaults of its Namespace",
        )
    if "violates PodSecurity" in message:
        change = "what the namespace's pod_security forbids in pod_spec or container_spec, or pod_security itself"
    elif "error looking up service account" in message:
        change = "service_account: it names one that is not there"
    else:
        change = "what the message names"
    return Fault(what=f"no pod can be made: {message}", change=change)


def _pod_faults(cluster: Cluster, workload: dict[str, Any], pod: dict[str, Any]) -> Iterator[Fault]:
    for condition in _conditions(pod, "PodScheduled", "False"):
        yield _unschedulable(condition.get("message") or "")
    events = warnings(cluster, pod)
    for status in containers(pod):
        if not status.get("ready"):
            place = place_of(workload, pod, status["name"])
            yield from _container_faults(cluster, pod, status, place, events)
    yield from _unmounted(pod, events)


def _runs_to_its_end(pod: dict[str, Any]) -> bool:
    return pod["spec"].get("restartPolicy") in ("Never", "OnFailure")


def _unschedulable(message: str) -> Fault:
    if "Insufficient" in message:
        change = "resources: no node has so much left; ask for less, or add nodes"
    elif "PersistentVolumeClaim" in message or "persistentvolumeclaim" in message:
        change = "mounts: the claim is not there or not bound"
    elif "topology spread" in message:
        change = "spread: 'preferred' lets pods share a node"
    else:
        change = "pod_spec: what it demands of a node, or tolerates"
    # A cluster autoscaler may be about to add a node.
    return Fault(what=f"no node takes the pod: {message}", change=change, lasting=False)


def _container_faults(
    cluster: Cluster, pod: dict[str, Any], status: dict[str, Any], place: Place, events: Sequence[dict[str, Any]]
) -> Iterator[Fault]:
    state, before = status.get("state", {}), status.get("lastState", {})
    waiting = state.get("waiting", {})
    reason, message = waiting.get("reason", ""), (waiting.get("message") or "").strip()
    if reason in _PULL:
        yield _not_pulled(pod, place, message or reason, events)
    elif reason in _CONFIG:
        yield _not_configured(pod, place, message)
    elif reason in _START:
        yield Fault(what=f"{place} cannot be started: {message or reason}", change=_command(place, message))
    elif ended := state.get("terminated") or before.get("terminated"):
        # A container that has ended once may start well the next time. One that ended again and again will not; the
        # kubelet may say that it holds it back, or go on showing how it ended. A Job counts its failures itself.
        again_and_again = reason == "CrashLoopBackOff" or status.get("restartCount", 0) > 1
        lasting = again_and_again and not _runs_to_its_end(pod)
        if probe := _killed_by(place, ended, events):
            yield _unhealthy(pod, place, probe, events, lasting=lasting)
        elif ended.get("exitCode") or not (place.is_init or _runs_to_its_end(pod)):
            yield _ended(cluster, pod, status, place, ended, lasting=lasting)
    elif "running" in state and (probe := _asked_in_vain(place, events)):
        yield _unhealthy(pod, place, probe, events, lasting=False)


def _not_pulled(pod: dict[str, Any], place: Place, message: str, events: Sequence[dict[str, Any]]) -> Fault:
    # A back-off does not say why. The event of the failed pull before it has the registry's answer.
    told = [one["message"] for one in events if one["reason"] == "Failed" and place.image in one["message"]]
    registry = next((one for one in reversed(told) if "rpc error" in one or "failed to" in one), message)
    why = registry.rpartition(place.image)[2].lstrip('": ') or registry
    what = f"{place} cannot get its image {place.image}: {why.strip()}"
    secrets = [one["name"] for one in pod["spec"].get("imagePullSecrets", [])]
    asked = f"it names {', '.join(secrets)}" if secrets else "it names none"
    if any(one["reason"] == "FailedToRetrieveImagePullSecret" for one in events):
        asked += ", and one of them is not in the namespace"
    access = f"image_pull_secrets ({asked}): a Secret of type kubernetes.io/dockerconfigjson of the namespace"
    text = registry.lower()
    refused = re.search(r"authorization failed|no basic auth|unauthorized|authentication required", text)
    if not refused and ("does not exist or may require" in text or "insufficient_scope" in text):
        return Fault(what=what, change=f"{place.field('image')}, if the name is wrong; or else {access}")
    if refused or re.search(r"denied|forbidden|\b40[13]\b", text):
        return Fault(what=what, change=access)
    if re.search(r"not found|manifest unknown|name unknown|invalid reference|couldn't parse|invalidimagename", text):
        return Fault(what=what, change=f"{place.field('image')}: no such image is there; push it, or correct the name")
    return Fault(what=what, change=f"{place.field('image')}: whether its registry is one that the nodes reach")


def _not_configured(pod: dict[str, Any], place: Place, message: str) -> Fault:
    what = f"{place} cannot be made: {message}"
    if found := re.search(r"couldn't find key (\S+) in (ConfigMap|Secret) \S*?/?([^/\s]+)$", message):
        key, kind, name = found.groups()
        variables = readers_of(pod, place.name, kind, name, key)
        return Fault(what=what, change=f"{place.field('environment')}{variables}, or the key {key!r} of {kind} {name}")
    if found := re.search(r"(configmap|secret) \"([^\"]+)\" not found", message):
        return Fault(
            what=what, change=f"{place.field('environment')}: it reads {found[1]} {found[2]!r}, which is not there"
        )
    if "runAsNonRoot" in message or "non-root" in message:
        return Fault(
            what=what,
            change=f"{place.field('image')}: one that names a user by number; or run_as_user in the security_context",
        )
    return Fault(what=what, change=f"{place.field('environment')} or {place.field('container_spec')}")


def _unmounted(pod: dict[str, Any], events: Sequence[dict[str, Any]]) -> Iterator[Fault]:
    waiting = {status.get("state", {}).get("waiting", {}).get("reason") for status in containers(pod)}
    if not waiting & {"ContainerCreating", "PodInitializing"}:
        # The volumes are mounted by now. The events are from earlier.
        return
    for event in reversed(events):
        if event["reason"] != "FailedMount":
            continue
        message: str = event["message"].strip()
        volume = re.search(r"volume \"([^\"]+)\"", message)
        paths = readers_of(pod, None, "volume", volume[1], None) if volume else ""
        lasting = "non-existent config key" in message or "not found" in message
        yield Fault(what=f"a volume cannot be mounted: {message}", change=f"mounts{paths}", lasting=lasting)
        return


def _command(place: Place, message: str) -> str:
    fields = f"{place.field('command')} or {place.field('args')}"
    if "permission denied" in message:
        return f"{fields}, or the file's mode in the image"
    return f"{fields}: what it starts has to be in the image"


def _ended(
    cluster: Cluster, pod: dict[str, Any], status: dict[str, Any], place: Place, ended: dict[str, Any], *, lasting: bool
) -> Fault:
    if ended.get("reason") == "OOMKilled":
        return Fault(
            what=f"{place} was ended for want of memory",
            change=f"{place.field('resources')}: memory is {place.memory or 'not stated'}",
            lasting=lasting,
        )
    last = last_line(cluster, pod, status)
    told = f"; the last it said: {last}" if last else ", without a word"
    what = f"{place} ends with exit code {ended.get('exitCode')}{told}"
    fields = ", ".join(place.field(name) for name in ("command", "args", "environment"))
    return Fault(what=what, change=f"{fields}, or what else its program reads", lasting=lasting)


def last_line(cluster: Cluster, pod: dict[str, Any], status: dict[str, Any]) -> str | None:
    """The last line of a container's log, or of the log of its previous run."""
    for previous in (False, True):
        lines = [one for one in cluster.logs(pod, status["name"], lines=3, previous=previous) if one.strip()]
        if lines:
            return lines[-1].strip()
    return None


def _killed_by(place: Place, ended: dict[str, Any], events: Sequence[dict[str, Any]]) -> str | None:
    """The failed probe for which the kubelet ended the container; None if the container ended by itself."""
    if ended.get("exitCode") in _ASKED_TO_END:
        return next((probe for probe in ("Startup", "Liveness") if _failures(probe, place, events)), None)
    return None


def _asked_in_vain(place: Place, events: Sequence[dict[str, Any]]) -> str | None:
    return next((probe for probe in ("Startup", "Readiness", "Liveness") if _failures(probe, place, events)), None)


def _failures(probe: str, place: Place, events: Sequence[dict[str, Any]]) -> list[str]:
    return [
        one["message"].strip()
        for one in events
        if one["reason"] == "Unhealthy"
        and one["message"].startswith(f"{probe} probe ")
        and one.get("involvedObject", {}).get("fieldPath", "").endswith(f"{{{place.name}}}")
    ]


def _unhealthy(
    pod: dict[str, Any], place: Place, probe: str, events: Sequence[dict[str, Any]], *, lasting: bool
) -> Fault:
    said = _failures(probe, place, events)[-1]
    return Fault(
        what=f"{place} runs and is not ready: {said}", change=probe_fields(pod, place, probe, said), lasting=lasting
    )
