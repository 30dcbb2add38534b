"""Which nodes a pod may go to, in the order and in the words of the scheduler.

https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from slipway.capacity.model import Node, Shape, Spread, Term
from slipway.capacity.selectors import Taint, untolerated
from slipway.capacity.state import Mask, Numbers, State
from slipway.capacity.volumes import TOPOLOGY_LABELS

HARD = ("NoSchedule", "NoExecute")
Values = TypeVar("Values", Numbers, Mask)
_CORDONED = Taint("node.kubernetes.io/unschedulable", "", "NoSchedule")


@dataclass(frozen=True)
class Regard:
    """A term by which pods of `shape` want other pods near (`weight` above 0) or far."""

    shape: Shape
    term: Term
    weight: int
    required: bool = False


def regards(shape: Shape) -> Iterator[Regard]:
    """All terms of a shape about other pods."""
    yield from (Regard(shape, term, 1, required=True) for term in shape.affinity)
    yield from (Regard(shape, term, -1, required=True) for term in shape.anti_affinity)
    yield from (Regard(shape, term, weight) for weight, term in shape.preferred_affinity)


class Asked:
    """One shape, asked of the nodes of one state. It keeps what does not change while pods are placed."""

    def __init__(self, state: State, shape: Shape) -> None:
        self.state, self.shape = state, shape
        self._regards: list[Regard] = []
        self._seen = 0
        self._numbers: dict[str, Numbers] = {}
        self._kept: dict[str, tuple[Any, int]] = {}
        names = shape.named_nodes()
        self.named = None if names is None else self._mask(lambda node: node.name in names)

    @cached_property
    def admitted(self) -> Mask:
        """The nodes that the node selector and the required node affinity allow."""
        return self._mask(self.shape.admits)

    @cached_property
    def tolerated(self) -> Mask:
        """The nodes without a taint that keeps the pod away."""
        return self._mask(lambda node: not untolerated(node.taints, self.shape.tolerations, HARD))

    @cached_property
    def _fixed(self) -> list[tuple[str, Mask]]:
        """Reasons that no pod on the nodes changes, with the nodes that pass. They come before the host ports."""
        shape = self.shape
        tolerates_cordon = not untolerated((_CORDONED,), shape.tolerations, HARD)
        return [
            ("node(s) were unschedulable", self._mask(lambda node: tolerates_cordon or not node.unschedulable)),
            (
                "node(s) didn't match the requested node name",
                self._mask(lambda node: shape.node_name in ("", node.name)),
            ),
            ("node(s) had untolerated taint(s)", self.tolerated),
            ("node(s) didn't match Pod's node affinity/selector", self.admitted),
        ]

    @cached_property
    def _of_volumes(self) -> list[tuple[str, Mask]]:
        def passes(node: Node, number: int) -> bool:
            rule = self.shape.volumes[number]
            if rule.in_zones_only and not any(label in node.labels for label in TOPOLOGY_LABELS):
                return True
            return any(term.matches(node.name, node.labels) for term in rule.terms)

        return [
            (rule.reason, self._mask(lambda node, number=number: passes(node, number)))
            for number, rule in enumerate(self.shape.volumes)
        ]

    @cached_property
    def _static(self) -> Mask:
        masks = [mask for _, mask in (*self._fixed, *self._of_volumes)]
        passing = np.logical_and.reduce(masks)
        return passing if self.named is None else passing & self.named

    def possible(self) -> Mask:
        """The nodes that would take a pod of this shape if no pods were there."""
        return self._static

    def feasible(self) -> Mask:
        """The nodes that take a pod of this shape now."""
        passing = self.possible() & self.kept("room", self._room)
        for _, mask in (*self._ports(), *self._spread(), *self._pods()):
            passing &= mask
        return passing

    def _room(self, places: Numbers) -> Mask:
        """Which of these nodes have room for a pod of this shape."""
        room = np.ones(len(places), dtype=np.bool_)
        for _, mask in self._resources(places):
            room &= mask
        return room

    def message(self) -> str:
        """Why no node takes a pod of this shape now, as in the event FailedScheduling."""
        nodes = len(self.state.nodes)
        if not nodes:
            return "no nodes available to schedule pods"
        reasons: Counter[str] = Counter()
        left = np.ones(nodes, dtype=np.bool_) if self.named is None else self.named.copy()
        reasons["node(s) didn't satisfy plugin(s) [NodeAffinity]"] = int((~left).sum())
        for several in self._in_order():
            failing = np.zeros(nodes, dtype=np.bool_)
            for reason, mask in several:
                stopped = left & ~mask
                reasons[reason] += int(stopped.sum())
                failing |= stopped
            left &= ~failing
        told = sorted(f"{number} {reason}" for reason, number in reasons.items() if number)
        return f"0/{nodes} nodes are available: {', '.join(told)}."

    def _in_order(self) -> Iterator[Sequence[tuple[str, Mask]]]:
        """Every reason. A node is stopped by the first group that has a reason for it, and all of these are told."""
        yield from ([one] for one in self._fixed)
        yield list(self._ports())
        yield list(self._resources(np.arange(len(self.state.nodes))))
        yield from ([one] for one in self._of_volumes)
        yield from ([one] for one in self._spread())
        yield from ([one] for one in self._pods())

    def _ports(self) -> Iterator[tuple[str, Mask]]:
        if self.shape.ports:
            free = np.ones(len(self.state.nodes), dtype=np.bool_)
            for port in self.shape.ports:
                for taken, pods in self.state.ports.items():
                    if port.conflicts(taken):
                        free &= pods == 0
            yield "node(s) didn't have free ports for the requested pod ports", free

    def _resources(self, places: Numbers) -> Iterator[tuple[str, Mask]]:
        state = self.state
        yield "Too many pods", state.pods[places] + 1 <= state.pods_allowed[places]
        for resource, amount in self.shape.request.items():
            if amount:
                left = state.allocatable(resource)[places] - state.used(resource)[places]
                yield f"Insufficient {resource}", left >= amount

    def _spread(self) -> Iterator[tuple[str, Mask]]:
        told = "node(s) didn't match pod topology spread constraints"
        for constraint, counted, eligible in self._counted:
            of = self.state.domains(constraint.topology)
            yield f"{told} (missing required label)", of.has
            per_domain = of.sums(np.where(counted, self.matching(constraint), 0))
            least = int(per_domain[eligible].min()) if len(eligible) >= max(constraint.min_domains, 1) else 0
            itself = self.state.selects((constraint.match,), self.shape)
            yield told, of.spread_back(per_domain) + itself - least <= constraint.max_skew

    @cached_property
    def _counted(self) -> list[tuple[Spread, Mask, Numbers]]:
        """Each hard constraint with the nodes whose pods count, and their domains."""
        constraints = self.shape.hard_spread
        found: list[tuple[Spread, Mask, Numbers]] = []
        for constraint in constraints:
            counted = self.counts_for(constraint)
            for other in constraints:
                counted &= self.state.domains(other.topology).has
            found.append((constraint, counted, np.unique(self.state.domains(constraint.topology).of[counted])))
        return found

    def counts_for(self, constraint: Spread) -> Mask:
        """The nodes whose pods count, by the constraint's node inclusion policies."""
        counted = np.ones(len(self.state.nodes), dtype=np.bool_)
        if constraint.honors_affinity:
            counted &= self.admitted
        if constraint.honors_taints:
            counted &= self.tolerated
        return counted

    def matching(self, constraint: Spread) -> Numbers:
        """How many pods of each node the constraint counts. An empty selector counts none, as in the scheduler."""
        if constraint.match.selector.is_empty:
            return np.zeros(len(self.state.nodes), dtype=np.int64)
        return self.state.tally((constraint.match,)).live

    def _pods(self) -> Iterator[tuple[str, Mask]]:
        if self.shape.affinity:
            yield "node(s) didn't match pod affinity rules", self._near()
        if self.shape.anti_affinity:
            apart = np.ones(len(self.state.nodes), dtype=np.bool_)
            for term in self.shape.anti_affinity:
                apart &= self.in_domain(term, self.state.tally((term.match,)).all) == 0
            yield "node(s) didn't match pod anti-affinity rules", apart
        avoiding = [term for term in self.others() if term.required and term.weight < 0]
        if avoiding:
            free = [self.in_domain(one.term, self.state.tally(one.shape).all) == 0 for one in avoiding]
            yield "node(s) didn't satisfy existing pods anti-affinity rules", np.logical_and.reduce(free)

    def others(self) -> list[Regard]:
        """The terms of all pods on the nodes that are about a pod of this shape."""
        shapes = self.state.shapes
        for other in shapes[self._seen :]:
            self._regards += [one for one in regards(other) if self.state.selects((one.term.match,), self.shape)]
        self._seen = len(shapes)
        return self._regards

    def _near(self) -> Mask:
        terms = self.shape.affinity
        matches = tuple(term.match for term in terms)
        tally = self.state.tally(matches).all
        domains = [self.state.domains(term.topology) for term in terms]
        labelled = np.logical_and.reduce([one.has for one in domains])
        near = labelled & np.logical_and.reduce([self.in_domain(term, tally) > 0 for term in terms])
        somewhere = any(bool((tally[one.has] > 0).any()) for one in domains)
        if not somewhere and self.state.selects(matches, self.shape):
            # The first pod of a group that wants to be together may go anywhere.
            return labelled
        return near

    def in_domain(self, term: Term, tally: Numbers) -> Numbers:
        """For each node, the sum over the nodes of its domain; 0 for a node without the label."""
        of = self.state.domains(term.topology)
        return of.spread_back(of.sums(tally))

    def kept(self, name: str, compute: Callable[[Numbers], Values]) -> Values:
        """Values of each node that depend on nothing but what is on that node, by `compute` for some of the nodes.

        They are computed again for the nodes that have changed since. The next call changes the array.
        """
        changes = self.state.changes
        values, seen = self._kept.get(name, (None, 0))
        if values is None or len(changes) - seen > len(self.state.nodes):
            values = compute(np.arange(len(self.state.nodes)))
        elif seen < len(changes):
            changed = np.array(changes[seen:])
            values[changed] = compute(changed)
        self._kept[name] = values, len(changes)
        return values

    def once(self, name: str, number: Callable[[Node], int]) -> Numbers:
        """A number of each node that does not change while pods are placed. It is computed once for each `name`."""
        if name not in self._numbers:
            self._numbers[name] = np.array([number(node) for node in self.state.nodes], dtype=np.int64)
        return self._numbers[name]

    def _mask(self, passes: Callable[[Node], bool]) -> Mask:
        return np.fromiter((passes(node) for node in self.state.nodes), dtype=np.bool_, count=len(self.state.nodes))
