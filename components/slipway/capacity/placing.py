"""Places pods one by one, as the scheduler does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from slipway.capacity.filters import Asked
from slipway.capacity.model import Pending, Pod, Shape
from slipway.capacity.scores import Score
from slipway.capacity.state import State


@dataclass(frozen=True)
class Placement:
    """The node of each pod that was placed, in order, and the pods that no node takes."""

    placed: list[tuple[Pod, int]]
    pending: list[Pending]


class Placer:
    """Places pods on the nodes of a state, which it changes."""

    def __init__(self, state: State, score: Score) -> None:
        self.state = state
        self._score = score
        self._asked: dict[Shape, Asked] = {}

    def asked(self, shape: Shape) -> Asked:
        if shape not in self._asked:
            self._asked[shape] = Asked(self.state, shape)
        return self._asked[shape]

    def choose(self, shape: Shape) -> int | None:
        """The node where a pod of this shape would go; None if no node takes it."""
        # The scheduler chooses among the best by chance. This takes the first, so that two runs agree.
        best = self.best(shape)
        return best[0] if best else None

    def best(self, shape: Shape) -> list[int]:
        """The nodes with the highest score, in order."""
        asked = self.asked(shape)
        feasible = asked.feasible()
        those = np.flatnonzero(feasible)
        if len(those) > 1:
            scores = self._score(asked, feasible)[those]
            those = those[scores == scores.max()]
        return those.tolist()

    def place(self, pods: Iterable[Pod]) -> Placement:
        """Places the pods by descending priority, and in the given order where that is the same.

        A pod that no node takes is tried again after others were placed, as it may want to be near them.
        """
        waiting = sorted(pods, key=lambda pod: -pod.shape.priority)
        placed: list[tuple[Pod, int]] = []
        while True:
            left = self._once(waiting, placed)
            if len(left) in (0, len(waiting)):
                messages = {shape: self.asked(shape).message() for shape in {pod.shape for pod in left}}
                return Placement(placed, [Pending(pod, messages[pod.shape]) for pod in left])
            waiting = left

    def _once(self, pods: Sequence[Pod], placed: list[tuple[Pod, int]]) -> list[Pod]:
        left: list[Pod] = []
        refused: dict[Shape, int] = {}
        for pod in pods:
            # Nothing has changed since a pod of the same shape found no node.
            place = None if refused.get(pod.shape) == len(placed) else self.choose(pod.shape)
            if place is None:
                refused[pod.shape] = len(placed)
                left.append(pod)
            else:
                self.state.bind(pod.shape, place)
                placed.append((pod, place))
        return left
