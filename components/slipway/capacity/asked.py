"""What is asked. It is checked before any program runs, so nothing here imports NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from slipway.capacity.cluster import Cluster
from slipway.capacity.model import CapacityError
from slipway.preview.near import hint

NEVER = "never"


class Scenario(StrEnum):
    """How many pods there are."""

    DECLARED = "declared"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    ROLLOUT = "rollout"
    LOST = "lost"


PLACED = (Scenario.DECLARED, Scenario.MINIMUM, Scenario.MAXIMUM, Scenario.ROLLOUT)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked beside the scenarios: the number of lost nodes, kinds of nodes, and the solver's bound."""

    lose: int = 0
    smallest: Sequence[str] = ()
    optimal: bool = False

    def check(self, cluster: Cluster) -> None:
        """Raises CapacityError if the nodes cannot answer it."""
        kinds = sorted({node.group for node in cluster.nodes} - {""})
        for kind in self.smallest:
            if kind not in kinds:
                raise CapacityError(f"--smallest {kind}: {cluster.where} has no such kind of node: {hint(kind, kinds)}")
        if self.lose >= len(cluster.nodes):
            raise CapacityError(
                f"--lose {self.lose}: {cluster.where} has {len(cluster.nodes)} nodes, so none would be left"
            )


def scenarios(names: Sequence[str]) -> list[Scenario]:
    """The scenarios of these names; none for `never`. Raises CapacityError for another name."""
    known = [*map(str, Scenario), NEVER]
    for name in names:
        if name not in known:
            raise CapacityError(f"--fail-on {name}: {hint(name, known)}")
    return [Scenario(name) for name in names if name != NEVER]
