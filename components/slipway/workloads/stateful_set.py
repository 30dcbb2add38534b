"""A StatefulSet: pods that keep their name and their storage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal, cast

import pulumi
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.edits.guard import guarded_spec
from slipway.parts.merge import merge
from slipway.parts.names import LONGEST, check_service_name
from slipway.parts.provider import FORCED, NOT_AWAITED
from slipway.parts.volumes import ClaimTemplate
from slipway.parts.workload import Workload, WorkloadResource
from slipway.workloads.pod_rendering import metadata_of
from slipway.workloads.replicated import ReplicatedTemplate
from slipway.workloads.rollout.patience import patience
from slipway.workloads.rollout.watch import awaited

KIND: Final = "StatefulSet"
HEADLESS = "-headless"
_REVISION = "-0123456789"
"""What the controller appends to the name for a revision label. A label holds 63 characters at most."""


@checked
@dataclass(frozen=True, kw_only=True)
class StatefulSetArgs(ReplicatedTemplate):
    """The arguments of a `StatefulSet`: its pods, which may mount a `ClaimTemplate`, how long a rollout may take, and

    - `replicas`: the number of pods, by default 1; None if something else sets it, such as an `Autoscaler`.
    - `order`: `parallel` creates and ends all pods at once. `ordered` does it one by one, and waits until each pod is
      ready.
    - `partition`: only pods with this number or a higher one get an update, for a canary. 0 for all.
    - `keep_claims`: whether the claims stay after the StatefulSet is deleted or scaled down. If not, a change that
      replaces the StatefulSet loses their data.
    - `spec`: raw provider fields for everything else. `service_spec`: those of its headless Service. Both are merged
      last (RFC 7386).

    Kubernetes does not accept a change of `order` or of the claim templates. A change to a StatefulSet that the stack
    has already made is refused before anything is written. The error says what to do instead.
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
    """

    TAKES_CLAIM_TEMPLATES: ClassVar[bool] = True

    replicas: int | None = 1
    order: Literal["parallel", "ordered"] = "ordered"
    partition: int = 0
    keep_claims: bool = True
    spec: apps.StatefulSetSpecPatchArgsDict | None = None
    service_spec: core.ServiceSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.partition < 0:
            raise ValueError(f"partition {self.partition} is negative: give a number of pods")
        names = [one.name for one in self.claim_templates()]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"claim template {twice[0]!r} is there twice: mount the same one, or rename one")

    def workload(self, name: str) -> Workload:
        """Describe the StatefulSet `name` to a Service or an autoscaler. Raises ValueError for an invalid name."""
        check_service_name(name)
        return self.replicated(name, KIND, longest=LONGEST - len(_REVISION))


@checked
class StatefulSet(WorkloadResource):
    """A StatefulSet named exactly `name`, and a headless Service `NAME-headless` that gives its pods DNS names.

    Other pods of the namespace reach pod 0 as `NAME-0.NAME-headless`. Add a `Service` for its clients.
    """

    def __init__(self, name: str, args: StatefulSetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        workload = args.workload(name)
        template = args.rendered(workload, revision_label="controller-revision-hash")
        super().__init__("slipway:index:StatefulSet", name, None, opts)
        assert workload.replicas
        self.name = name
        self.workload = workload
        self.headless = self._headless(args)
        waits = patience(
            template,
            kind=KIND,
            ready_within=args.ready_within,
            min_ready=args.min_ready,
            replicas=args.replicas,
            # An update replaces one pod at a time.
            step=(0, 1),
        )
        options = workload.place.child(
            self,
            depends_on=[*args.awaited(), self.headless],
            ignore_changes=None if args.replicas is not None else ["spec.replicas"],
        )
        spec: apps.StatefulSetSpecArgsDict = {
            "service_name": name + HEADLESS,
            "replicas": workload.replicas.declared,
            "selector": {"match_labels": workload.selector},
            "pod_management_policy": "Parallel" if args.order == "parallel" else "OrderedReady",
            "update_strategy": {"type": "RollingUpdate", "rolling_update": {"partition": args.partition}},
            "template": template,
            "volume_claim_templates": [_claim(one) for one in args.claim_templates()],
            "persistent_volume_claim_retention_policy": {
                "when_deleted": "Retain" if args.keep_claims else "Delete",
                "when_scaled": "Retain" if args.keep_claims else "Delete",
            },
            "min_ready_seconds": waits.min_ready,
        }
        self.resource = apps.StatefulSet(
            name,
            metadata=metadata_of(workload, args, {**FORCED, **(waits.annotations if not args.partition else {})}),
            spec=cast("apps.StatefulSetSpecArgsDict", guarded_spec(self, merge(spec, args.spec))),
            opts=awaited(options, self, KIND, name, waits.seconds),
        )
        self.register_outputs({"name": name})

    def _headless(self, args: StatefulSetArgs) -> core.Service:
        workload = self.workload
        spec: core.ServiceSpecArgsDict = {
            "cluster_ip": "None",
            "selector": workload.selector,
            # Pods have to find each other before they are ready: many need their peers to become ready.
            "publish_not_ready_addresses": True,
        }
        if workload.ports:
            spec["ports"] = [
                {
                    "name": port.name,
                    "port": port.number,
                    "target_port": workload.target_port(port),
                    "protocol": port.protocol,
                }
                for port in workload.ports
            ]
        return core.Service(
            workload.name + HEADLESS,
            metadata={
                "name": workload.name + HEADLESS,
                "namespace": workload.place.name,
                "labels": {**args.labels, **workload.labels},
                "annotations": NOT_AWAITED,
            },
            spec=cast("core.ServiceSpecArgsDict", merge(spec, args.service_spec)),
            opts=workload.place.child(self),
        )


def _claim(template: ClaimTemplate) -> core.PersistentVolumeClaimArgsDict:
    return {
        "metadata": {
            "name": template.name,
            "labels": template.labels or None,  # type: ignore[typeddict-item]
            "annotations": template.annotations or None,  # type: ignore[typeddict-item]
        },
        "spec": {
            "access_modes": [template.access_mode],
            "storage_class_name": template.storage_class,  # type: ignore[typeddict-item]
            "resources": {"requests": {"storage": template.size}},
        },
    }
