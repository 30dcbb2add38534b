"""One owner for each setting of a workload that controllers change. Two owners would undo each other's changes."""

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
    """The owners of the settings of the workload `of`, such as "deployment 'web'".

    `cpu` and `memory` are the requests of its containers. If one controller sets a request, no other may scale by it.
    """

    def __init__(self, of: str) -> None:
        self._of = of
        self._by: dict[Thing, str] = {}

    def check_free(self, things: Iterable[Thing], for_: str) -> None:
        """Raises ValueError if one of the things has an owner. `for_` wants them, such as "autoscaler 'web'"."""
        for thing in things:
            if (owner := self._by.get(thing)) is not None:
                raise ValueError(f"{self._of} has {owner} already and cannot have {for_} too: {_WHY[thing]}")

    def take(self, things: Iterable[Thing], by: str) -> None:
        """Makes `by` the owner of all things. Raises ValueError, and changes nothing, if one of them has an owner."""
        taken = tuple(things)
        self.check_free(taken, by)
        self._by |= dict.fromkeys(taken, by)
