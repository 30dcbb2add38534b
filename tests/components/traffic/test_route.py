"""A Route leads from a Gateway to Services, in the shares that it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slipway import Backend, GrpcMatch, HttpMatch, Route, RouteArgs, RouteRule, Service
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.traffic.surroundings import DNS, service

Rules = Callable[[Service], list[RouteRule]]


def to(web: Service, *matches: Any, **own: Any) -> RouteRule:
    return RouteRule(to=[Backend(service=web, port="http", **own)], matches=matches)


def route(rules: Rules = lambda web: [to(web)], **own: Any) -> Route:
    fields: dict[str, Any] = {"gateway": "public", **own}
    return Route("shop", RouteArgs(rules=rules(service(numbers={"http": 80, "grpc": 81})), **fields))


def body(*rules: Rules, protocol: str = "http", **own: Any) -> dict[str, Any]:
    recording = deploy(lambda: route(*rules, protocol=protocol, **own))
    return recording.object("HTTPRoute" if protocol == "http" else "GRPCRoute")


def refused(*rules: Rules, **own: Any) -> str:
    return refusal(lambda: route(*rules, **own))


def test_the_least_there_can_be() -> None:
    assert body() == {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {
            "name": "shop",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"},
        },
        "spec": {
            "parentRefs": [{"name": "public"}],
            "rules": [{"backendRefs": [{"name": "web", "port": 80, "weight": 1}]}],
        },
    }


def test_it_is_attached_to_a_listener_of_a_gateway_elsewhere() -> None:
    spec = body(gateway_namespace="infra", listener="https", hosts=["*.example.com"])["spec"]
    assert spec["parentRefs"] == [{"name": "public", "namespace": "infra", "sectionName": "https"}]
    assert spec["hostnames"] == ["*.example.com"]


def test_a_canary_gets_its_share() -> None:
    def rules(web: Service) -> list[RouteRule]:
        canary = service("canary")
        return [
            RouteRule(
                to=[Backend(service=web, port="http", weight=90), Backend(service=canary, port="http", weight=10)]
            )
        ]

    (rule,) = body(rules)["spec"]["rules"]
    assert rule["backendRefs"] == [
        {"name": "web", "port": 80, "weight": 90},
        {"name": "canary", "port": 8080, "weight": 10},
    ]


def test_requests_are_matched_by_path_method_and_header() -> None:
    match = HttpMatch(path="/api", match="Exact", method="GET", headers={"x-canary": "yes"})
    (rule,) = body(lambda web: [to(web, match, HttpMatch(path="/v2"))])["spec"]["rules"]
    assert rule["matches"] == [
        {
            "path": {"type": "Exact", "value": "/api"},
            "method": "GET",
            "headers": [{"type": "Exact", "name": "x-canary", "value": "yes"}],
        },
        {"path": {"type": "PathPrefix", "value": "/v2"}},
    ]


def test_grpc_calls_are_matched_by_service_and_method() -> None:
    match = GrpcMatch(service="shop.v1.Cart", method="Add", headers={"tenant": "a"})
    one = body(lambda web: [to(web, match)], protocol="grpc")
    assert one["spec"]["rules"][0]["matches"] == [
        {
            "method": {"type": "Exact", "service": "shop.v1.Cart", "method": "Add"},
            "headers": [{"type": "Exact", "name": "tenant", "value": "a"}],
        }
    ]


def test_raw_fields_are_merged_last() -> None:
    spec = body(spec={"parentRefs": [{"name": "other"}]})["spec"]
    assert spec["parentRefs"] == [{"name": "other"}]


def test_a_match_of_the_other_protocol_is_refused() -> None:
    told = refused(lambda web: [to(web, GrpcMatch(service="a.B"))])
    assert told.startswith("a GrpcMatch is for another protocol than 'http': give HttpMatch(path=…)")
    assert refused(lambda web: [to(web, HttpMatch())], protocol="grpc").startswith(
        "a HttpMatch is for another protocol"
    )


@pytest.mark.parametrize(
    "matches", [[(), ()], [(HttpMatch(path="/a"),), (HttpMatch(path="/a"),)], [(), (HttpMatch(),)]]
)
def test_two_rules_for_the_same_requests_are_refused(matches: list[Any]) -> None:
    told = "two rules match the same requests, of which the second gets none: leave one out"
    assert refused(lambda web: [to(web, *some) for some in matches]) == told


def test_rules_that_nobody_would_serve_are_refused() -> None:
    assert refused(lambda _: []).startswith("a route without rules leads nowhere")
    assert refused(lambda _: [RouteRule(to=[])]).startswith("a rule without backends answers 500")
    assert refused(lambda web: [to(web, weight=0)]).startswith("all weights of the rule are 0")
    assert refused(lambda web: [to(web, weight=-1)]) == "weight -1 is out of range: give 0 to 1,000,000"
    assert refused(lambda web: [RouteRule(to=[Backend(service=web, port="http")] * 2)]).startswith(
        "service 'web' port 'http' is there twice"
    )


def test_ports_paths_and_hosts_are_checked() -> None:
    assert refused(lambda web: [RouteRule(to=[Backend(service=web)])]).startswith("service 'web' has several ports")
    assert "HTTP needs a TCP port" in refused(lambda _: [RouteRule(to=[Backend(service=service("d", ports=(DNS,)))])])
    assert refused(lambda web: [to(web, HttpMatch(path="api"))]).startswith("path 'api' is not absolute")
    assert body(lambda web: [to(web, HttpMatch(path="[ab]", match="RegularExpression"))])
    assert refused(hosts=["Shop.example.com"]).endswith("write 'shop.example.com'")
    assert refused(lambda web: [to(web, GrpcMatch())], protocol="grpc").startswith("a GrpcMatch of nothing matches all")
    elsewhere = refused(lambda web: [to(web), to(service("b", namespace="b"), HttpMatch(path="/b"))])
    assert elsewhere.startswith("service 'b' is in namespace 'b' and the route that names it is in")
