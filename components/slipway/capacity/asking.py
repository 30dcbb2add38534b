"""From the run of a stack's program to its answer."""

from __future__ import annotations

from collections.abc import Mapping

from slipway.capacity.answer import Answer, answer
from slipway.capacity.asked import Asked
from slipway.capacity.cluster import Cluster
from slipway.capacity.demand import Demand
from slipway.capacity.model import CapacityError
from slipway.capacity.scenarios import Question
from slipway.capacity.scores import Model
from slipway.capacity.workloads import unknowns
from slipway.preview.clusters import by_cluster
from slipway.preview.config import StackConfig
from slipway.preview.model import Severity, StackRun
from slipway.preview.result import Result, result_of


def answers(
    runs: Mapping[str, tuple[StackRun, StackConfig, Cluster]], *, model: str, asked: Asked
) -> dict[str, Answer]:
    """The answer of each stack. Raises CapacityError for a program that failed: half of it would seem to fit."""
    found: dict[str, Answer] = {}
    for stack, (run, config, cluster) in runs.items():
        result = result_of(run, config)
        if result.failed:
            raise CapacityError(f"stack {stack}: {_why(result)}")
        if len(clusters := by_cluster(result.manifests)) > 1:
            named = ", ".join(name or "its own" for name in clusters)
            raise CapacityError(
                f"stack {stack} has objects in {len(clusters)} clusters ({named}), and {cluster.where} has the nodes "
                "of one: ask of a stack that has one of them"
            )
        demand = Demand(result.manifests, cluster)
        notes = [f"{one}, so it counts as nothing" for one in unknowns(result.manifests)]
        if result.incomplete:
            notes.append("more is deployed than is counted here: `slipway preview` says what could not be rendered")
        found[stack] = answer(stack, cluster.where, Question(demand, Model(model)), asked, notes)
    return found


def _why(result: Result) -> str:
    errors = [one for one in result.diagnostics if one.severity is Severity.ERROR]
    said = errors[0] if errors else None
    return f"{said.source or 'the program'}: {said.message}" if said else "the program failed"
