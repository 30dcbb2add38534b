"""Whether any placement could hold the pods: an integer program, for SciPy's solver.

The program knows all rules but those that want pods near other pods. So when it holds too few pods, no placement holds
more. When it holds all of them, its placement is tried with every rule before it is believed.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slipway.capacity.asked import Scenario
from slipway.capacity.filters import Asked
from slipway.capacity.model import CapacityError, Shape
from slipway.capacity.state import Numbers, State

if TYPE_CHECKING:
    from slipway.capacity.scenarios import Question

SECONDS = 60
"""The time limit of the solver."""


@dataclass(frozen=True)
class Bound:
    """The most pods that any placement can hold. `fits` is None if all may fit, and it could not be proved."""

    pods: int
    placed: int
    fits: bool | None


def bound(question: Question, scenario: Scenario) -> Bound:
    """The bound for all pods of a scenario that are there at once. Raises CapacityError without SciPy."""
    outcome = question.outcome(scenario)
    made = [*(pod for pod, _ in outcome.where), *(one.pod for one in outcome.pending if one.made)]
    refused = sum(not one.made for one in outcome.pending)
    counts = Counter(pod.shape for pod in made)
    state = question.state(outcome.state.nodes)
    found = _solved(state, counts)
    placed = int(sum(numbers.sum() for numbers in found.values()))
    total = len(made) + refused
    if placed < len(made) or refused:
        return Bound(total, placed, fits=False)
    return Bound(total, placed, fits=True if _holds(state, found) else None)


def _holds(state: State, found: Mapping[Shape, Numbers]) -> bool:
    """Whether the pods can be put there one after the other, each by all rules."""
    left = [
        (shape, place)
        for shape, numbers in found.items()
        for place in np.flatnonzero(numbers).tolist()
        for _ in range(numbers[place])
    ]
    asked = {shape: Asked(state, shape) for shape in found}
    while left:
        waiting: list[tuple[Shape, int]] = []
        for shape, place in left:
            if asked[shape].feasible()[place]:
                state.bind(shape, place)
            else:
                waiting.append((shape, place))
        if len(waiting) == len(left):
            return False
        left = waiting
    return True


class _Program:
    """Rows of `low <= coefficients · x <= high`."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._at: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: Mapping[int, float], low: float, high: float) -> None:
        row = len(self.low)
        self._at += [(row, column, value) for column, value in terms.items()]
        self.low.append(low)
        self.high.append(high)

    def matrix(self) -> Any:
        sparse: Any = _scipy("scipy.sparse")
        rows, columns, values = zip(*self._at, strict=True) if self._at else ((), (), ())
        return sparse.csr_array((values, (rows, columns)), shape=(len(self.low), self._width))


def _solved(state: State, counts: Mapping[Shape, int]) -> dict[Shape, Numbers]:
    """How many pods of each shape go to each node, so that the most pods are placed."""
    optimize: Any = _scipy("scipy.optimize")
    shapes, nodes = list(counts), len(state.nodes)
    if not shapes or not nodes:
        return {shape: np.zeros(nodes, dtype=np.int64) for shape in shapes}
    spreads = list(_spreads(shapes, state))
    width = len(shapes) * nodes + len(spreads)
    program = _Program(width)
    asked = [Asked(state, shape) for shape in shapes]
    upper = np.zeros(width)
    for number, shape in enumerate(shapes):
        those = slice(number * nodes, (number + 1) * nodes)
        upper[those] = np.where(asked[number].possible(), _most_alone(shape, counts[shape], state, asked[number]), 0)
        program.add(dict.fromkeys(range(those.start, those.stop), 1.0), 0, counts[shape])
    _capacities(program, shapes, state)
    _ports(program, shapes, state)
    for index, (number, constraint_number) in enumerate(spreads):
        least = len(shapes) * nodes + index
        upper[least] = sum(counts.values())
        if not _spread(program, shapes, asked[number], constraint_number, least):
            upper[least] = 0
    objective = np.concatenate([-np.ones(len(shapes) * nodes), np.zeros(len(spreads))])
    result: Any = optimize.milp(
        objective,
        constraints=optimize.LinearConstraint(program.matrix(), program.low, program.high),
        integrality=np.ones(width),
        bounds=optimize.Bounds(0, upper),
        options={"time_limit": SECONDS},
    )
    if result.x is None or result.status != 0:
        raise CapacityError(f"--optimal: the solver found no answer within {SECONDS} s: ask for fewer stacks or nodes")
    solution = np.rint(result.x).astype(np.int64)
    return {shape: solution[number * nodes : (number + 1) * nodes] for number, shape in enumerate(shapes)}


