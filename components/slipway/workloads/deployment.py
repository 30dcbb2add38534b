"""A Deployment that is updated without losing a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import pulumi
from pulumi_kubernetes.apps import v1 as apps

from slipway.parts.arguments.checked import checked
from slipway.parts.edits.guard import guarded_spec
from slipway.parts.merge import merge
from slipway.parts.provider import FORCED
from slipway.parts.quantities import pods_or_percent
from slipway.parts.workload import Workload, WorkloadResource
from slipway.workloads.pod_rendering import metadata_of
from slipway.workloads.pod_template import PodTemplate
from slipway.workloads.replicated import ReplicatedTemplate
from slipway.workloads.rollout.patience import patience
from slipway.workloads.rollout.watch import awaited

if TYPE_CHECKING:
    from pulumi_kubernetes.apps.v1 import DeploymentStrategyArgsDict

KIND: Final = "Deployment"


@checked
@dataclass(frozen=True, kw_only=True)
class RollingUpdate:
    """Replaces the pods a few at a time. Both fields are a number of pods, or a percentage of them as in "25%".

    At least the declared number of replicas stays ready, unless `max_unavailable` allows fewer.
    Raises ValueError for any other value, for a `max_unavailable` over "100%", and if both are 0.
    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
    """

    max_unavailable: int | str = 0
    max_surge: int | str = "25%"

    def __post_init__(self) -> None:
        unavailable = pods_or_percent("max_unavailable", self.max_unavailable)
        surge = pods_or_percent("max_surge", self.max_surge)
        if unavailable > 100 and isinstance(self.max_unavailable, str):
            raise ValueError(
                f"max_unavailable {self.max_unavailable!r} is more than all pods: give '100%' at most, or a number"
            )
        if unavailable == surge == 0:
            raise ValueError("max_unavailable and max_surge are both 0: no pod could ever be replaced; raise one")


@checked
@dataclass(frozen=True)
class Recreate:
    """Ends the old pods before it starts new ones, with a downtime: for programs that must not run twice."""


@checked
@dataclass(frozen=True, kw_only=True)
class DeploymentArgs(ReplicatedTemplate):
    """The arguments of a `Deployment`: its pods, their number, how long a rollout may take, and

    - `update`: how pods are replaced.
    - `ready_within`: is also its `progressDeadlineSeconds`.
    - `spec`: raw provider fields for everything else, merged last (RFC 7386).
    """

    update: RollingUpdate | Recreate = RollingUpdate()
    spec: apps.DeploymentSpecPatchArgsDict | None = None

    def workload(self, name: str) -> Workload:
        """Describe the Deployment `name` to a Service or an autoscaler. Raises ValueError for an invalid name."""
        return self.replicated(name, KIND)


@checked
class Deployment(WorkloadResource):
    """A Deployment named exactly `name`. Its pods pass the `restricted` pod security standard.

    Pass the component to whatever refers to it (`Service`, `Autoscaler`). `name` and `workload` are plain values, so
    using them does not wait for the rollout. Outputs of `resource` resolve after the rollout.
    """

    def __init__(self, name: str, args: DeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        workload = args.workload(name)
        template = args.rendered(workload, revision_label="pod-template-hash")
        super().__init__("slipway:index:Deployment", name, None, opts)
        assert workload.replicas
        self.name = name
        self.workload = workload
        fixed = args.replicas is not None
        options = workload.place.child(
            self,
            depends_on=args.awaited(),
            # The autoscaler owns the field once the pods exist. Omitting the field would start with one pod, and
            # would remove all pods but one if `replicas` was set before.
            ignore_changes=None if fixed else ["spec.replicas"],
        )
        waits = patience(
            template,
            kind=KIND,
            ready_within=args.ready_within,
            min_ready=args.min_ready,
            replicas=args.replicas,
            step=(args.update.max_surge, args.update.max_unavailable)
            if isinstance(args.update, RollingUpdate)
            else None,
        )
        spec = {
            "revision_history_limit": _history(args),
            "replicas": workload.replicas.declared,
            "selector": {"match_labels": workload.selector},
            "strategy": _strategy(args.update),
            "template": template,
            "min_ready_seconds": waits.min_ready or None,
            "progress_deadline_seconds": waits.seconds,
        }
        self.resource = apps.Deployment(
            name,
            metadata=metadata_of(workload, args, {**FORCED, **waits.annotations}),
            spec=cast("apps.DeploymentSpecArgsDict", guarded_spec(self, merge(spec, args.spec))),
            opts=awaited(options, self, KIND, name, waits.seconds),
        )
        self.register_outputs({"name": name})


def _history(pod: PodTemplate) -> int | None:
    """The number of revisions to keep for a rollback: as many as there are kept versions of the configs they read."""
    return min((one.of.history for one in pod.readings() if one.of.rollout == "versioned"), default=None)


def _strategy(update: RollingUpdate | Recreate) -> DeploymentStrategyArgsDict:
    if isinstance(update, Recreate):
        return {"type": "Recreate"}
    return {
        "type": "RollingUpdate",
        "rolling_update": {"max_unavailable": update.max_unavailable, "max_surge": update.max_surge},
    }
