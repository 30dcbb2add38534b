"""Places a stack's pods in each scenario, and says what more there is to say of the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from slipway.capacity.asked import Scenario
from slipway.capacity.demand import Demand
from slipway.capacity.model import CapacityError, Node, Pending, Pod
from slipway.capacity.placing import Placer
from slipway.capacity.scores import Model, score_of
from slipway.capacity.state import State

MOST_LOSSES = 2000
MOST_MORE = 10_000


@dataclass(frozen=True, kw_only=True)
class Fill:
    """How full a node is: the used and the allocatable amount of each resource, and its number of pods."""

    node: Node
    pods: int
    used: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of one scenario.

    `pods` are all that are there at once, or should be. `where` is the number of each pod's node in `state`.
    """

    scenario: Scenario
    pods: int
    pending: Sequence[Pending]
    where: Sequence[tuple[Pod, int]]
    state: State

    @property
    def fits(self) -> bool:
        return not self.pending

    def fills(self) -> list[Fill]:
        resources = sorted({key for node in self.state.nodes for key in node.allocatable} - {"pods"})
        return [
            Fill(
                node=node,
                pods=int(self.state.pods[number]),
                used={key: int(self.state.used(key)[number]) for key in resources if node.allocatable.get(key)},
            )
            for number, node in enumerate(self.state.nodes)
        ]


