"""What Deployments and StatefulSets share: a number of pods that serve, and the time that a rollout of them takes."""

from __future__ import annotations

from dataclasses import dataclass

from slipway.parts.arguments.checked import checked
from slipway.parts.labels import WorkloadKind
from slipway.parts.names import LONGEST
from slipway.parts.replicas import Replicas
from slipway.parts.workload import Workload, called
from slipway.workloads.rollout.patience import check_patience
from slipway.workloads.selected_template import ServerTemplate


@checked
@dataclass(frozen=True, kw_only=True)
class ReplicatedTemplate(ServerTemplate):
    """Pods that serve, and

    - `replicas`: the number of pods; None if something else sets it, such as an `Autoscaler`.
    - `initial_replicas`: the number of pods that a new workload starts with, if something else sets it later. None
      for the minimum of its `Autoscaler`, or one without an `Autoscaler`. It needs `replicas=None` (ValueError).
    - `ready_within`: how many seconds a whole rollout may take before it counts as failed. None for a time that follows
      from the probes, `min_ready` and a minute for image pulls.
    - `min_ready`: how many seconds a new pod has to stay ready before it counts as available. None for 0, or for 10 if
      a container has no readiness probe: a crash loop then does not pass for a start.
    """

    replicas: int | None = None
    initial_replicas: int | None = None
    ready_within: int | None = None
    min_ready: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_patience(self.ready_within, self.min_ready)
        if self.replicas is not None and self.replicas < 0:
            raise ValueError(f"replicas {self.replicas} is negative: give a number of pods, or None for an autoscaler")
        if self.initial_replicas is not None and self.initial_replicas < 0:
            raise ValueError(f"initial_replicas {self.initial_replicas} is negative: give a number of pods")
        if self.replicas is not None and self.initial_replicas is not None:
            raise ValueError(
                f"replicas {self.replicas} and initial_replicas {self.initial_replicas} exclude each other: give "
                f"replicas to fix their number, or replicas=None and initial_replicas where someone else decides later"
            )

    def replicated(self, name: str, kind: WorkloadKind, *, longest: int = LONGEST) -> Workload:
        """Describe the workload `name` to others. Raises ValueError for an invalid name."""
        replicas = Replicas(called(kind, name), fixed=self.replicas, initial=self.initial_replicas)
        return self.described(name, kind, replicas=replicas, longest=longest)
