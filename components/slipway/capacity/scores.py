"""Which of the nodes that take a pod is the best: two models.

`scheduler` is the default scoring of kube-scheduler. `share` is the least share of the whole demand.
docs/capacity.md has the formulas, with the names of this module as symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from slipway.capacity.filters import Asked
from slipway.capacity.model import Pod
from slipway.capacity.selectors import untolerated
from slipway.capacity.shapes import HOSTNAME
from slipway.capacity.state import Mask, Numbers, State

HIGHEST = 100


class Model(StrEnum):
    """How a node is chosen."""

    SCHEDULER = "scheduler"
    SHARE = "share"


Score = Callable[[Asked, Mask], NDArray[np.float64] | Numbers]
"""The score of each node; the highest wins. Only the nodes of the mask count."""


def score_of(model: Model, demand: Iterable[Pod]) -> Score:
    """The scoring of a model. `demand` are all the pods that are to be placed."""
    return scheduler if model is Model.SCHEDULER else Share(demand)


class Share:
    """Prefers the node with the least share of the demand: the least Σ_j R_j·C_ij / Σ_j R_j over all resources."""

    def __init__(self, demand: Iterable[Pod]) -> None:
        self._total: dict[str, int] = {}
        for pod in demand:
            for resource, amount in {**pod.shape.request, "pods": 1}.items():
                self._total[resource] = self._total.get(resource, 0) + amount
        self._before: dict[str, Numbers] | None = None

    def __call__(self, asked: Asked, among: Mask) -> NDArray[np.float64]:
        used = {resource: _on_nodes(asked.state, resource) for resource in self._total}
        if self._before is None:
            # The formula is about what is being placed, not about what runs already.
            self._before = {resource: numbers.copy() for resource, numbers in used.items()}
        shares = np.zeros(len(among))
        for resource, total in self._total.items():
            if total:
                shares += (used[resource] - self._before[resource]) / total
        return -shares


def _on_nodes(state: State, resource: str) -> Numbers:
    return state.pods if resource == "pods" else state.used(resource)


def scheduler(asked: Asked, among: Mask) -> Numbers:
    """The sum of the default plugins' scores, with their weights. Images on nodes are not known, so they do not count.

    https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins
    """
    return (
        3 * _taints(asked, among)
        + 2 * _node_affinity(asked, among)
        + asked.kept("allocation", lambda places: _least_allocated(asked, places) + _balanced(asked, places))
        + 2 * _spread(asked, among)
        + 2 * _pod_affinity(asked, among)
    )


def _least_allocated(asked: Asked, places: Numbers) -> Numbers:
    """The free share of CPU and of memory with the pod on the node, in percent, and their mean."""
    state = asked.state
    total, resources = np.zeros_like(places), np.zeros_like(places)
    for resource, used, request in zip(("cpu", "memory"), state.scored, asked.shape.weighed, strict=True):
        allocatable = state.allocatable(resource)[places]
        free = np.maximum(allocatable - used[places] - request, 0)
        total += np.where(allocatable > 0, free * HIGHEST // np.maximum(allocatable, 1), 0)
        resources += allocatable > 0
    return total // np.maximum(resources, 1)


def _balanced(asked: Asked, places: Numbers) -> Numbers:
    """How much more alike the pod makes the used shares of CPU and memory."""
    request = asked.shape.request
    if not request.get("cpu") and not request.get("memory"):
        return np.zeros_like(places)
    change = _balance(asked, places, 1) - _balance(asked, places, 0)
    return HIGHEST // 2 + (HIGHEST // 2 + change) // 2


def _balance(asked: Asked, places: Numbers, pods: int) -> Numbers:
    state, shares, known = asked.state, list[NDArray[np.float64]](), list[Mask]()
    for resource in ("cpu", "memory"):
        allocatable = state.allocatable(resource)[places]
        used = state.used(resource)[places] + pods * asked.shape.request.get(resource, 0)
        shares.append(np.minimum(used / np.maximum(allocatable, 1), 1.0))
        known.append(allocatable > 0)
    deviation = np.where(known[0] & known[1], np.abs(shares[0] - shares[1]) / 2, 0.0)
    return ((1 - deviation) * HIGHEST).astype(np.int64)


def _taints(asked: Asked, among: Mask) -> Numbers:
    """The fewest taints PreferNoSchedule that the pod does not tolerate."""
    soft = [one for one in asked.shape.tolerations if one.effect in ("", "PreferNoSchedule")]
    counts = asked.once("taints", lambda node: len(untolerated(node.taints, soft, ("PreferNoSchedule",))))
    most = int(counts[among].max())
    return HIGHEST - HIGHEST * counts // most if most else counts


def _node_affinity(asked: Asked, among: Mask) -> Numbers:
    preferred = asked.shape.preferred
    if not preferred:
        return _nothing(asked)
    weights = asked.once(
        "node affinity", lambda node: sum(weight for weight, term in preferred if term.matches(node.name, node.labels))
    )
    most = int(weights[among].max())
    return HIGHEST * weights // most if most else weights


def _spread(asked: Asked, among: Mask) -> Numbers:
    """The fewest pods alike in the node's domains."""
    shape, state = asked.shape, asked.state
    constraints = shape.soft_spread
    if not constraints:
        return _nothing(asked)
    scored = among.copy()
    if shape.has_own_spread:
        for one in constraints:
            scored &= state.domains(one.topology).has
    raw = np.zeros(len(among))
    for one in constraints:
        domains = state.domains(one.topology)
        matching = asked.matching(one)
        if one.topology == HOSTNAME:
            size, counts = int(scored.sum()), matching
        else:
            size = len(np.unique(domains.of[scored]))
            counted = asked.counts_for(one)
            if shape.has_own_spread:
                for other in constraints:
                    counted = counted & state.domains(other.topology).has
            counts = domains.spread_back(domains.sums(np.where(counted, matching, 0)))
        raw += np.where(domains.has, counts * np.log(size + 2) + (one.max_skew - 1), 0.0)
    scores = np.floor(raw + 0.5).astype(np.int64)
    if not scored.any():
        return _nothing(asked)
    least, most = int(scores[scored].min()), int(scores[scored].max())
    if most == 0:
        return np.where(scored, HIGHEST, 0)
    return np.where(scored, HIGHEST * (most + least - scores) // most, 0)


def _pod_affinity(asked: Asked, among: Mask) -> Numbers:
    """The most pods near that one of both wants near, and the fewest that one of both wants far."""
    state = asked.state
    raw, counts = _nothing(asked), False
    for weight, term in asked.shape.preferred_affinity:
        raw += weight * asked.in_domain(term, state.tally((term.match,)).all)
        counts = True
    for one in asked.others():
        if not one.required or one.weight > 0:
            raw += one.weight * asked.in_domain(one.term, state.tally(one.shape).all)
            counts = True
    if not counts:
        return raw
    least, most = int(raw[among].min()), int(raw[among].max())
    if least == most:
        return _nothing(asked)
    return (HIGHEST * ((raw - least) / (most - least))).astype(np.int64)


def _nothing(asked: Asked) -> Numbers:
    return np.zeros(len(asked.state.nodes), dtype=np.int64)
