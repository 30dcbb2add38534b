"""A CronJob: what runs to its end at set times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pulumi
from cronsim import CronSim, CronSimError
from pulumi_kubernetes.batch import v1 as batch

from slipway.parts.arguments.checked import checked
from slipway.parts.workload import Workload, WorkloadResource
from slipway.workloads.pod_rendering import metadata_of
from slipway.workloads.run_template import RunTemplate, render_run

KIND: Final = "CronJob"
_LONGEST = 52
"""Characters of its name: its controller adds eleven for each Job."""


@checked
@dataclass(frozen=True, kw_only=True)
class CronJobArgs(RunTemplate):
    """What a `CronJob` is made from: its pods, how often they may fail, and

    - `schedule`: minute, hour, day of the month, month and day of the week, as in "0 3 * * *"; or "@hourly" and the
      like (ValueError for what is none).
    - `time_zone`: the one that the schedule is in, as in "Europe/Berlin" (ValueError for one that is not known).
    - `concurrency`: what happens where the run before has not ended: `Forbid` leaves this one out, `Replace` ends that
      one, `Allow` lets both run.
    - `start_within`: seconds after its time in which a run may still start; None for ever.
    - `keep_succeeded`, `keep_failed`: how many Jobs stay to be looked at.
    - `suspended`: whether it makes no runs for now.

    https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
    """

    schedule: str
    time_zone: str = "Etc/UTC"
    concurrency: Literal["Forbid", "Replace", "Allow"] = "Forbid"
    start_within: int | None = 300
    keep_succeeded: int = 3
    keep_failed: int = 3
    suspended: bool = False

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
        # Its controller looks every ten seconds, and would miss what has to start in less.
        if self.start_within is not None and self.start_within < 10:
            raise ValueError(f"start_within {self.start_within} s is too short: Kubernetes looks every 10 s; give more")

    def workload(self, name: str) -> Workload:
        """The CronJob `name` as others see it. Raises ValueError for a name that is none, or longer than 52."""
        return self.described(name, KIND, api_version="batch/v1", longest=_LONGEST)


_NAMED = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")


def _check_schedule(schedule: str) -> None:
    if schedule in _NAMED:
        return
    try:
        if len(schedule.split()) != 5:
            raise CronSimError("it has not five fields")
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
            spec=spec,  # type: ignore[arg-type]
            opts=workload.place.child(self, depends_on=args.awaited()),
        )
        self.register_outputs({"name": name})
