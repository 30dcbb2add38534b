"""A PodDisruptionBudget: how many pods of a workload may be evicted at once."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, cast

import pulumi
from pulumi_kubernetes.policy import v1 as policy

from slipway.parts.arguments.checked import checked
from slipway.parts.labels import check_labels
from slipway.parts.merge import merge
from slipway.parts.names import check_name
from slipway.parts.workload import Workload, WorkloadResource, workload_of


@checked
@dataclass(frozen=True, kw_only=True)
class DisruptionBudgetArgs:
    """The arguments of a `DisruptionBudget`. Raises ValueError if Kubernetes refuses it or it allows no eviction.

    - `workload`: the workload whose pods it protects. It needs a number of replicas, and cannot have another budget.
    - `max_unavailable`: how many pods may be missing. `min_available`: how many pods have to stay. Each is a number of
      pods, or a percentage of them as in "25%", which Kubernetes rounds up. Give only one of them. Without both, one
      pod may be missing.
    - `broken_pods`: whether a pod that is not ready may be evicted at any time (`AlwaysAllow`), so that it never blocks
      the drain of a node; or only while enough others are ready (`IfHealthyBudget`, the Kubernetes default).
    - `labels`, `annotations`: added to its own.
    - `spec`: raw provider fields, merged last (RFC 7386).
    https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    """

    workload: Workload | WorkloadResource
    max_unavailable: int | str | None = None
    min_available: int | str | None = None
    broken_pods: Literal["AlwaysAllow", "IfHealthyBudget"] = "AlwaysAllow"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: policy.PodDisruptionBudgetSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        workload = workload_of(self.workload)
        check_labels(self.labels)
        if workload.replicas is None:
            raise ValueError(f"{workload} has no number of pods of which a budget could keep some: leave it out")
        if self.max_unavailable is not None and self.min_available is not None:
            raise ValueError(
                f"max_unavailable {self.max_unavailable!r} and min_available {self.min_available!r} exclude each "
                f"other: leave one out"
            )
        for what, given in (("max_unavailable", self.max_unavailable), ("min_available", self.min_available)):
            if given is not None and not re.fullmatch(
                "(100|[0-9]{1,2})%" if isinstance(given, str) else "[0-9]+", str(given)
            ):
                raise ValueError(
                    f"{what} {given!r} is neither a number of pods nor a share of them: give 0 or more, or a whole "
                    f"percentage as in '25%'"
                )
        if self.max_unavailable in (0, "0%", "00%"):
            raise ValueError(
                f"max_unavailable {self.max_unavailable!r} never lets a pod go, so no node could be drained: give 1 or "
                f"more"
            )
        if self.min_available == "100%":
            raise ValueError(
                "min_available '100%' never lets a pod go, so no node could be drained: give max_unavailable=1"
            )
        if workload.replicas.fixed is not None:
            _check_lets_go(workload, self.min_available, workload.replicas.fixed)
        workload.owners.check_free(["disruption budget"], "a disruption budget")


def _check_lets_go(workload: Workload, min_available: int | str | None, least: int) -> None:
    """Raise ValueError if no pod of a workload with `least` pods could be evicted."""
    if isinstance(min_available, str):
        kept = math.ceil(least * int(min_available.rstrip("%")) / 100)
    else:
        kept = min_available or 0
    if kept >= max(least, 1):
        raise ValueError(
            f"min_available {min_available!r} of {workload} lets no pod go while it has {least}, so no node could be "
            f"drained: give max_unavailable=1"
        )


@checked
class DisruptionBudget(pulumi.ComponentResource):
    """A PodDisruptionBudget named exactly `name`. It is changed in place, so that the pods are always protected."""

    def __init__(self, name: str, args: DisruptionBudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "disruption budget")
        workload = workload_of(args.workload)
        if workload.replicas is not None:
            workload.replicas.check_least(partial(_check_lets_go, workload, args.min_available))
        workload.owners.take(["disruption budget"], f"disruption budget {name!r}")
        super().__init__("slipway:index:DisruptionBudget", name, None, opts)
        self.place = workload.place
        neither = args.max_unavailable is None and args.min_available is None
        spec: policy.PodDisruptionBudgetSpecArgsDict = {
            "selector": {"match_labels": workload.selector},
            "unhealthy_pod_eviction_policy": args.broken_pods,
        }
        if args.min_available is not None:
            spec["min_available"] = args.min_available
        else:
            spec["max_unavailable"] = 1 if neither else args.max_unavailable
        self.resource = policy.PodDisruptionBudget(
            name,
            metadata={
                "name": name,
                "namespace": workload.place.name,
                "labels": {**args.labels, **workload.labels},
                "annotations": args.annotations or None,
            },
            spec=cast("policy.PodDisruptionBudgetSpecArgsDict", merge(spec, args.spec)),
            opts=workload.place.child(self),
        )
        self.register_outputs({"name": name})
