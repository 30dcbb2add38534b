"""A VerticalPodAutoscaler: it sets what the containers of a workload request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

from slipway.parts.arguments.checked import checked
from slipway.parts.custom_resource import custom_resource
from slipway.parts.labels import check_labels
from slipway.parts.merge import stated
from slipway.parts.names import check_name
from slipway.parts.ownership import Thing
from slipway.parts.quantities import check_cpu, check_memory, parse_quantity
from slipway.parts.workload import Workload, WorkloadResource, workload_of
from slipway.scaling.scaled import Request

EVERY_CONTAINER = "*"


@checked
@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The minimum and maximum requests of a container, as Kubernetes quantities; None for no limit.

    Raises ValueError for an invalid quantity, and if a minimum is above its maximum.
    """

    min_cpu: str | None = None
    max_cpu: str | None = None
    min_memory: str | None = None
    max_memory: str | None = None

    def __post_init__(self) -> None:
        for what, check in (("cpu", check_cpu), ("memory", check_memory)):
            low, high = getattr(self, f"min_{what}"), getattr(self, f"max_{what}")
            for end, amount in (("min", low), ("max", high)):
                if amount is not None:
                    check(amount, f"{end}_{what}")
            if low is not None and high is not None and parse_quantity(low) > parse_quantity(high):
                raise ValueError(f"min_{what} {low!r} is above max_{what} {high!r}: raise the one or lower the other")

    def rendered(self) -> dict[str, Any]:
        low = stated({"cpu": self.min_cpu, "memory": self.min_memory})
        high = stated({"cpu": self.max_cpu, "memory": self.max_memory})
        return stated({"minAllowed": low or None, "maxAllowed": high or None})


@checked
@dataclass(frozen=True, kw_only=True)
class VerticalAutoscalerArgs:
    """The arguments of a `VerticalAutoscaler`. Raises ValueError if something else depends on these requests.

    That is another vertical autoscaler of the workload, or an autoscaler that measures the use in percent of them.

    - `workload`: the workload whose requests it sets. It changes the limits in proportion.
    - `mode`: `InPlaceOrRecreate` changes running pods, and evicts a pod if its node has no room (VPA 1.4 and Kubernetes
      1.33, or later). `Recreate` evicts pods. `Initial` changes only new pods. `Off` only recommends, and so does not
      conflict with an autoscaler.
    - `resources`: which requests it sets.
    - `containers`: bounds by container name. The main container has the workload's name. `*` is for all others.
    - `min_replicas`: how many pods there have to be before one is evicted; None for the controller's setting (2).
    - `labels`, `annotations`: added to its own.
    - `spec`: raw fields of the API, in its camelCase, merged last (RFC 7386).
    https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/api.md
    """

    workload: Workload | WorkloadResource
    mode: Literal["Off", "Initial", "Recreate", "InPlaceOrRecreate"] = "InPlaceOrRecreate"
    resources: Sequence[Request] = ("cpu", "memory")
    containers: Mapping[str, Bounds] = field(default_factory=dict[str, Bounds])
    min_replicas: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        check_labels(self.labels)
        if not self.resources:
            raise ValueError("resources is empty: give 'cpu', 'memory' or both")
        for name in set(self.containers) - {EVERY_CONTAINER}:
            check_name(name, "container")
        if self.min_replicas is not None and self.min_replicas < 1:
            raise ValueError(f"min_replicas {self.min_replicas} is below 1: give how many pods there have to be")
        workload_of(self.workload).owners.check_free(self.owned(), "a vertical autoscaler")

    def owned(self) -> list[Thing]:
        return ["vertical autoscaler", *(() if self.mode == "Off" else self.resources)]


@checked
class VerticalAutoscaler(pulumi.ComponentResource):
    """A VerticalPodAutoscaler named exactly `name`. The cluster needs its controller and its CRD."""

    def __init__(self, name: str, args: VerticalAutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "vertical autoscaler")
        workload = workload_of(args.workload)
        workload.owners.take(args.owned(), f"vertical autoscaler {name!r}")
        super().__init__("slipway:index:VerticalAutoscaler", name, None, opts)
        self.place = workload.place
        containers = {EVERY_CONTAINER: Bounds(), **args.containers}
        spec: dict[str, Any] = {
            "targetRef": {"apiVersion": workload.api_version, "kind": workload.kind, "name": workload.name},
            "updatePolicy": stated({"updateMode": args.mode, "minReplicas": args.min_replicas}),
            "resourcePolicy": {
                "containerPolicies": [
                    {"containerName": one, "controlledResources": [*args.resources], **bounds.rendered()}
                    for one, bounds in containers.items()
                ]
            },
        }
        self.resource = custom_resource(
            self,
            "autoscaling.k8s.io/v1",
            "VerticalPodAutoscaler",
            place=workload.place,
            labels={**args.labels, **workload.labels},
            annotations=args.annotations,
            spec=spec,
            raw=args.spec,
        )
        self.register_outputs({"name": name})
