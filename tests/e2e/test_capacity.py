"""The real scheduler places generated pods on simulated nodes as Slipway says it does, with the same reasons."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import pytest

from slipway.capacity.limits import Ledger, Limits
from slipway.capacity.model import Shape
from slipway.capacity.requests import pod_request
from slipway.capacity.shapes import Reader
from tests.capacity.cases import SHARED, Body, Case, World, case_of, world_of
from tests.e2e.conftest import Note
from tests.e2e.scheduler import Api, Pods, RefusedError, control_plane, node_of, path_of, refusal, watched
from tests.e2e.site import find_site

CASES = range(300)
_WINDOW = 4
"""Decisions that come within a few milliseconds may be written in another order: when a pod is tried again."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Generator[Api]:
    site = find_site()
    if site is None:
        pytest.fail(
            "no cluster is up, so its programs are not built: `make e2e` makes one, or set SLIPWAY_CLUSTER_HOME"
        )
    with control_plane(site, tmp_path_factory.mktemp("scheduler")) as made:
        for body in SHARED:
            made.api.make(body)
        yield made.api


@dataclass
class Tally:
    """What was compared."""

    pods: int = 0
    bound: int = 0
    refused: int = 0
    best: int = 0
    same: int = 0
    alone_same: int = 0
    alone_pending_alike: int = 0
    reasons: set[str] = field(default_factory=set[str])
    wrong: list[str] = field(default_factory=list[str])


def test_the_scheduler_agrees(api: Api, note: Note) -> None:
    tally, started = Tally(), time.monotonic()
    with watched(api) as seen:
        for seed in CASES:
            case = case_of(seed)
            _make(api, seen, case)
            for pod in case.pods:
                api.make(pod)
                seen.wait_until_decided(pod["metadata"]["name"])
            _wait_for_retries(case, seen)
            _compare(case, seen, tally)
            _remove(api, case)
    note(f"{len(CASES)} cases, {tally.pods} pods, {tally.bound} placed and {tally.refused} refusals compared")
    note(f"in {time.monotonic() - started:.0f} s")
    note(f"after the same pods, on the same node: {tally.same / tally.bound:.1%} of the placed")
    note(f"after the same pods, on one of the best nodes: {tally.best / tally.bound:.1%}")
    note(f"placed alone, on the same node or pending in both: {tally.alone_same / tally.pods:.1%}")
    note(f"placed alone, as many pending: {tally.alone_pending_alike} of {len(CASES)} cases")
    note("reasons compared: " + ", ".join(sorted(tally.reasons)))
    assert tally.best >= 0.995 * tally.bound, "the scheduler's scores are other ones"
    assert not tally.wrong, f"{len(tally.wrong)} differences:\n" + "\n".join(tally.wrong[:40])


def _make(api: Api, seen: Pods, case: Case) -> None:
    for body in (*case.nodes, *case.objects):
        api.make(body)
    for body in case.running:
        meta = {key: value for key, value in body["metadata"].items() if key != "deletionTimestamp"}
        api.make({**body, "metadata": meta})
        if "deletionTimestamp" in body["metadata"]:
            api.ask("DELETE", f"{path_of(body)}/{meta['name']}")
    for attempt in range(100):
        # A pod for no node tells how many nodes the scheduler knows by now.
        name = f"canary-{case.seed}-{attempt}"
        spec = {"containers": [{"name": "main", "image": "x"}], "nodeSelector": {"no": "node"}}
        meta = {"name": name, "namespace": "default"}
        canary = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
        api.make(canary)
        seen.wait_until_decided(name)
        api.ask("DELETE", f"{path_of(canary)}/{name}")
        if (refusal(seen.history(name)[-1]) or "").startswith(f"0/{len(case.nodes)} nodes"):
            return
    raise AssertionError("the scheduler does not know the nodes")


def _remove(api: Api, case: Case) -> None:
    for namespace in ("one", "two"):
        api.ask("DELETE", f"/api/v1/namespaces/{namespace}/pods", {"gracePeriodSeconds": 0})
    for body in case.objects:
        api.ask("DELETE", f"{path_of(body)}/{body['metadata']['name']}")
    api.ask("DELETE", "/api/v1/nodes")


def _names(case: Case) -> list[str]:
    return [pod["metadata"]["name"] for pod in case.pods]


def _wait_for_retries(case: Case, seen: Pods) -> None:
    """Gives the scheduler the time to try pods again for which there is a node now."""
    world, bound = world_of(case), set[str]()
    for step in _steps(case, seen):
        if step.node:
            world.state.bind(world.pods[step.pod].shape, world.state.index[step.node])
            bound.add(step.pod)
    for name in _names(case):
        if name not in bound and world.asked(name).feasible().any():
            seen.wait_until_on_node(name, 12)


