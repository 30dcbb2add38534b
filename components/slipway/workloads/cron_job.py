"""A CronJob: it starts a Job at set times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import pulumi
from pulumi_kubernetes.batch import v1 as batch

from slipway.parts.arguments.checked import checked
from slipway.parts.merge import merge
from slipway.parts.schedules import MACROS, wrong_schedule, wrong_time_zone
from slipway.parts.workload import Workload, WorkloadResource
from slipway.workloads.pod_rendering import metadata_of
from slipway.workloads.run_template import RunTemplate, render_run

KIND: Final = "CronJob"
_LONGEST = 52
"""The longest name of a CronJob: its controller appends eleven characters to it for each Job."""


@checked
@dataclass(frozen=True, kw_only=True)
class CronJobArgs(RunTemplate):
    """The arguments of a `CronJob`: its pods, how often they may fail, and

    - `schedule`: minute, hour, day of the month, month and day of the week, as in "0 3 * * *"; or a name such as
      "@hourly" (ValueError for an invalid schedule).
    - `time_zone`: the time zone of the schedule, as in "Europe/Berlin" (ValueError for an unknown one).
    - `concurrency`: what happens while the previous run is still running: `Forbid` skips the new run, `Replace` ends
      the previous one, `Allow` lets both run.
    - `start_within`: how many seconds late a run may still start, at least 10; None for no limit.
    - `keep_succeeded`, `keep_failed`: how many finished Jobs to keep.
    - `suspended`: whether to start no runs for now.
    - `cron_spec`: raw provider fields of the CronJob itself, as `spec` has those of its Jobs. Merged last (RFC 7386).

    https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
    """

    schedule: str
    time_zone: str = "Etc/UTC"
    concurrency: Literal["Forbid", "Replace", "Allow"] = "Forbid"
    start_within: int | None = 300
    keep_succeeded: int = 3
    keep_failed: int = 3
    suspended: bool = False
    cron_spec: batch.CronJobSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if wrong := wrong_schedule(self.schedule, time_zone="time_zone"):
            raise ValueError(
                f"schedule {self.schedule!r} is none ({wrong}): give minute, hour, day, month and day of the week, as "
                f"in '0 3 * * *', or one of {', '.join(MACROS)}"
            )
        if wrong := wrong_time_zone(self.time_zone):
            raise ValueError(f"time_zone {self.time_zone!r} is not in the tz database: {wrong}")
        for what, number in (("keep_succeeded", self.keep_succeeded), ("keep_failed", self.keep_failed)):
            if number < 0:
                raise ValueError(f"{what} {number} is negative: give a number of Jobs, or 0 for none")
        # The controller checks every ten seconds. With a shorter deadline it would miss runs.
        if self.start_within is not None and self.start_within < 10:
            raise ValueError(f"start_within {self.start_within} s is too short: Kubernetes looks every 10 s; give more")

    def workload(self, name: str) -> Workload:
        """Describe the CronJob `name` to others. Raises ValueError for an invalid name, or one longer than 52."""
        return self.described(name, KIND, api_version="batch/v1", longest=_LONGEST)


@checked
class CronJob(WorkloadResource):
    """A CronJob named exactly `name`. A deployment does not wait for its runs."""

    def __init__(self, name: str, args: CronJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        workload = args.workload(name)
        job = render_run(workload, args)
        super().__init__("slipway:index:CronJob", name, None, opts)
        self.name = name
        self.workload = workload
        spec: dict[str, Any] = {
            "schedule": args.schedule,
            "time_zone": args.time_zone,
            "concurrency_policy": args.concurrency,
            "starting_deadline_seconds": args.start_within,
            "successful_jobs_history_limit": args.keep_succeeded,
            "failed_jobs_history_limit": args.keep_failed,
            "suspend": args.suspended,
            "job_template": {"metadata": {"labels": workload.labels}, "spec": job},
        }
        self.resource = batch.CronJob(
            name,
            metadata=metadata_of(workload, args, {}),
            spec=cast("batch.CronJobSpecArgsDict", merge(spec, args.cron_spec)),
            opts=workload.place.child(self, depends_on=args.awaited()),
        )
        self.register_outputs({"name": name})