class Question:
    """The stack, the nodes and the model that all answers are about."""

    def __init__(self, demand: Demand, model: Model) -> None:
        self.demand, self.model = demand, model

    def outcome(self, scenario: Scenario, nodes: Sequence[Node] | None = None) -> Outcome:
        """Places the pods of a scenario, on other nodes if they are given."""
        those = self.demand.nodes if nodes is None else list(nodes)
        waves = self.demand.waves(scenario, those)
        state = self.state(those)
        placer = Placer(state, score_of(self.model, [pod for wave in waves for pod in wave.pods]))
        pending: list[Pending] = []
        where: list[tuple[Pod, int]] = []
        for wave in waves:
            where = list(_after(where, wave.gone, wave.ending, state))
            placement = placer.place(wave.pods)
            where += placement.placed
            pending += [*wave.refused, *placement.pending]
        return Outcome(
            scenario=scenario,
            pods=sum(len(wave.pods) + len(wave.refused) - sum(wave.gone.values()) for wave in waves),
            pending=pending,
            where=where,
            state=state,
        )

    def state(self, nodes: Sequence[Node]) -> State:
        state = State(nodes, self.demand.around.namespaces)
        for one in self.demand.others:
            if one.node in state.index:
                state.bind(one.pod.shape, state.index[one.node], ending=one.ending)
        return state

    def more(self, outcome: Outcome) -> dict[str, int]:
        """For each workload, how many more of its pods the nodes take beside all the others."""
        found: dict[str, int] = {}
        for workload in self.demand.workloads:
            if workload.on_every_node or not workload.maximum:
                continue
            shape, state = self.demand.shape(workload), self.state(outcome.state.nodes)
            ledger = self.demand.ledger()
            for pod, place in outcome.where:
                state.bind(pod.shape, place)
                ledger.charge(pod.shape)
            placer = Placer(state, score_of(self.model, [Pod("", "", shape)]))
            number = 0
            while number < MOST_MORE and not ledger.charge(shape) and (place := placer.choose(shape)) is not None:
                state.bind(shape, place)
                number += 1
            found[str(workload)] = number
        return found

    def losses(self, outcome: Outcome, number: int) -> list[Loss]:
        """What happens to the pods of an outcome if any `number` nodes, or any zone, are lost."""
        nodes = outcome.state.nodes
        zones = sorted({node.zone for node in nodes} - {""})
        lost = [
            (f"zone {zone}", {node.name for node in nodes if node.zone == zone}) for zone in zones if len(zones) > 1
        ]
        alike = list(self._choices(outcome, number))
        return [Loss(what, self._without(outcome, names)) for what, names in (*alike, *lost)]

    def _choices(self, outcome: Outcome, number: int) -> Iterator[tuple[str, set[str]]]:
        names = [node.name for node in outcome.state.nodes]
        for count, chosen in enumerate(combinations(names, number)):
            if count >= MOST_LOSSES:
                raise CapacityError(
                    f"--lose {number}: {len(names)} nodes give more than {MOST_LOSSES} choices: give a lower number"
                )
            yield f"node{'s' if number > 1 else ''} {', '.join(chosen)}", set(chosen)

    def _without(self, outcome: Outcome, lost: set[str]) -> Outcome:
        """Others stay where they are. What was on the lost nodes is placed again, but for what runs on every node."""
        every = {str(one) for one in self.demand.workloads if one.on_every_node}
        nodes = outcome.state.nodes
        kept = [node for node in nodes if node.name not in lost]
        state = self.state(kept)
        stay = [(pod, state.index[nodes[place].name]) for pod, place in outcome.where if nodes[place].name not in lost]
        for pod, place in stay:
            state.bind(pod.shape, place)
        again = [pod for pod, place in outcome.where if nodes[place].name in lost and pod.workload not in every]
        again += [
            one.pod
            for one in self.demand.others
            if one.node in lost and not one.ending and not one.owner.startswith(("DaemonSet ", "Node "))
        ]
        again += [one.pod for one in outcome.pending if one.made]
        placement = Placer(state, score_of(self.model, again)).place(again)
        return replace(
            outcome,
            scenario=Scenario.LOST,
            pods=len(stay) + len(again),
            pending=placement.pending,
            where=[*stay, *placement.placed],
            state=state,
        )

    def smallest(self, scenario: Scenario, group: str) -> int | None:
        """The smallest number of nodes of a kind that holds everything, with the other nodes as they are.

        None if no number up to one for each pod does. The numbers are tried from below, because one more node can
        make a placement worse: with it, a new zone may come that topology spread has to fill.
        """
        like = [node for node in self.demand.nodes if node.group == group]
        others = [node for node in self.demand.nodes if node.group != group]
        zones = list(dict.fromkeys(node.zone for node in like))
        most = sum(len(wave.pods) + len(wave.refused) for wave in self.demand.waves(scenario))
        for number in range(self._least(scenario, others, like[0]), most + 2):
            added = [_named(like[0], zones[index % len(zones)], f"{group}-{index + 1}") for index in range(number)]
            if (others or added) and self.outcome(scenario, [*others, *added]).fits:
                return number
        return None

    def _least(self, scenario: Scenario, others: Sequence[Node], like: Node) -> int:
        """A number of nodes below which the sum of the requests does not fit."""
        asked = Counter[str]()
        for wave in self.demand.waves(scenario, others):
            for pod in wave.pods:
                asked.update({**pod.shape.request, "pods": 1})
        state = self.state(others)
        least = 0
        for resource, total in asked.items():
            used = state.pods if resource == "pods" else state.used(resource)
            missing = total - int((state.allocatable(resource) - used).clip(min=0).sum())
            if missing > 0 and like.allocatable.get(resource):
                least = max(least, -(-missing // like.allocatable[resource]))
        return least


@dataclass(frozen=True)
class Loss:
    """What is lost, and what comes of it."""

    what: str
    outcome: Outcome


def _named(node: Node, zone: str, name: str) -> Node:
    labels = {**node.labels, "kubernetes.io/hostname": name}
    labels |= {"topology.kubernetes.io/zone": zone} if zone else {}
    return replace(node, name=name, labels=labels)


def _after(
    where: Sequence[tuple[Pod, int]], gone: Mapping[str, int], ending: Mapping[str, int], state: State
) -> Iterator[tuple[Pod, int]]:
    """The pods that are left on the nodes after some have ended, while some are ending."""
    left_gone, left_ending = dict(gone), dict(ending)
    for pod, place in where:
        if left_gone.get(pod.workload, 0):
            left_gone[pod.workload] -= 1
            state.take_away(pod.shape, place)
        elif left_ending.get(pod.workload, 0):
            left_ending[pod.workload] -= 1
            state.take_away(pod.shape, place)
            state.bind(pod.shape, place, ending=True)
            yield pod, place
        else:
            yield pod, place
