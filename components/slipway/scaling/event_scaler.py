"""A ScaledObject of KEDA: it scales pods with the work that is waiting, down to none."""

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
from slipway.parts.secrecy import in_clear
from slipway.parts.workload import Workload, WorkloadResource, workload_of
from slipway.scaling.scaled import Request, check_scaled, hand_over


@checked
@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A source of work for KEDA to watch. Raises ValueError for settings that exclude each other.

    - `type`: one of KEDA's scalers, such as `rabbitmq`, `kafka`, `cron`, `prometheus`, `cpu`.
    - `metadata`: the settings of the scaler, all as text (`"5"`). A secret Output raises RunError: give KEDA secrets by
      an `authentication`.
    - `authentication`: the name of a TriggerAuthentication in the namespace, or of a ClusterTriggerAuthentication if
      `cluster_authentication` is set.
    - `metric`: how its value is compared. None for `Utilization`, in percent of the requests, with `cpu` and `memory`,
      and else for KEDA's default, `AverageValue`.
    - `name`: a name by which a formula can refer to it.
    https://keda.sh/docs/latest/scalers/
    """

    type: str
    metadata: Mapping[str, pulumi.Input[str]]
    authentication: pulumi.Input[str] | None = None
    cluster_authentication: bool = False
    metric: Literal["AverageValue", "Value", "Utilization"] | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        if self.cluster_authentication and self.authentication is None:
            raise ValueError("cluster_authentication says of which kind authentication is: give authentication too")
        if self.type not in ("cpu", "memory") and self.metric == "Utilization":
            raise ValueError(
                f"trigger {self.type!r} has no Utilization: only 'cpu' and 'memory' have; leave metric out"
            )
        if self.type in ("cpu", "memory") and self.metric == "Value":
            raise ValueError(f"trigger {self.type!r} is measured as Utilization or AverageValue: leave metric out")

    def rendered(self, scaler: str) -> dict[str, Any]:
        kind = "ClusterTriggerAuthentication" if self.cluster_authentication else "TriggerAuthentication"
        usual = "Utilization" if self.type in ("cpu", "memory") else None
        what = f"event scaler {scaler!r} trigger {self.type!r}"
        fields = {
            "type": self.type,
            "name": self.name,
            "metadata": {key: in_clear(value, f"{what} metadata {key!r}") for key, value in self.metadata.items()},
            "metricType": self.metric or usual,
            "authenticationRef": {"name": self.authentication, "kind": kind}
            if self.authentication is not None
            else None,
        }
        return stated(fields)


@checked
@dataclass(frozen=True, kw_only=True)
class EventScaling:
    """How to scale with the work that is waiting. Raises ValueError for an invalid range or time.

    - `triggers`: at least one source of work. The trigger that asks for the most pods wins.
    - `min`, `max`: the range of the number of pods. With a `min` of 0 there are no pods while there is no work. That
      needs a trigger other than `cpu` and `memory`.
    - `poll`: seconds between two checks of the triggers, at least 1.
    - `cooldown`: seconds without work until KEDA scales to zero, if `min` is 0.
    """

    triggers: Sequence[Trigger]
    max: int
    min: int = 0
    poll: int = 30
    cooldown: int = 300

    def __post_init__(self) -> None:
        if not self.triggers:
            raise ValueError("triggers is empty: give at least one place where work waits")
        if self.min < 0 or self.max < 1:
            raise ValueError(f"min {self.min} and max {self.max}: give a min of 0 or more and a max of 1 or more")
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}: raise max or lower min")
        if self.min == 0 and all(one.type in ("cpu", "memory") for one in self.triggers):
            raise ValueError("without pods there is no cpu or memory to measure: give min=1, or another trigger beside")
        if self.poll < 1 or self.cooldown < 0:
            raise ValueError(f"poll {self.poll} and cooldown {self.cooldown}: give seconds, 1 or more and 0 or more")

    def measured(self) -> list[Request]:
        """The resources whose use it measures in percent of the requests."""
        requests: tuple[Request, ...] = ("cpu", "memory")
        types = {one.type for one in self.triggers if one.metric in (None, "Utilization")}
        return [what for what in requests if what in types]


@checked
@dataclass(frozen=True, kw_only=True)
class EventScalerArgs(EventScaling):
    """The arguments of an `EventScaler`: those of `EventScaling`, and

    - `workload`: the workload to scale. It cannot have fixed replicas, nor an `Autoscaler`: KEDA makes its own.
    - `labels`, `annotations`: added to its own.
    - `spec`: raw fields of the API, in its camelCase, merged last (RFC 7386).

    Raises ValueError for invalid ones, or if something else sets the replicas.
    https://keda.sh/docs/latest/reference/scaledobject-spec/
    """

    workload: Workload | WorkloadResource
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        check_labels(self.labels)
        super().__post_init__()
        check_scaled(
            workload_of(self.workload), "an event scaler", low=self.min, high=self.max, measured=self.measured()
        )


@checked
class EventScaler(pulumi.ComponentResource):
    """A ScaledObject named exactly `name`. By default, a new workload starts with its minimum of pods.

    The cluster needs KEDA and its CRD.
    """

    def __init__(self, name: str, args: EventScalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "event scaler")
        workload = workload_of(args.workload)
        hand_over(workload, f"event scaler {name!r}", starting_with=args.min, measured=args.measured())
        super().__init__("slipway:index:EventScaler", name, None, opts)
        self.place = workload.place
        spec: dict[str, Any] = {
            "scaleTargetRef": {"apiVersion": workload.api_version, "kind": workload.kind, "name": workload.name},
            "minReplicaCount": args.min,
            "maxReplicaCount": args.max,
            "pollingInterval": args.poll,
            "cooldownPeriod": args.cooldown,
            "triggers": [trigger.rendered(name) for trigger in args.triggers],
        }
        self.resource = custom_resource(
            self,
            "keda.sh/v1alpha1",
            "ScaledObject",
            place=workload.place,
            labels={**args.labels, **workload.labels},
            annotations=args.annotations,
            spec=spec,
            raw=args.spec,
        )
        self.register_outputs({"name": name})
