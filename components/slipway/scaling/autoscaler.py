"""A HorizontalPodAutoscaler (v2) of a workload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pulumi
from pulumi_kubernetes.autoscaling import v2 as autoscaling

from slipway.parts.arguments.checked import checked
from slipway.parts.merge import merge
from slipway.parts.names import check_name
from slipway.parts.workload import Workload, WorkloadResource, workload_of
from slipway.scaling.scaled import Request, check_scaled, hand_over


@checked
@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How to scale: `min` to `max` pods, and on which metrics. Raises ValueError for an invalid range or target.

    - `cpu`, `memory`: the target for the average use, in percent of what the main container and the sidecars request.
      None does not scale on it. In many programs memory does not fall with the load: do not scale these on memory.
    - `metrics`: further raw provider metrics (`Pods`, `Object`, `External`, …). The metric that asks for the most pods
      wins.
    - `up_window`, `down_window`: the stabilization windows in seconds, 0 to 3600. The autoscaler follows the most
      cautious recommendation within them.
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

    def measured(self) -> list[Request]:
        """The resources whose use it measures in percent of the requests."""
        targets: dict[Request, int | None] = {"cpu": self.cpu, "memory": self.memory}
        return [what for what, target in targets.items() if target is not None]


@checked
@dataclass(frozen=True, kw_only=True)
class AutoscalerArgs:
    """The workload to scale, and how. `spec` are raw provider fields for everything else, merged last (RFC 7386).

    Raises ValueError for a workload that cannot be scaled in this way:

    - It has no replicas, or fixed ones, or `initial_replicas` outside the range.
    - A container does not request the resource to scale on.
    - Another autoscaler already sets its replicas, or a vertical autoscaler sets its requests of that resource.
    """

    workload: Workload | WorkloadResource
    scaling: Scaling
    spec: autoscaling.HorizontalPodAutoscalerSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        workload, scaling = workload_of(self.workload), self.scaling
        check_scaled(workload, "an autoscaler", low=scaling.min, high=scaling.max, measured=scaling.measured())


@checked
class Autoscaler(pulumi.ComponentResource):
    """A HorizontalPodAutoscaler named exactly `name`. By default, a new workload starts with its minimum of pods."""

    def __init__(self, name: str, args: AutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "autoscaler")
        workload, scaling = workload_of(args.workload), args.scaling
        hand_over(workload, f"autoscaler {name!r}", starting_with=scaling.min, measured=scaling.measured())
        super().__init__("slipway:index:Autoscaler", name, None, opts)
        spec: autoscaling.HorizontalPodAutoscalerSpecArgsDict = {
            "scale_target_ref": {
                "api_version": workload.api_version,
                "kind": workload.kind,
                "name": workload.name,
            },
            "min_replicas": scaling.min,
            "max_replicas": scaling.max,
            "metrics": [*_usage("cpu", scaling.cpu), *_usage("memory", scaling.memory), *scaling.metrics],
            "behavior": _behavior(scaling),
        }
        self.resource = autoscaling.HorizontalPodAutoscaler(
            name,
            metadata={"name": name, "namespace": workload.place.name, "labels": workload.labels},
            spec=cast("autoscaling.HorizontalPodAutoscalerSpecArgsDict", merge(spec, args.spec)),
            opts=workload.place.child(self),
        )
        self.register_outputs({"name": name})


def _usage(resource: Request, percent: int | None) -> list[autoscaling.MetricSpecArgsDict]:
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
