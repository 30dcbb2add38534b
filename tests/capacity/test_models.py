"""The two ways to choose a node, and the solver's bound, on cases small enough to compute by hand."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.capacity.asked import Scenario
from slipway.capacity.cluster import Cluster
from slipway.capacity.demand import Demand
from slipway.capacity.model import Node, Pod, Shape
from slipway.capacity.optimal import bound
from slipway.capacity.placing import Placer
from slipway.capacity.scenarios import Question
from slipway.capacity.scores import Model, score_of
from slipway.capacity.shapes import Reader
from slipway.capacity.state import State
from slipway.preview.model import Manifest


def node(name: str, cpu: int, memory: int = 1000, **labels: str) -> Node:
    return Node(
        name=name, allocatable={"cpu": cpu, "memory": memory, "pods": cpu // 10}, labels={"host": name, **labels}
    )


def shape(cpu: int, memory: int = 0, **spec: Any) -> Shape:
    asked = {"cpu": f"{cpu}m", "memory": str(memory)}
    pod = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"resources": {"requests": asked}}], **spec}}
    return Reader().shape("shop", pod)


def where(model: Model, nodes: list[Node], *shapes: Shape) -> list[str]:
    pods = [Pod(str(number), "", one) for number, one in enumerate(shapes)]
    placement = Placer(State(nodes), score_of(model, pods)).place(pods)
    assert not placement.pending, placement.pending[0].message
    return [nodes[place].name for _, place in placement.placed]


def test_the_formula_gives_every_node_the_same_share_whatever_its_size() -> None:
    nodes = [node("large", 4000), node("small", 1000)]
    one = shape(400)
    assert where(Model.SHARE, nodes, one, one, one, one) == ["large", "small", "large", "small"]
    # The small node is full, so it is no longer feasible.
    assert where(Model.SHARE, nodes, *[one] * 6)[4:] == ["large", "large"]


def test_the_scheduler_fills_nodes_by_their_free_share() -> None:
    nodes = [node("large", 4000, 4000), node("small", 1000, 1000)]
    one = shape(100, 100)
    # After four pods, the large node has 90 % left, and the small one would have 90 % with its first pod.
    assert where(Model.SCHEDULER, nodes, *[one] * 6) == ["large", "large", "large", "large", "small", "large"]


def test_the_formula_does_not_ask_what_runs_already() -> None:
    state = State([node("busy", 4000), node("idle", 4000)])
    state.bind(shape(1000), 0)
    one = shape(100)
    assert Placer(state, score_of(Model.SHARE, [Pod("", "", one)])).choose(one) == 0


def test_the_scheduler_balances_cpu_and_memory() -> None:
    state = State([node("lopsided", 1000), node("even", 1000)])
    state.bind(shape(200, 200), 0)
    state.bind(shape(400, 1), 1)
    # With the pod, the mean of what is free is 60 % on both nodes. On the second, both shares become 40 %.
    assert Placer(state, score_of(Model.SCHEDULER, [])).choose(shape(1, 399)) == 1


def test_higher_priority_goes_first() -> None:
    low, high = shape(800), shape(700, priority=10)
    state = State([node("only", 1000)])
    placement = Placer(state, score_of(Model.SCHEDULER, [])).place([Pod("low", "", low), Pod("high", "", high)])
    assert [pod.name for pod, _ in placement.placed] == ["high"]


def question(model: Model, nodes: list[Node], *templates: tuple[int, dict[str, Any]]) -> Question:
    manifests: list[Manifest] = []
    for number, (replicas, spec) in enumerate(templates):
        labels = {"app": f"w{number}"}
        template = {"metadata": {"labels": labels}, "spec": spec}
        body = {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": f"w{number}", "namespace": "shop"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
        }
        manifests.append(Manifest(urn=str(number), body=body))
    return Question(Demand(manifests, Cluster(nodes=nodes)), model)


def asking(cpu: str, **spec: Any) -> dict[str, Any]:
    return {"containers": [{"name": "main", "resources": {"requests": {"cpu": cpu}}}], **spec}


def test_a_solver_finds_the_placement_that_one_after_the_other_misses() -> None:
    # Two small pods go to two nodes, and then no node has room for the large one.
    asked = question(Model.SCHEDULER, [node("a", 1000), node("b", 1000)], (2, asking("400m")), (1, asking("800m")))
    assert len(asked.outcome(Scenario.MAXIMUM).pending) == 1
    found = bound(asked, Scenario.MAXIMUM)
    assert (found.pods, found.placed, found.fits) == (3, 3, True)


def test_a_solver_proves_that_nothing_holds_it() -> None:
    asked = question(Model.SCHEDULER, [node("a", 1000), node("b", 1000)], (5, asking("400m")))
    found = bound(asked, Scenario.MAXIMUM)
    assert (found.pods, found.placed, found.fits) == (5, 4, False)


SAME = {"labelSelector": {"matchLabels": {"app": "w0"}}}


@pytest.mark.parametrize(
    ("spec", "placed"),
    [
        (
            {
                "affinity": {
                    "podAntiAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "host", **SAME}]
                    }
                }
            },
            3,
        ),
        (
            {
                "topologySpreadConstraints": [
                    {"topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", **SAME}
                ]
            },
            5,
        ),
        ({"nodeSelector": {"zone": "a"}}, 4),
        (
            {
                "containers": [
                    {"ports": [{"containerPort": 80, "hostPort": 80}], "resources": {"requests": {"cpu": "1m"}}}
                ]
            },
            3,
        ),
    ],
    ids=["apart", "spread", "selector", "port"],
)
def test_a_solver_knows_the_constraints(spec: dict[str, Any], placed: int) -> None:
    nodes = [node("a", 1000, zone="a"), node("b", 1000, zone="a"), node("c", 1000, zone="b")]
    found = bound(question(Model.SCHEDULER, nodes, (9, {**asking("500m"), **spec})), Scenario.MAXIMUM)
    assert (found.placed, found.fits) == (placed, False)


def test_the_bound_is_never_below_a_placement() -> None:
    nodes = [node("a", 1000, zone="a"), node("b", 700, zone="b")]
    for cpu in (100, 250, 300, 400):
        asked = question(Model.SHARE, nodes, (4, asking(f"{cpu}m")), (3, asking("150m")))
        outcome = asked.outcome(Scenario.MAXIMUM)
        assert bound(asked, Scenario.MAXIMUM).placed >= len(outcome.where)
