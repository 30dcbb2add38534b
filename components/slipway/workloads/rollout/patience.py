"""When a rollout counts as complete for Pulumi, and how long it may take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.parts.labels import WorkloadKind

_SEEN = "@.observedGeneration==$.metadata.generation"
_ALL_NEW = "@.updatedReplicas==$.spec.replicas&&@.replicas==$.spec.replicas&&@.availableReplicas==$.spec.replicas"
_EVERYWHERE = (
    "@.updatedNumberScheduled==@.desiredNumberScheduled&&@.numberAvailable==@.desiredNumberScheduled"
    "&&@.currentNumberScheduled==@.desiredNumberScheduled"
)
# No spaces: the provider's parser does not accept one before a second `&&`.
_COMPLETE = {
    "Deployment": f"{{$[?{_SEEN}&&{_ALL_NEW}||{_SEEN}&&$.spec.replicas==0&&!@.replicas]}}",
    # Its status has `replicas` even if there are no pods.
    "StatefulSet": f"{{$[?{_SEEN}&&{_ALL_NEW}||{_SEEN}&&$.spec.replicas==0&&@.replicas==0]}}",
    "DaemonSet": f"{{$[?{_SEEN}&&{_EVERYWHERE}||{_SEEN}&&@.desiredNumberScheduled==0]}}",
}
"""By kind, a JSONPath that matches once all pods are of the declared version and available, and no old pod is left.

The provider's own wait mistakes the old pods of a failed update for new ones. The reason `NewReplicaSetAvailable` is no
help either: it stays for a moment after the next rollout has begun, if that also changes the number of pods or goes
back to an earlier revision. The controller writes all numbers used here at once.
https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/#pulumicomwaitfor
"""

WAIT_FOR = "pulumi.com/waitFor"

_PULL = 60
"""Seconds to schedule a pod and pull its images."""
_INIT = 30
"""Seconds for an init container."""
_STEP = 5
"""Seconds from when a pod is available until the next old pod is replaced."""
_UNPROBED = 10
"""Seconds that a container without a readiness probe has to run: in a crash loop it would count as ready in between."""
_UNKNOWN_REPLICAS = 10


@dataclass(frozen=True, kw_only=True)
class Patience:
    """`min_ready`: how many seconds a pod has to stay ready. `seconds`: how many seconds a rollout may take."""

    kind: WorkloadKind
    min_ready: int
    seconds: int

    @property
    def annotations(self) -> dict[str, str]:
        return {WAIT_FOR: f"jsonpath={_COMPLETE[self.kind]}"}


def check_patience(ready_within: int | None, min_ready: int | None) -> None:
    """Raise ValueError for a negative `min_ready`, and for a `ready_within` that is not longer than it."""
    if min_ready is not None and min_ready < 0:
        raise ValueError(f"min_ready {min_ready} is negative: give the seconds that a new pod has to stay ready, or 0")
    if ready_within is not None and ready_within <= (min_ready or 0):
        raise ValueError(
            f"ready_within {ready_within} s is over before a new pod has been ready for min_ready {min_ready or 0} s: "
            f"raise ready_within, or leave it out"
        )


def patience(
    template: Mapping[str, Any],
    *,
    kind: WorkloadKind,
    ready_within: int | None,
    min_ready: int | None,
    replicas: int | None,
    step: tuple[int | str, int | str] | None,
) -> Patience:
    """The given times, or else those that follow from the probes of the pod `template`.

    `step` is how many pods an update may add and remove at a time. None means that it replaces all at once.
    """
    spec = template["spec"]
    init: Sequence[Mapping[str, Any]] = spec.get("init_containers") or ()
    sidecars = [one for one in init if one.get("restart_policy") == "Always"]
    running = [*sidecars, *(spec.get("containers") or ())]
    if min_ready is None:
        min_ready = 0 if all(one.get("readiness_probe") for one in running) else _UNPROBED
        if ready_within is not None:
            min_ready = min(min_ready, ready_within - 1)
    if ready_within is None:
        started = _INIT * (len(init) - len(sidecars)) + sum(map(_startup, running)) + max(map(_readiness, running))
        ready_within = _PULL + started + _waves(replicas, step) * (_STEP + min_ready)
    return Patience(kind=kind, min_ready=min_ready, seconds=ready_within)


def _startup(container: Mapping[str, Any]) -> int:
    probe = container.get("startup_probe")
    return _number(probe, "initial_delay_seconds", 0) + _tries(probe, "failure_threshold", 3) if probe else 0


def _readiness(container: Mapping[str, Any]) -> int:
    probe = container.get("readiness_probe")
    if not probe:
        return 0
    tries = max(_tries(probe, "failure_threshold", 3), _tries(probe, "success_threshold", 1))
    return _number(probe, "initial_delay_seconds", 0) + tries


def _tries(probe: Mapping[str, Any], count: str, default: int) -> int:
    return _number(probe, count, default) * _number(probe, "period_seconds", 10)


def _number(probe: Mapping[str, Any], field: str, default: int) -> int:
    """The value of a field; the Kubernetes default if it is not set or not known before the deployment."""
    value = probe.get(field)
    return value if isinstance(value, int) else default


def _waves(replicas: int | None, step: tuple[int | str, int | str] | None) -> int:
    """In how many rounds the pods are replaced."""
    if step is None:
        return 1
    pods = max(replicas if replicas is not None else _UNKNOWN_REPLICAS, 1)
    surge, unavailable = step
    at_once = _share(surge, pods, math.ceil) + _share(unavailable, pods, math.floor)
    return math.ceil(pods / max(at_once, 1))


def _share(given: int | str, pods: int, rounded: Any) -> int:
    return rounded(int(given.rstrip("%")) * pods / 100) if isinstance(given, str) else given
