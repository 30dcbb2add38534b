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
    total = 0 + asked.kept("allocation", lambda places: _least_allocated(asked, places) + _balanced(asked, places))
    for weight, score in ((3, _taints), (2, _node_affinity), (2, _spread), (2, _pod_affinity)):
        scores = score(asked, among)
        if scores is not None:
            total += weight * scores
    return total


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
    without, with_pod = _balance(asked, places)
    return HIGHEST // 2 + (HIGHEST // 2 + with_pod - without) // 2


def _balance(asked: Asked, places: Numbers) -> Numbers:
    """How much alike the used shares of CPU and memory are: first without the pod, and then with it."""
    state, shares, known = asked.state, list[NDArray[np.float64]](), list[Mask]()
    pods = np.array([[0], [1]])
    for resource in ("cpu", "memory"):
        allocatable = state.allocatable(resource)[places]
        used = state.used(resource)[places] + pods * asked.shape.request.get(resource, 0)
        shares.append(np.minimum(used / np.maximum(allocatable, 1), 1.0))
        known.append(allocatable > 0)
    deviation = np.where(known[0] & known[1], np.abs(shares[0] - shares[1]) / 2, 0.0)
    return ((1 - deviation) * HIGHEST).astype(np.int64)


# Each of these gives None where it makes no difference between the nodes.


def _taints(asked: Asked, among: Mask) -> Numbers | None:
    """The fewest taints PreferNoSchedule that the pod does not tolerate."""
    soft = [one for one in asked.shape.tolerations if one.effect in ("", "PreferNoSchedule")]
    counts = asked.once("taints", lambda node: len(untolerated(node.taints, soft, ("PreferNoSchedule",))))
    if not counts.any():
        return None
    most = int(counts[among].max())
    return HIGHEST - HIGHEST * counts // most if most else None


def _node_affinity(asked: Asked, among: Mask) -> Numbers | None:
    preferred = asked.shape.preferred
    if not preferred:
        return None
    weights = asked.once(
        "node affinity", lambda node: sum(weight for weight, term in preferred if term.matches(node.name, node.labels))
    )
    most = int(weights[among].max())
    return HIGHEST * weights // most if most else None


def _spread(asked: Asked, among: Mask) -> Numbers | None:
    """The fewest pods alike in the node's domains."""
    shape, state = asked.shape, asked.state
    constraints = shape.soft_spread
    if not constraints:
        return None
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
        return None
    least, most = int(scores[scored].min()), int(scores[scored].max())
    if most == 0:
        return np.where(scored, HIGHEST, 0)
    return np.where(scored, HIGHEST * (most + least - scores) // most, 0)


def _pod_affinity(asked: Asked, among: Mask) -> Numbers | None:
    """The most pods near that one of both wants near, and the fewest that one of both wants far."""
    state = asked.state
    own = [(weight, term, state.tally((term.match,))) for weight, term in asked.shape.preferred_affinity]
    others = [one for one in asked.others() if not one.required or one.weight > 0]
    if not own and not others:
        return None
    raw = np.zeros(len(among), dtype=np.int64)
    for weight, term, tally in (*own, *((one.weight, one.term, state.tally(one.shape)) for one in others)):
        raw += weight * asked.in_domain(term, tally.all)
    least, most = int(raw[among].min()), int(raw[among].max())
    if least == most:
        return None
    return (HIGHEST * ((raw - least) / (most - least))).astype(np.int64)
