"""A Job: what runs once to its end, and again when what it runs has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.batch import v1 as batch

from slipway.parts.arguments.checked import checked
from slipway.parts.digests import DIGITS, quick_digest
from slipway.parts.names import LONGEST
from slipway.parts.workload import RunsToCompletion, Workload
from slipway.workloads.pod_rendering import metadata_of
from slipway.workloads.rollout.watch import awaited
from slipway.workloads.run_template import RunTemplate, render_run

KIND: Final = "Job"
_OVER = 60
"""Seconds after its deadline in which the Job is seen to have failed."""


@checked
@dataclass(frozen=True, kw_only=True)
class JobArgs(RunTemplate):
    """What a `Job` is made from: its pods, and how often they may fail."""

    def workload(self, name: str) -> Workload:
        """The Job `name` as others see it. Raises ValueError for a name that is none, or that its digest makes long."""
        return self.described(name, KIND, api_version="batch/v1", longest=LONGEST - DIGITS - 1)


@checked
class Job(RunsToCompletion):
    """A Job named `name` and eight digits of what it runs: Kubernetes changes no Job, so a changed one is another.

    One that has not changed does not run again; one that has failed does, with the next deployment. A deployment
    waits until it has succeeded, and `before=[job]` of a workload lets that wait, too.
    """

    def __init__(self, name: str, args: JobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        workload = args.workload(name)
        spec = render_run(workload, args)
        super().__init__("slipway:index:Job", name, None, opts)
        self.name = name
        self.workload = workload
        written = pulumi.Output.json_dumps(spec, sort_keys=True)
        digest = pulumi.Output.unsecret(written.apply(lambda text: quick_digest(text.encode())))
        metadata = metadata_of(workload, args, {"pulumi.com/replaceUnready": "true"})
        metadata["name"] = pulumi.Output.concat(name, "-", digest)
        options = workload.place.child(self, depends_on=args.awaited())
        self.resource = batch.Job(
            name, metadata=metadata, spec=spec, opts=awaited(options, self, KIND, name, args.deadline + _OVER)
        )
        self.register_outputs({"name": metadata["name"]})
