"""The answer for one stack, as plain data for a person or another program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from slipway.capacity.asked import PLACED, Asked, Scenario
from slipway.capacity.limits import shown, uncounted
from slipway.capacity.optimal import Bound, bound
from slipway.capacity.scenarios import Loss, Outcome, Question
from slipway.preview.checks.fields import text


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`more` is for the maximum, and so are `losses`. `smallest` is by the kind of node and the scenario."""

    stack: str
    where: str
    model: str
    outcomes: Sequence[Outcome]
    more: dict[str, int]
    losses: Sequence[Loss] = ()
    smallest: dict[str, dict[Scenario, int | None]] = field(default_factory=dict[str, dict[Scenario, int | None]])
    bounds: dict[Scenario, Bound] = field(default_factory=dict[Scenario, Bound])
    notes: Sequence[str] = ()

    def of(self, scenario: Scenario) -> Outcome:
        return next(one for one in self.outcomes if one.scenario is scenario)

    def fails(self, scenarios: Sequence[Scenario]) -> bool:
        """Whether something does not fit in one of these scenarios."""
        lost = [loss.outcome for loss in self.losses]
        return any(not one.fits for one in (*self.outcomes, *lost) if one.scenario in scenarios)

    def as_json(self) -> dict[str, Any]:
        return {
            "stack": self.stack,
            "nodes": self.where,
            "model": self.model,
            "scenarios": [_scenario(one, nodes=True) for one in self.outcomes],
            "more": self.more,
            "lost": [{"lost": one.what, **_scenario(one.outcome)} for one in self.losses],
            "smallest": {
                kind: {str(key): number for key, number in found.items()} for kind, found in self.smallest.items()
            },
            "optimal": {
                str(key): {"fits": one.fits, "placed": one.placed, "of": one.pods} for key, one in self.bounds.items()
            },
            "notes": list(self.notes),
        }


def answer(stack: str, where: str, question: Question, asked: Asked, notes: Sequence[str]) -> Answer:
    """Asks everything."""
    outcomes = [question.outcome(scenario) for scenario in PLACED]
    most = outcomes[PLACED.index(Scenario.MAXIMUM)]
    kinds = {kind: {one: question.smallest(one, kind) for one in PLACED[2:]} for kind in asked.smallest}
    quotas = [
        f"ResourceQuota {text(one, 'metadata', 'name')}: its scope {scope} is not understood, so it counts no pods"
        for one in question.demand.limits.quotas
        for scope in uncounted(one)
    ]
    return Answer(
        stack=stack,
        where=where,
        model=str(question.model),
        outcomes=outcomes,
        more=question.more(most) if most.fits else {},
        losses=question.losses(most, asked.lose) if asked.lose else (),
        smallest=kinds,
        bounds={one: bound(question, one) for one in PLACED[2:]} if asked.optimal else {},
        notes=[*notes, *quotas],
    )


def grouped(outcome: Outcome) -> list[tuple[int, str, str]]:
    """The pods that are pending, by workload and reason: how many, and both."""
    counts = Counter((one.pod.workload, one.message) for one in outcome.pending)
    return [(number, workload, message) for (workload, message), number in counts.items()]


def _scenario(outcome: Outcome, *, nodes: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {
        "scenario": str(outcome.scenario),
        "pods": outcome.pods,
        "fits": outcome.fits,
        "pending": [
            {"pod": one.pod.name, "workload": one.pod.workload, "made": one.made, "message": one.message}
            for one in outcome.pending
        ],
    }
    if nodes:
        names = [node.name for node in outcome.state.nodes]
        found["placed"] = [
            {"pod": pod.name, "workload": pod.workload, "node": names[place]} for pod, place in outcome.where
        ]
        found["nodes"] = [
            {
                "node": fill.node.name,
                "zone": fill.node.zone,
                "pods": fill.pods,
                "used": {key: shown(key, number) for key, number in fill.used.items()},
                "allocatable": {key: shown(key, number) for key, number in fill.node.allocatable.items()},
            }
            for fill in outcome.fills()
        ]
    return found
