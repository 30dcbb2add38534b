"""Whatever the case: no node is over its capacity, no constraint is broken, and more nodes never hold fewer pods.

The checks here read the objects of the API themselves, and share no code with the placement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from slipway.capacity.model import Node, Pod
from slipway.capacity.placing import Placer
from slipway.capacity.scores import Model, score_of
from slipway.capacity.shapes import Reader
from slipway.capacity.state import State
from tests.capacity.cases import Body, Case, case_of, world_of

SEEDS = range(1000, 1080)
ZONE = "topology.kubernetes.io/zone"
UNITS = {"m": 0.001, "k": 1e3, "M": 1e6, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}


def number(quantity: str) -> float:
    unit = quantity.lstrip("0123456789.")
    return float(quantity.removesuffix(unit)) * UNITS.get(unit, 1)


def asked(pod: Body, resource: str) -> float:
    """At least what a pod takes while it runs: its containers, without what they say less of than their limits."""
    own = pod["spec"].get("resources", {}).get("requests", {})
    if resource in own:
        return number(own[resource])
    held = [one["resources"]["requests"] for one in pod["spec"]["containers"] if "resources" in one]
    return sum(number(one.get(resource, "0")) for one in held)


def placed(case: Case, model: Model) -> list[tuple[Body, Body]]:
    """The pods in the order of their placement, with their nodes."""
    bodies = {pod["metadata"]["name"]: pod for pod in case.pods}
    return [(bodies[pod.name], case.nodes[place]) for pod, place in world_of(case, model).place().placed]


def tolerated(pod: Body, node: Body) -> bool:
    def one(taint: Body, toleration: Body) -> bool:
        key, effect = toleration.get("key"), toleration.get("effect")
        value = toleration.get("operator") == "Exists" or toleration.get("value", "") == taint["value"]
        return key in (None, taint["key"]) and effect in (None, taint["effect"]) and value

    hard = [taint for taint in node["spec"]["taints"] if taint["effect"] != "PreferNoSchedule"]
    return all(any(one(taint, given) for given in pod["spec"].get("tolerations", [])) for taint in hard)


def selects(selector: Body, labels: dict[str, str]) -> bool:
    """For the selectors of the generated cases."""
    equal = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    sets = [(labels.get(one["key"]) in one["values"], one["operator"]) for one in selector.get("matchExpressions", [])]
    return equal and all(found == (operator == "In") for found, operator in sets)


@pytest.mark.parametrize("model", Model)
def test_no_node_is_over_its_capacity(model: Model) -> None:
    checked = 0
    for seed in SEEDS:
        case = case_of(seed)
        already = Counter(one["spec"]["nodeName"] for one in case.running)
        by_node: dict[str, list[Body]] = {}
        for pod, node in placed(case, model):
            by_node.setdefault(node["metadata"]["name"], []).append(pod)
        for node in case.nodes:
            name, allocatable = node["metadata"]["name"], node["status"]["allocatable"]
            pods = by_node.get(name, [])
            assert not pods or len(pods) + already[name] <= int(allocatable["pods"]), (seed, name)
            for resource, amount in allocatable.items():
                total = sum(asked(pod, resource) for pod in pods)
                assert resource == "pods" or total <= number(amount) * 1.000001, (seed, name, resource)
                checked += total > number(amount) * 0.7
    assert checked > 8, "hardly a node is nearly full, so nothing was tried"


@pytest.mark.parametrize("model", Model)
def test_no_constraint_is_broken(model: Model) -> None:
    tried: Counter[str] = Counter()
    for seed in SEEDS:
        before: list[tuple[Body, Body]] = []
        for pod, node in placed(case_of(seed), model):
            labels, spec = node["metadata"]["labels"], pod["spec"]
            assert not node["spec"].get("unschedulable") or {"operator": "Exists"} in spec["tolerations"], seed
            assert tolerated(pod, node), seed
            assert spec.get("nodeSelector", {}).items() <= labels.items(), seed
            wrong = [name for name, broken in RULES.items() if broken(pod, node, before, tried)]
            assert not wrong, (seed, pod["metadata"]["name"], node["metadata"]["name"], wrong)
            before.append((pod, node))
    assert min(tried[name] for name in RULES) > 4, f"a rule was hardly tried: {tried}"


Before = list[tuple[Body, Body]]


def _same_port(pod: Body, node: Body, before: Before, tried: Counter[str]) -> bool:
    def ports(one: Body) -> set[tuple[int, str]]:
        found = [port for container in one["spec"]["containers"] for port in container.get("ports", [])]
        return {(port["hostPort"], port["protocol"]) for port in found if "hostIP" not in port}

    tried["ports"] += bool(ports(pod))
    return any(ports(pod) & ports(other) for other, place in before if place is node)


def _too_near(pod: Body, node: Body, before: Before, tried: Counter[str]) -> bool:
    def avoids(one: Body, other: Body, here: Body, there: Body) -> bool:
        for term in terms(one):
            key = term["topologyKey"]
            place = here["metadata"]["labels"].get(key)
            if place is not None and place == there["metadata"]["labels"].get(key):
                plain = not {"namespaces", "namespaceSelector", "matchLabelKeys", "mismatchLabelKeys"} & term.keys()
                same = one["metadata"]["namespace"] == other["metadata"]["namespace"]
                if plain and same and selects(term["labelSelector"], other["metadata"]["labels"]):
                    return True
        return False

    def terms(one: Body) -> list[Body]:
        anti = one["spec"].get("affinity", {}).get("podAntiAffinity", {})
        return anti.get("requiredDuringSchedulingIgnoredDuringExecution", [])

    tried["apart"] += bool(terms(pod))
    return any(avoids(pod, other, node, there) or avoids(other, pod, there, node) for other, there in before)


def _one_sided(pod: Body, node: Body, before: Before, tried: Counter[str]) -> bool:
    """A zone may not have more pods of the constraint than `maxSkew` above none, while another zone has none."""
    case = case_of(int(pod["metadata"]["name"].split("-")[0][1:]))
    for one in pod["spec"].get("topologySpreadConstraints", []):
        plain = not {"nodeAffinityPolicy", "nodeTaintsPolicy", "matchLabelKeys"} & one.keys()
        hard = (
            one["whenUnsatisfiable"] == "DoNotSchedule" and plain and len(pod["spec"]["topologySpreadConstraints"]) == 1
        )
        if not hard or {"affinity", "nodeSelector"} & pod["spec"].keys() or case.running or not one["labelSelector"]:
            continue
        tried["spread"] += 1
        key = one["topologyKey"]
        domains = {other["metadata"]["labels"][key] for other in case.nodes if key in other["metadata"]["labels"]}
        counts: Counter[str] = Counter(dict.fromkeys(domains, 0))
        for other, there in before:
            same = other["metadata"]["namespace"] == pod["metadata"]["namespace"]
            if (
                same
                and key in there["metadata"]["labels"]
                and selects(one["labelSelector"], other["metadata"]["labels"])
            ):
                counts[there["metadata"]["labels"][key]] += 1
        least = min(counts.values()) if len(domains) >= one.get("minDomains", 1) else 0
        itself = selects(one["labelSelector"], pod["metadata"]["labels"])
        if key not in node["metadata"]["labels"]:
            return True
        if counts[node["metadata"]["labels"][key]] + itself - least > one["maxSkew"]:
            return True
    return False


RULES: dict[str, Callable[[Body, Body, Before, Counter[str]], bool]] = {
    "ports": _same_port,
    "apart": _too_near,
    "spread": _one_sided,
}


def test_what_is_pending_fits_nowhere_and_what_is_placed_is_all_the_rest() -> None:
    for seed in SEEDS[:40]:
        world = world_of(case_of(seed))
        placement = world.place()
        names = {pod.name for pod, _ in placement.placed} | {one.pod.name for one in placement.pending}
        assert names == world.pods.keys()
        assert not any(world.asked(one.pod.name).feasible().any() for one in placement.pending), seed


def test_two_runs_agree() -> None:
    for seed in SEEDS[:20]:
        one, other = world_of(case_of(seed)).place(), world_of(case_of(seed)).place()
        assert [(pod.name, place) for pod, place in one.placed] == [(pod.name, place) for pod, place in other.placed]


def held(pods: list[Any], nodes: list[Node], model: Model) -> int:
    return len(Placer(State(nodes), score_of(model, pods)).place(pods).placed)


@pytest.mark.parametrize("model", Model)
def test_more_nodes_never_hold_fewer_pods_alike(model: Model) -> None:
    reader, grew = Reader(), 0
    for cpu, skew in ((300, None), (700, None), (400, 1), (400, 2)):
        spread = {"topologyKey": ZONE, "maxSkew": skew, "whenUnsatisfiable": "DoNotSchedule"}
        constraints = [{**spread, "labelSelector": {"matchLabels": {"app": "a"}}}] if skew else []
        container = {"name": "c", "resources": {"requests": {"cpu": f"{cpu}m"}}}
        spec = {"containers": [container], "topologySpreadConstraints": constraints}
        shape = reader.shape("one", {"metadata": {"labels": {"app": "a"}}, "spec": spec})
        pods = [Pod(str(index), "w", shape) for index in range(60)]
        counts: list[int] = []
        for count in range(3, 12):
            nodes = [
                Node(
                    name=str(index),
                    allocatable={"cpu": 1000 + 500 * (index % 3), "pods": 5},
                    labels={ZONE: "abc"[index % 3]},
                )
                for index in range(count)
            ]
            counts.append(held(pods, nodes, model))
        assert counts == sorted(counts), (cpu, skew, counts)
        grew += counts[-1] > counts[0]
    assert grew == 4
