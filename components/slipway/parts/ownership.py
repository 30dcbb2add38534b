"""One owner of each thing that controllers decide about a workload: two would undo each other's work for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Thing = Literal["cpu", "memory", "vertical autoscaler", "disruption budget"]

_WHY: dict[Thing, str] = {
    "cpu": "one would change the cpu requests by which the other measures: leave cpu out of one",
    "memory": "one would change the memory requests by which the other measures: leave memory out of one",
    "vertical autoscaler": "two would change the same requests back and forth: leave one out",
    "disruption budget": "Kubernetes evicts no pod that has two: leave one out",
}


class Owners:
    """Who owns what of the workload `of`, such as "deployment 'web'".

    `cpu` and `memory` are what its containers request: who sets them and who measures by them cannot be two.
    """

    def __init__(self, of: str) -> None:
        self._of = of
        self._by: dict[Thing, str] = {}

    def check_free(self, things: Iterable[Thing], for_: str) -> None:
        """Refuses `for_`, such as "autoscaler 'web'", where another one owns one of the things. ValueError."""
        for thing in things:
            if (owner := self._by.get(thing)) is not None:
                raise ValueError(f"{self._of} has {owner} already and cannot have {for_} too: {_WHY[thing]}")

    def take(self, things: Iterable[Thing], by: str) -> None:
        """Makes `by` the owner of all of them. Raises ValueError for what `check_free` refuses, and takes none."""
        taken = tuple(things)
        self.check_free(taken, by)
        self._by |= dict.fromkeys(taken, by)