def _most_alone(shape: Shape, count: int, state: State, asked: Asked) -> int | Numbers:
    """A node takes one pod at most where the pods keep away from their own kind on it."""
    for term in shape.anti_affinity:
        of = state.domains(term.topology)
        if of.count == len(state.nodes) and state.selects((term.match,), shape):
            return np.where(of.has, 1, count)
    return count


def _capacities(program: _Program, shapes: list[Shape], state: State) -> None:
    resources = sorted({key for shape in shapes for key, number in shape.request.items() if number})
    for place in range(len(state.nodes)):
        columns = [number * len(state.nodes) + place for number in range(len(shapes))]
        program.add(dict.fromkeys(columns, 1.0), 0, max(int(state.pods_allowed[place] - state.pods[place]), 0))
        for resource in resources:
            left = max(int(state.allocatable(resource)[place] - state.used(resource)[place]), 0)
            # In parts of the node, as bytes would be too large for the solver.
            unit = max(int(state.allocatable(resource)[place]), 1)
            terms = {
                column: shape.request[resource] / unit
                for column, shape in zip(columns, shapes, strict=True)
                if shape.request.get(resource)
            }
            program.add(terms, 0, left / unit + 1e-9)


def _ports(program: _Program, shapes: list[Shape], state: State) -> None:
    for port in {port for shape in shapes for port in shape.ports}:
        users = [number for number, shape in enumerate(shapes) if any(port.conflicts(one) for one in shape.ports)]
        same = [number for number in users if port in shapes[number].ports]
        for place in range(len(state.nodes)):
            program.add({number * len(state.nodes) + place: 1.0 for number in same}, 0, 1)


def _spreads(shapes: list[Shape], state: State) -> Iterator[tuple[int, int]]:
    """The constraints that bind all pods that they count: then they hold for the pods together, in any order."""
    for number, shape in enumerate(shapes):
        for index, constraint in enumerate(shape.hard_spread):
            counted = [one for one in (*shapes, *state.shapes) if state.selects((constraint.match,), one)]
            if counted and all(constraint in one.hard_spread for one in counted) and shape in counted:
                yield number, index


def _spread(program: _Program, shapes: list[Shape], asked: Asked, index: int, least: int) -> bool:
    """`of a domain <= least + maxSkew`, and `least <= of each domain` that counts. False if the least counts as 0."""
    state, constraint = asked.state, asked.shape.hard_spread[index]
    nodes, domains = len(state.nodes), state.domains(constraint.topology)
    counted = asked.counts_for(constraint)
    for other in asked.shape.hard_spread:
        counted = counted & state.domains(other.topology).has
    matching = [number for number, one in enumerate(shapes) if state.selects((constraint.match,), one)]
    there = asked.matching(constraint)
    eligible = sorted({int(domain) for domain in domains.of[counted]})
    enough = len(eligible) >= max(constraint.min_domains, 1)
    for domain in eligible:
        places = [int(place) for place in np.flatnonzero(counted & (domains.of == domain))]
        terms = {number * nodes + place: 1.0 for number in matching for place in places}
        before = int(there[places].sum())
        program.add({**terms, least: -1.0}, -np.inf, constraint.max_skew - before)
        program.add({**terms, least: -1.0}, -before if enough else -np.inf, np.inf)
    return enough


def _scipy(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise CapacityError("--optimal needs SciPy: pip install 'slipway[capacity]'") from None
