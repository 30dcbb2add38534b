"""A single pod without a controller: for debugging, or for a task that runs once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.digests import spec_digest
from slipway.parts.edits.guard import body_of, guarded
from slipway.parts.edits.objects import Body
from slipway.parts.edits.workloads import SPEC_DIGEST
from slipway.parts.workload import Workload, WorkloadResource
from slipway.workloads.pod_rendering import metadata_of, render_pod
from slipway.workloads.pod_template import PodTemplate, RestartPolicy

KIND: Final = "Pod"


@checked
@dataclass(frozen=True, kw_only=True)
class PodArgs(PodTemplate):
    """The arguments of a `Pod`: the fields of every pod, and

    - `ready_within`: how many seconds it may take to become ready.

    No controller recreates the pod if its node is lost. Almost any change replaces it, and the old pod is deleted
    first. So a change of a pod with `ports` raises RunError before anything is written. Use a Deployment to avoid both,
    or a Job for a program that runs to its end.
    https://kubernetes.io/docs/concepts/workloads/pods/
    """

    RESTARTS: ClassVar[tuple[RestartPolicy, ...]] = ("Always", "OnFailure", "Never")

    ready_within: int = 120

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ready_within < 1:
            raise ValueError(f"ready_within {self.ready_within} s is over before it begins: give 1 or more")

    def workload(self, name: str) -> Workload:
        """Describe the Pod `name` to a Service. Raises ValueError for an invalid name."""
        return self.described(name, KIND, api_version="v1")


@checked
class Pod(WorkloadResource):
    """A Pod named exactly `name`. It passes the `restricted` pod security standard."""

    def __init__(self, name: str, args: PodArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        workload = args.workload(name)
        template = cast("dict[str, Any]", render_pod(workload, args))
        super().__init__("slipway:index:Pod", name, None, opts)
        self.name = name
        self.workload = workload
        options = workload.place.child(self, depends_on=args.awaited())
        seconds = f"{args.ready_within}s"
        options.custom_timeouts = pulumi.CustomTimeouts(create=seconds, update=seconds)
        metadata: dict[str, Any] = {**metadata_of(workload, args, {}), **template["metadata"]}
        metadata["labels"] = {**args.labels, **workload.pod_labels}
        if args.ports:
            metadata["annotations"] = {**(metadata.get("annotations") or {}), SPEC_DIGEST: self._kept(template["spec"])}
        self.resource = core.Pod(name, metadata=cast("Any", metadata), spec=template["spec"], opts=options)
        self.register_outputs({"name": name})

    def _kept(self, spec: Any) -> pulumi.Output[str]:
        """The digest of the spec, if it is as it was."""
        workload, digest = self.workload, spec_digest(spec)

        def body(known: str) -> Body:
            annotations = {"annotations": {SPEC_DIGEST: known}}
            return body_of("v1", KIND, workload.name, workload.place.known, metadata=annotations)

        return guarded(self, digest, digest.apply(body))
