"""What a pod asks for, by Kubernetes' own rule."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.capacity.requests import UNASKED, amounts, completed, pod_request
from slipway.capacity.shapes import Reader


def container(cpu: str | None = None, *, sidecar: bool = False, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"resources": {"requests": {"cpu": cpu}} if cpu else {}}
    return found | ({"restartPolicy": "Always"} if sidecar else {}) | more


# The table of https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/753-sidecar-containers is about the
# same cases; the numbers are ours.
CASES: dict[str, tuple[int, list[Any], list[Any]]] = {
    "containers add up": (300, [container("100m"), container("200m")], []),
    "an init container runs alone": (500, [container("100m")], [container("500m")]),
    "init containers run one after the other": (500, [container("100m")], [container("500m"), container("400m")]),
    "a sidecar runs beside the containers": (300, [container("100m")], [container("200m", sidecar=True)]),
    "a later init container runs beside the sidecar": (
        700,
        [container("100m")],
        [container("200m", sidecar=True), container("500m")],
    ),
    "an earlier init container does not": (
        500,
        [container("100m")],
        [container("500m"), container("200m", sidecar=True)],
    ),
    "two sidecars and what comes between": (
        750,
        [container("100m")],
        [container("200m", sidecar=True), container("550m"), container("300m", sidecar=True)],
    ),
    "parts of a thousandth are rounded up": (2, [container("0.0011")], []),
}


@pytest.mark.parametrize(("expected", "containers", "init"), CASES.values(), ids=CASES.keys())
def test_a_pod_asks_for_the_most_that_it_needs_at_once(expected: int, containers: list[Any], init: list[Any]) -> None:
    assert pod_request({"containers": containers, "initContainers": init}) == {"cpu": expected}


def test_overhead_comes_on_top_and_the_pods_own_amounts_come_in_place() -> None:
    spec = {"containers": [container("1")], "overhead": {"cpu": "50m", "memory": "1Mi"}}
    assert pod_request(spec) == {"cpu": 1050, "memory": 1024**2}
    own = {**spec, "resources": {"requests": {"cpu": "3"}}}
    assert pod_request(own)["cpu"] == 3050
    assert pod_request(own, of_pod=False)["cpu"] == 1050


def test_limits_get_the_overhead_only_where_there_is_a_limit() -> None:
    spec = {"containers": [{"resources": {"limits": {"cpu": "1"}}}], "overhead": {"cpu": "50m", "memory": "1Mi"}}
    assert pod_request(spec, "limits") == {"cpu": 1050}


def test_a_limit_is_the_request_where_none_is_given() -> None:
    spec = {"containers": [{"resources": {"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1"}}}]}
    assert pod_request(completed(spec)) == {"cpu": 1000, "memory": 1024**3}
    pod = {"containers": [container("1")], "resources": {"limits": {"memory": "2Gi"}}}
    assert pod_request(completed(pod)) == {"cpu": 1000, "memory": 2 * 1024**3}


def test_scores_count_what_asks_for_nothing() -> None:
    spec = {"containers": [container("1"), container()]}
    assert pod_request(spec, at_least=UNASKED) == {"cpu": 1100, "memory": 2 * UNASKED["memory"]}


def test_a_pods_own_amounts_do_not_score_until_it_is_on_a_node() -> None:
    spec = {"containers": [container()], "resources": {"requests": {"cpu": "3", "memory": "1Gi"}}}
    shape = Reader().shape("shop", {"spec": spec})
    assert shape.request == {"cpu": 3000, "memory": 1024**3}
    assert (shape.scored, shape.weighed) == ((3000, 1024**3), (UNASKED["cpu"], UNASKED["memory"]))


def test_what_is_no_quantity_is_left_out() -> None:
    assert amounts({"cpu": "lots", "memory": "1e3", "example.com/gpu": 2}) == {"memory": 1000, "example.com/gpu": 2}