def _compare(case: Case, seen: Pods, tally: Tally) -> None:
    """Takes what the scheduler did step by step, and asks at each step what Slipway says of it."""
    world, left = world_of(case), _steps(case, seen)
    while left:
        differences = [_difference(world, step) for step in left[:_WINDOW]]
        number = differences.index("") if "" in differences else 0
        if differences[number]:
            tally.wrong.append(f"case {case.seed}, {left[number].pod}: {differences[number]}")
        step = left.pop(number)
        shape = world.pods[step.pod].shape
        if step.node is None:
            tally.refused += 1
            told = world.asked(step.pod).message().partition(": ")[2].rstrip(".")
            tally.reasons |= {one.lstrip("0123456789 ") for one in told.split(", ")}
            continue
        place = world.state.index[step.node]
        best = world.placer.best(shape)
        tally.bound += 1
        tally.same += place in best[:1]
        tally.best += place in best
        world.state.bind(shape, place)
    bound = {step.pod: step.node for step in _steps(case, seen) if step.node}
    for name in _names(case):
        if name not in bound and world.asked(name).feasible().any():
            tally.wrong.append(f"case {case.seed}, {name}: stays pending, and Slipway knows a node for it")
    alone = world_of(case).place()
    nodes = {pod.name: case.nodes[place]["metadata"]["name"] for pod, place in alone.placed}
    tally.pods += len(case.pods)
    tally.alone_same += sum(nodes.get(name) == bound.get(name) for name in _names(case))
    tally.alone_pending_alike += len(nodes) == len(bound)


def _difference(world: World, step: Step) -> str:
    """How Slipway sees a decision of the scheduler otherwise; empty if it does not."""
    asked = world.asked(step.pod)
    feasible = asked.feasible()
    own = "it fits" if feasible.any() else asked.message()
    if step.node is None:
        return "" if step.message.startswith(own) else f"the scheduler says {step.message!r}, Slipway {own!r}"
    if feasible[world.state.index[step.node]]:
        return ""
    return f"the scheduler takes {step.node}, Slipway says {own!r} of {np.flatnonzero(feasible)}"


@dataclass(frozen=True, order=True)
class Step:
    """A decision of the scheduler: the pod's node, or the reason for none."""

    version: int
    pod: str
    node: str | None
    message: str


def _steps(case: Case, seen: Pods) -> list[Step]:
    """The decisions, in the order in which they were written."""
    found: list[Step] = []
    for name in _names(case):
        before: tuple[str | None, str] = (None, "")
        for pod in seen.history(name):
            now = (node_of(pod), "" if node_of(pod) else refusal(pod) or "")
            if any(now) and now != before and not before[0]:
                found.append(Step(int(pod["metadata"]["resourceVersion"]), name, *now))
                before = now
    return sorted(found)


LIMITED = "limited"
RANGE: Body = {
    "apiVersion": "v1",
    "kind": "LimitRange",
    "metadata": {"name": "range", "namespace": LIMITED},
    "spec": {
        "limits": [
            {
                "type": "Container",
                "default": {"memory": "300Mi"},
                "defaultRequest": {"cpu": "150m"},
                "max": {"cpu": "2"},
                "min": {"memory": "10Mi"},
            },
        ]
    },
}
HARD = {"pods": "9", "requests.cpu": "2", "limits.memory": "5Gi"}
QUOTA: Body = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "quota", "namespace": LIMITED},
    "spec": {"hard": HARD},
}


def test_the_api_server_completes_and_refuses_pods_alike(api: Api, note: Note) -> None:
    """Limit ranges and quotas: the same requests, and the same refusals, for pods that leave things out."""
    api.make({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": LIMITED}})
    api.make(RANGE)
    quota = api.make(QUOTA)
    # No controller counts here, but the API server counts what it lets in.
    status = {"hard": HARD, "used": dict.fromkeys(HARD, "0")}
    api.ask("PUT", f"{path_of(QUOTA)}/quota/status", {**quota, "status": status})
    limits, reader = Limits(ranges=[RANGE], quotas=[QUOTA]), Reader()
    ledger, refused, made = Ledger(limits), Counter[str](), 0

    def pod_of(name: str, resources: Body) -> tuple[Body, Shape, str]:
        spec: Body = {"containers": [{"name": "main", "image": "x", "resources": resources}]}
        meta = {"name": name, "namespace": LIMITED}
        whole = limits.completed(LIMITED, spec)
        shape = reader.shape(LIMITED, {"metadata": meta, "spec": whole})
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
        return pod, shape, limits.refusal(LIMITED, whole)

    # The API server knows the quota a moment later: then the first pod counts.
    probe, shape, _ = pod_of("probe", {})
    for number in range(100):
        api.make({**probe, "metadata": {**probe["metadata"], "name": f"probe-{number}"}})
        if api.ask("GET", f"{path_of(QUOTA)}/quota")["status"]["used"]["pods"] == "1":
            break
    assert not ledger.charge(shape)
    for number, resources in enumerate(_resources()):
        pod, shape, own = pod_of(f"pod-{number}", resources)
        own = own or ledger.charge(shape)
        if own:
            with pytest.raises(RefusedError, match=re.escape(own)):
                api.make(pod)
            refused[own.partition(":")[0].partition(" per ")[0]] += 1
            continue
        there = api.make(pod)
        assert pod_request(there["spec"]) == shape.request, resources
        assert pod_request(there["spec"], "limits") == shape.limit, resources
        made += 1
    note(f"{made} pods made alike, refused alike: {dict(refused)}")
    assert made
    assert refused.keys() == {"maximum cpu usage", "minimum memory usage", "exceeded quota"}


def _resources() -> list[Body]:
    """Every way to leave things out, and then some that are too much."""
    some: list[Body] = [
        {},
        {"requests": {"cpu": "100m"}},
        {"limits": {"cpu": "200m"}},
        {"limits": {"cpu": "200m", "memory": "1Gi"}, "requests": {"memory": "64Mi"}},
        {"requests": {"memory": "64Mi"}},
        {"limits": {"cpu": "3"}},
        {"requests": {"memory": "1Mi"}},
    ]
    return [*some, {"requests": {"cpu": "1900m"}}, {"limits": {"memory": "4500Mi"}}, *([{}] * 6)]
