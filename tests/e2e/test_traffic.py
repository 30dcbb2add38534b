"""The API server, with the definitions of cert-manager and the Gateway API, takes what the components render."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from slipway import (
    Allow,
    Backend,
    Certificate,
    CertificateArgs,
    Connection,
    ConnectionArgs,
    Deployment,
    DeploymentArgs,
    GrpcMatch,
    HttpMatch,
    Ingress,
    IngressArgs,
    IngressPath,
    NetworkPolicy,
    NetworkPolicyArgs,
    Port,
    Route,
    RouteArgs,
    RouteRule,
    Service,
    ServiceArgs,
)
from slipway.testing import deploy
from tests.e2e.site import Site

NAMESPACE = "traffic-strict"
HOSTS = ["shop.example.com", "*.shop.example.com"]


@pytest.fixture(scope="module")
def namespace(site: Site, extensions: None) -> Generator[None]:
    site.kubectl("create", "namespace", NAMESPACE)
    yield
    site.kubectl("delete", "namespace", NAMESPACE)


def everything() -> None:
    """Each component with all that it can say."""
    ports = [Port(name="http", number=8080), Port(name="grpc", number=50021)]
    args = DeploymentArgs(namespace=NAMESPACE, image="registry.example.com/app:1", replicas=1, ports=ports)
    web, api = (Service(name, ServiceArgs(workload=Deployment(name, args))) for name in ("web", "api"))
    wanted = CertificateArgs(namespace=NAMESPACE, hosts=HOSTS, issuer="ours", issuer_kind="Issuer", duration=48)
    certificate = Certificate("shop", wanted)
    paths = [
        IngressPath(service=web, port="http"),
        IngressPath(service=api, port="http", path="/api", match="Exact", host=HOSTS[0]),
    ]
    Ingress("shop", IngressArgs(hosts=HOSTS, paths=paths, tls=certificate, class_name="traefik"))
    Ingress("any", IngressArgs(paths=paths[:1]))
    match = HttpMatch(path="/api", match="Exact", method="GET", headers={"x-canary": "yes"})
    shares = [Backend(service=web, port="http", weight=95), Backend(service=api, port="http", weight=5)]
    http = [RouteRule(to=shares, matches=[match, HttpMatch(path="/v[12]", match="RegularExpression")])]
    gateway: dict[str, Any] = {"gateway": "public", "gateway_namespace": "infra", "listener": "web"}
    Route("http", RouteArgs(**gateway, hosts=HOSTS, rules=[*http, RouteRule(to=shares)]))
    calls = [GrpcMatch(service="shop.v1.Cart", method="Add"), GrpcMatch(headers={"tenant": "a"})]
    to_grpc = RouteRule(to=[Backend(service=api, port="grpc")], matches=calls)
    Route("grpc", RouteArgs(**gateway, protocol="grpc", rules=[to_grpc]))
    NetworkPolicy("closed", NetworkPolicyArgs.deny_all(NAMESPACE))
    office = Allow(
        namespaces=["infra"], cidrs=["10.0.0.0/8", "fd00::/8"], excepted=["10.1.0.0/16"], ports=["http", 9090]
    )
    NetworkPolicy("office", NetworkPolicyArgs(of=web.workload, ingress=[office], egress=[Allow(anyone=True)]))
    Connection("web-to-api", ConnectionArgs(caller=web.workload, callee=api, port="grpc"))


def judged(site: Site, objects: list[dict[str, Any]]) -> tuple[list[str], str]:
    """The objects that the API server would make, and what it says against the others."""
    # Of a List, kubectl would judge the items itself.
    stream = "\n".join(json.dumps(one) for one in objects)
    strictly = ("--dry-run=server", "--validate=strict", "--filename=-", "--output=name")
    ended = site.kubectl("create", *strictly, stdin=stream, check=False)
    return ended.stdout.split(), ended.stderr


@pytest.mark.usefixtures("namespace")
def test_the_api_server_takes_each_object_as_it_is(site: Site) -> None:
    objects = deploy(everything).objects()
    taken, told = judged(site, objects)
    assert not told
    kinds = sorted(one.partition("/")[0] for one in taken if "deployment" not in one)
    assert kinds == [
        "certificate.cert-manager.io",
        "grpcroute.gateway.networking.k8s.io",
        "httproute.gateway.networking.k8s.io",
        *["ingress.networking.k8s.io"] * 2,
        *["networkpolicy.networking.k8s.io"] * 4,
        *["service"] * 2,
    ]


@pytest.mark.usefixtures("namespace")
def test_a_field_that_a_kind_has_not_would_be_refused(site: Site) -> None:
    kinds = ("Certificate", "HTTPRoute", "GRPCRoute", "Ingress", "NetworkPolicy")
    objects = {one["kind"]: one for one in deploy(everything).objects() if one["kind"] in kinds}
    for one in objects.values():
        one["spec"]["planted"] = True
    taken, told = judged(site, list(objects.values()))
    assert not taken
    assert told.count('unknown field "spec.planted"') == len(kinds), told
