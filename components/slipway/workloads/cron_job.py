"""A CronJob: it starts a Job at set times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pulumi
from cronsim import CronSim, CronSimError
from pulumi_kubernetes.batch import v1 as batch

from slipway.parts.arguments.checked import checked
from slipway.parts.merge import merge
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
        _check_schedule(self.schedule)
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"time_zone {self.time_zone!r} is not known: give a name of the tz database, as in 'Europe/Berlin'"
            ) from None
        for what, number in (("keep_succeeded", self.keep_succeeded), ("keep_failed", self.keep_failed)):
            if number < 0:
                raise ValueError(f"{what} {number} is negative: give a number of Jobs, or 0 for none")
        # The controller checks every ten seconds. With a shorter deadline it would miss runs.
        if self.start_within is not None and self.start_within < 10:
            raise ValueError(f"start_within {self.start_within} s is too short: Kubernetes looks every 10 s; give more")

    def workload(self, name: str) -> Workload:
        """Describe the CronJob `name` to others. Raises ValueError for an invalid name, or one longer than 52."""
        return self.described(name, KIND, api_version="batch/v1", longest=_LONGEST)


_NAMES = "SUN MON TUE WED THU FRI SAT JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_FIELD = re.compile(rf"([*?\d,/-]|{'|'.join(_NAMES)})+", re.IGNORECASE)
_NAMED = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")


def _check_schedule(schedule: str) -> None:
    if schedule in _NAMED:
        return
    try:
        if len(schedule.split()) != 5:
            raise CronSimError("it has not five fields")
        if not all(map(_FIELD.fullmatch, schedule.split())) or "7" in re.findall(r"\d+", schedule.split()[4]):
            raise CronSimError("Kubernetes takes no L, W, # or 7 for a day")
        CronSim(schedule, datetime(2000, 1, 1))
    except CronSimError as error:
        raise ValueError(
            f"schedule {schedule!r} is none ({error}): give minute, hour, day, month and day of the week, as in "
            f"'0 3 * * *', or one of {', '.join(_NAMED)}"
        ) from None


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
