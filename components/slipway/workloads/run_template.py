"""What Jobs and CronJobs share: pods that run to their end, and how often they may fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from pulumi_kubernetes.batch import v1 as batch

from slipway.parts.arguments.checked import checked
from slipway.parts.merge import merge, stated
from slipway.parts.workload import Workload
from slipway.workloads.pod_rendering import render_pod
from slipway.workloads.pod_template import PodTemplate, RestartPolicy


@checked
@dataclass(frozen=True, kw_only=True)
class RunTemplate(PodTemplate):
    """Pods that run to their end, and

    - `parallelism`: how many pods run at once. `completions`: how many must succeed. None for one, or if the pods
      share a queue: the first success then means that the queue is empty.
    - `indexed`: whether each completion gets its own number, in the variable `JOB_COMPLETION_INDEX`.
    - `retries`: how many failed pods (or restarts) are allowed in total. `retries_per_index`: how many are allowed for
      each number of an indexed Job. The other numbers then go on.
    - `failure_policy`: raw provider rules that end the Job early, or ignore a failure.
    - `deadline`: how many seconds the Job may take in total, with all retries. It then ends as failed.
    - `spec`: raw provider fields of the Job for everything else, merged last (RFC 7386).

    https://kubernetes.io/docs/concepts/workloads/controllers/job/
    """

    # With OnFailure, Kubernetes deletes the pod of a Job that fails, and its log with it.
    # https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
    RESTARTS: ClassVar[tuple[RestartPolicy, ...]] = ("Never", "OnFailure")

    parallelism: int = 1
    completions: int | None = None
    indexed: bool = False
    retries: int = 3
    retries_per_index: int | None = None
    failure_policy: batch.PodFailurePolicyPatchArgsDict | None = None
    deadline: int = 600
    spec: batch.JobSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        least: Sequence[tuple[str, int | None, int]] = (
            ("parallelism", self.parallelism, 1),
            ("completions", self.completions, 1),
            ("retries", self.retries, 0),
            ("retries_per_index", self.retries_per_index, 0),
            ("deadline", self.deadline, 1),
        )
        for what, number, smallest in least:
            if number is not None and number < smallest:
                raise ValueError(f"{what} {number} is below {smallest}: give {smallest} or more")
        if self.retries_per_index is not None and not self.indexed:
            raise ValueError(f"retries_per_index {self.retries_per_index} needs indexed=True, which numbers the pods")
        if self.indexed and self.completions is None:
            raise ValueError("indexed needs completions: give how many numbers there are")
        if self.failure_policy is not None and self.restart_policy == "OnFailure":
            raise ValueError("failure_policy needs restart_policy='Never': Kubernetes judges pods, not restarts")


def render_run(workload: Workload, args: RunTemplate) -> batch.JobSpecArgsDict:
    """Render the Job spec of a Job or a CronJob."""
    spec: dict[str, Any] = {
        "parallelism": args.parallelism if args.parallelism > 1 else None,
        "completions": args.completions,
        "completion_mode": "Indexed" if args.indexed else None,
        "backoff_limit": None if args.retries_per_index is not None else args.retries,
        "backoff_limit_per_index": args.retries_per_index,
        "pod_failure_policy": args.failure_policy,
        "active_deadline_seconds": args.deadline,
        "template": render_pod(workload, args),
    }
    return cast("batch.JobSpecArgsDict", merge(stated(spec), args.spec))
