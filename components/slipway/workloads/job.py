"""A Job: it runs once to its end, and again after its spec has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.batch import v1 as batch

from slipway.parts.arguments.checked import checked
from slipway.parts.digests import DIGITS, spec_digest
from slipway.parts.names import LONGEST
from slipway.parts.workload import RunsToCompletion, Workload
from slipway.workloads.pod_rendering import metadata_of
from slipway.workloads.rollout.watch import awaited
from slipway.workloads.run_template import RunTemplate, render_run

KIND: Final = "Job"
_OVER = 60
"""Seconds to wait past the Job's deadline, so that Pulumi still sees it fail."""


@checked
@dataclass(frozen=True, kw_only=True)
class JobArgs(RunTemplate):
    """The arguments of a `Job`: its pods, and how often they may fail."""

    def workload(self, name: str) -> Workload:
        """Describe the Job `name` to others. Raises ValueError for an invalid name, or one too long with a digest."""
        return self.described(name, KIND, api_version="batch/v1", longest=LONGEST - DIGITS - 1)


@checked
class Job(RunsToCompletion):
    """A Job named `name`, plus eight digits of a digest of its spec.

    Kubernetes does not update Jobs, so a changed spec makes a new Job. An unchanged Job does not run again. A failed
    Job runs again with the next deployment. A deployment waits until the Job has succeeded. A workload with
    `before=[job]` waits for it, too.
    """

    def __init__(self, name: str, args: JobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        workload = args.workload(name)
        spec = render_run(workload, args)
        super().__init__("slipway:index:Job", name, None, opts)
        self.name = name
        self.workload = workload
        metadata = metadata_of(workload, args, {"pulumi.com/replaceUnready": "true"})
        metadata["name"] = pulumi.Output.concat(name, "-", spec_digest(spec))
        options = workload.place.child(self, depends_on=args.awaited())
        # Otherwise the former Job stays if the new one fails. Going back to the former spec would then fail, because a
        # Job of that name is there.
        options.delete_before_replace = True
        self.resource = batch.Job(
            name, metadata=metadata, spec=spec, opts=awaited(options, self, KIND, name, args.deadline + _OVER)
        )
        self.register_outputs({"name": metadata["name"]})
