"""Does the same in each cluster of a stack, and goes on without those that are out of reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from slipway.deploy.errors import DeployError, OutOfReachError
from slipway.deploy.kubectl import PATIENCE, Kubectl

Tell = Callable[[str], object]
T = TypeVar("T")

_PATIENCE = 10.0
"""Seconds to wait for one of several clusters. The others should not wait for longer, as the next run repairs it."""


class Clusters:
    """The clusters of a stack, as `targets` finds them. One that is out of reach is left as it is from then on.

    If there are several, each line that is told of one begins with its context.
    """

    def __init__(self, clusters: Mapping[str | None, Kubectl], tell: Tell) -> None:
        self._clusters = dict(clusters)
        self._several = len(clusters) > 1
        self._tell = tell
        self._away: list[OutOfReachError] = []

    def find(self) -> None:
        """Asks all of them at once whether they answer."""
        patience = _PATIENCE if self._several else PATIENCE
        with ThreadPoolExecutor(max_workers=len(self._clusters)) as pool:
            asked = {name: pool.submit(one.check_answers, patience) for name, one in self._clusters.items()}
        for _ in self.each(lambda name, _kubectl, _tell: asked[name].result()):
            pass

    def each(self, do: Callable[[str | None, Kubectl, Tell], T]) -> Iterator[T]:
        """What `do` returns for each cluster in reach, by its name in the manifests, one cluster after the other.

        The first other error ends it.
        """
        for name, kubectl in list(self._clusters.items()):
            try:
                yield do(name, kubectl, self._told_of(kubectl))
            except OutOfReachError as error:
                self._away.append(error)
                del self._clusters[name]
            except DeployError as error:
                if not self._several:
                    raise
                raise DeployError("\n".join([f"{kubectl.context}: {error}", *map(str, self._away)])) from None

    def check_all_in_reach(self, consequence: str) -> None:
        """Raises DeployError, with a line for each, if there were clusters out of reach."""
        if self._away:
            raise DeployError("\n".join(f"{error}; {consequence}" for error in self._away))

    def _told_of(self, kubectl: Kubectl) -> Tell:
        return (lambda line: self._tell(f"{kubectl.context}: {line}")) if self._several else self._tell
