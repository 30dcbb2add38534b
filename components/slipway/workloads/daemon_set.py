"""A DaemonSet: one pod on each node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import pulumi
from pulumi_kubernetes.apps import v1 as apps

from slipway.parts.arguments.checked import checked
from slipway.parts.edits.guard import guarded_spec
from slipway.parts.merge import merge
from slipway.parts.provider import FORCED
from slipway.parts.quantities import pods_or_percent
from slipway.parts.workload import Workload, WorkloadResource
from slipway.workloads.pod_rendering import metadata_of
from slipway.workloads.rollout.patience import check_patience, patience
from slipway.workloads.rollout.watch import awaited
from slipway.workloads.selected_template import SelectedTemplate

KIND: Final = "DaemonSet"


@checked
@dataclass(frozen=True, kw_only=True)
class DaemonSetArgs(SelectedTemplate):
    """The arguments of a `DaemonSet`: its pods, and

    - `max_unavailable`: on how many nodes the pod may be missing at once during an update: a number, or a percentage
      as in "10%".
    - `ready_within`, `min_ready`: as for a `Deployment`.
    - `spec`: raw provider fields for everything else, merged last (RFC 7386).

    https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
    """

    max_unavailable: int | str = 1
    ready_within: int | None = None
    min_ready: int | None = None
    spec: apps.DaemonSetSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_patience(self.ready_within, self.min_ready)
        if pods_or_percent("max_unavailable", self.max_unavailable) == 0:
            raise ValueError("max_unavailable is 0: no pod could ever be replaced; give 1 or more, or a share")
        if self.spread is not None:
            raise ValueError(f"spread {self.spread!r} is of no use to a pod on each node: leave it out")

    def workload(self, name: str) -> Workload:
        """Describe the DaemonSet `name` to a Service. Raises ValueError for an invalid name."""
        return self.described(name, KIND)


@checked
class DaemonSet(WorkloadResource):
    """A DaemonSet named exactly `name`. Its pods pass the `restricted` pod security standard."""

    def __init__(self, name: str, args: DaemonSetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        workload = args.workload(name)
        template = args.rendered(workload)
        super().__init__("slipway:index:DaemonSet", name, None, opts)
        self.name = name
        self.workload = workload
        waits = patience(
            template,
            kind=KIND,
            ready_within=args.ready_within,
            min_ready=args.min_ready,
            replicas=None,
            step=(0, args.max_unavailable),
        )
        spec = {
            "selector": {"match_labels": workload.selector},
            "update_strategy": {
                "type": "RollingUpdate",
                "rolling_update": {"max_unavailable": args.max_unavailable},
            },
            "template": template,
            "min_ready_seconds": waits.min_ready or None,
        }
        self.resource = apps.DaemonSet(
            name,
            metadata=metadata_of(workload, args, {**FORCED, **waits.annotations}),
            spec=cast("apps.DaemonSetSpecArgsDict", guarded_spec(self, merge(spec, args.spec))),
            opts=awaited(workload.place.child(self, depends_on=args.awaited()), self, KIND, name, waits.seconds),
        )
        self.register_outputs({"name": name})
