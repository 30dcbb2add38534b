"""A HorizontalPodAutoscaler (v2) of a Deployment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import pulumi
from pulumi_kubernetes.autoscaling import v2 as autoscaling

from slipway.access.namespace import placed_in
from slipway.parts.arguments.checked import checked
from slipway.parts.merge import merge
from slipway.parts.names import check_name
from slipway.parts.quantities import parse_quantity
from slipway.workloads.deployment import Deployment

if TYPE_CHECKING:
    from slipway.parts.container import Resources


@checked
@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Between how many pods, and on what. Raises ValueError for a range or a target that cannot be.

    - `cpu`, `memory`: the average use to hold, in percent of what the containers request (the main
      one and the sidecars; init containers do not count). None does not scale on it. Memory seldom
      falls when load does: scale on it only where it does.
    - `metrics`: raw provider metrics (`Pods`, `Object`, `External`, …) beside these; the one that
      asks for most pods wins.
    - `up_window`, `down_window`: seconds of recommendations of which the calmest counts, 0 to 3600.
    - `behavior`: raw provider behaviour, merged last (RFC 7386).
    https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
    """

    min: int
    max: int
    cpu: int | None = 70
    memory: int | None = None
    metrics: Sequence[autoscaling.MetricSpecArgsDict] = ()
    up_window: int = 0
    down_window: int = 300
    behavior: autoscaling.HorizontalPodAutoscalerBehaviorArgsDict | None = None

    def __post_init__(self) -> None:
        if self.min < 1:
            raise ValueError(f"min {self.min} is below 1: an application that gets requests needs a pod to get them")
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}: raise max or lower min")
        if self.cpu is None and self.memory is None and not self.metrics:
            raise ValueError("nothing to scale on: give cpu, memory or metrics")
        for what, target in (("cpu", self.cpu), ("memory", self.memory)):
            if target is not None and target < 1:
                raise ValueError(f"{what} target {target} is not a percentage: give 1 or more, of what is requested")
        for what, window in (("up_window", self.up_window), ("down_window", self.down_window)):
            if not 0 <= window <= 3600:
                raise ValueError(f"{what} {window} is out of range: Kubernetes takes 0 to 3600 seconds")


@checked
@dataclass(frozen=True, kw_only=True)
class AutoscalerArgs:
    """The Deployment to scale and how; ValueError where the two exclude each other."""

    workload: Deployment
    scaling: Scaling

    def __post_init__(self) -> None:
        if self.workload.replicas is not None:
            raise ValueError(
                f"deployment {self.workload.name!r} fixes replicas to {self.workload.replicas} and an autoscaler "
                f"would change it back and forth: leave replicas out, or the autoscaler"
            )
        check_scaling(self.workload.name, self.workload.resources, self.workload.initial_replicas, self.scaling)


def check_scaling(workload: str, resources: Sequence[Resources], initial: int | None, scaling: Scaling) -> None:
    """Refuses what cannot be done to the Deployment `workload`. Raises ValueError.

    That is to start outside the range, and to scale on what a container does not request.
    """
    if initial is not None and not scaling.min <= initial <= scaling.max:
        raise ValueError(
            f"initial_replicas {initial} of deployment {workload!r} is not within its autoscaler's {scaling.min} to "
            f"{scaling.max}: leave it out to start with {scaling.min}"
        )
    for what in ("cpu", "memory"):
        if getattr(scaling, what) is None:
            continue
        if any(not parse_quantity(getattr(requested, what)) for requested in resources):
            raise ValueError(
                f"deployment {workload!r} has a container that requests no {what}, so its use has no "
                f"percentage: request some, or set {what}=None"
            )


@checked
class Autoscaler(pulumi.ComponentResource):
    """A HorizontalPodAutoscaler named exactly `name`; a new Deployment starts with as many pods as its minimum."""

    def __init__(self, name: str, args: AutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "autoscaler")
        super().__init__("slipway:index:Autoscaler", name, None, opts)
        scaling = args.scaling
        args.workload.start_with(scaling.min)
        namespace, options = placed_in(args.workload.namespace, self)
        self.resource = autoscaling.HorizontalPodAutoscaler(
            name,
            metadata={"name": name, "namespace": namespace, "labels": args.workload.selector},
            spec={
                "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": args.workload.name},
                "min_replicas": scaling.min,
                "max_replicas": scaling.max,
                "metrics": [*_usage("cpu", scaling.cpu), *_usage("memory", scaling.memory), *scaling.metrics],
                "behavior": _behavior(scaling),
            },
            opts=options,
        )
        self.register_outputs({"name": name})


def _usage(resource: Literal["cpu", "memory"], percent: int | None) -> list[autoscaling.MetricSpecArgsDict]:
    if percent is None:
        return []
    target: autoscaling.MetricTargetArgsDict = {"type": "Utilization", "average_utilization": percent}
    return [{"type": "Resource", "resource": {"name": resource, "target": target}}]


def _behavior(scaling: Scaling) -> autoscaling.HorizontalPodAutoscalerBehaviorArgsDict:
    windows: autoscaling.HorizontalPodAutoscalerBehaviorArgsDict = {
        "scale_up": {"stabilization_window_seconds": scaling.up_window},
        "scale_down": {"stabilization_window_seconds": scaling.down_window},
    }
    return cast("autoscaling.HorizontalPodAutoscalerBehaviorArgsDict", merge(windows, scaling.behavior))
