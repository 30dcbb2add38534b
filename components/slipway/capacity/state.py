"""Which pods are on which nodes, and how much is left.

All arrays have one entry for each node, in the order of `nodes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slipway.capacity.model import HostPort, Match, Node, Shape

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Key = tuple[Match, ...] | Shape
"""Selects pods: those which match all of several, or those of one shape."""


@dataclass(frozen=True)
class Domains:
    """The domains of a topology: the number of each node's domain, -1 for a node without the label."""

    of: Numbers
    count: int

    @property
    def has(self) -> Mask:
        return self.of >= 0

    def sums(self, numbers: Numbers) -> Numbers:
        """For each domain, the sum over its nodes."""
        found = np.zeros(self.count + 1, dtype=np.int64)
        np.add.at(found, self.of, numbers)
        return found[:-1]

    def spread_back(self, sums: Numbers) -> Numbers:
        """For each node, the number of its domain; 0 for a node without the label."""
        return np.append(sums, 0)[self.of]


@dataclass(frozen=True)
class Tally:
    """How many pods of some kind each node has. `live` leaves out those that are ending."""

    live: Numbers
    all: Numbers


class State:
    """The nodes with what is on them. `namespaces` are the labels of each namespace."""

    def __init__(self, nodes: Sequence[Node], namespaces: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.nodes = list(nodes)
        self.namespaces = namespaces or {}
        self.index = {node.name: number for number, node in enumerate(nodes)}
        self.changes: list[int] = []
        """The nodes that pods came to or left, in order."""
        self.pods = self._zeros()
        self.scored = (self._zeros(), self._zeros())
        self.ports: dict[HostPort, Numbers] = {}
        self._used: dict[str, Numbers] = {}
        self._allocatable: dict[str, Numbers] = {}
        self._domains: dict[str, Domains] = {}
        self._placed: dict[Shape, list[tuple[int, bool]]] = {}
        self._tallies: dict[Key, Tally] = {}
        self._hits: dict[Shape, list[Tally]] = {}
        self.pods_allowed = self.allocatable("pods")

    @property
    def shapes(self) -> list[Shape]:
        """The shapes of which pods are or were placed."""
        return list(self._placed)

    def allocatable(self, resource: str) -> Numbers:
        if resource not in self._allocatable:
            self._allocatable[resource] = np.array(
                [node.allocatable.get(resource, 0) for node in self.nodes], dtype=np.int64
            )
        return self._allocatable[resource]

    def used(self, resource: str) -> Numbers:
        if resource not in self._used:
            self._used[resource] = self._zeros()
        return self._used[resource]

    def domains(self, topology: str) -> Domains:
        if topology not in self._domains:
            values = [node.labels.get(topology) for node in self.nodes]
            numbers = {value: number for number, value in enumerate(sorted({*values} - {None}, key=str))}
            of = np.array([numbers.get(value, -1) for value in values], dtype=np.int64)
            self._domains[topology] = Domains(of, len(numbers))
        return self._domains[topology]

    def tally(self, key: Key) -> Tally:
        """How many of the pods that are placed `key` selects."""
        if key not in self._tallies:
            tally = Tally(self._zeros(), self._zeros())
            for shape, places in self._placed.items():
                if self.selects(key, shape):
                    for place, ending in places:
                        tally.all[place] += 1
                        tally.live[place] += not ending
                    self._hits[shape].append(tally)
            self._tallies[key] = tally
        return self._tallies[key]

    def selects(self, key: Key, shape: Shape) -> bool:
        if isinstance(key, Shape):
            return key is shape
        return all(self._matches(one, shape) for one in key)

    def _matches(self, match: Match, shape: Shape) -> bool:
        if not match.selector.matches(shape.labels):
            return False
        if shape.namespace in match.namespaces:
            return True
        labels = {"kubernetes.io/metadata.name": shape.namespace, **self.namespaces.get(shape.namespace, {})}
        return match.of_namespaces is not None and match.of_namespaces.matches(labels)

    def bind(self, shape: Shape, place: int, *, ending: bool = False) -> None:
        """Puts a pod on a node, without asking whether it fits. A pod that is `ending` still takes its room."""
        self._count(shape, place, 1, ending=ending)
        self._placed.setdefault(shape, []).append((place, ending))

    def take_away(self, shape: Shape, place: int) -> None:
        """Takes a pod that is not ending off its node."""
        self._placed[shape].remove((place, False))
        self._count(shape, place, -1, ending=False)

    def _count(self, shape: Shape, place: int, number: int, *, ending: bool) -> None:
        if shape not in self._hits:
            self._placed[shape] = []
            self._hits[shape] = [tally for key, tally in self._tallies.items() if self.selects(key, shape)]
        self.changes.append(place)
        self.pods[place] += number
        for resource, amount in shape.request.items():
            self.used(resource)[place] += number * amount
        for total, amount in zip(self.scored, shape.scored, strict=True):
            total[place] += number * amount
        for port in shape.ports:
            if port not in self.ports:
                self.ports[port] = self._zeros()
            self.ports[port][place] += number
        for tally in self._hits[shape]:
            tally.all[place] += number
            tally.live[place] += 0 if ending else number

    def _zeros(self) -> Numbers:
        return np.zeros(len(self.nodes), dtype=np.int64)
