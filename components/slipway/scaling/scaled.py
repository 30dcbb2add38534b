"""Checks for every component that sets the number of pods of a workload."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from slipway.parts.quantities import parse_quantity
from slipway.parts.workload import Workload

Request = Literal["cpu", "memory"]


def check_scaled(workload: Workload, by: str, *, low: int, high: int, measured: Collection[Request]) -> None:
    """Raise ValueError if `by`, such as "an autoscaler", cannot scale `workload` between `low` and `high` pods.

    `measured` are the resources whose use it measures in percent of the requests.
    """
    if workload.replicas is None:
        raise ValueError(f"{workload} has no replicas to scale: give a Deployment")
    workload.replicas.check_free(by)
    workload.owners.check_free(measured, by)
    initial = workload.replicas.initial
    if initial is not None and not low <= initial <= high:
        raise ValueError(
            f"initial_replicas {initial} of {workload} is not within its autoscaler's {low} to {high}: leave it out to "
            f"start with {low}"
        )
    for what in measured:
        if any(not parse_quantity(getattr(requested, what)) for requested in workload.resources):
            raise ValueError(
                f"{workload} has a container that requests no {what}, so its use has no percentage: request some, or "
                f"do not scale on {what}"
            )


def hand_over(workload: Workload, to: str, *, starting_with: int, measured: Collection[Request]) -> None:
    """Let `to`, such as "autoscaler 'web'", set the number of pods. Raises ValueError if something else does."""
    assert workload.replicas
    workload.replicas.hand_over(to, starting_with=starting_with)
    workload.owners.take(measured, to)
