"""A port of a sidecar can be named wherever a port of its workload can."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import (
    Allow,
    Backend,
    Connection,
    ConnectionArgs,
    Container,
    Deployment,
    DeploymentArgs,
    IngressPath,
    Monitor,
    MonitorArgs,
    NetworkPolicy,
    NetworkPolicyArgs,
    Port,
    Service,
    ServiceArgs,
    StatefulSet,
    StatefulSetArgs,
)
from slipway.testing import deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import HTTP, deployment

METRICS = Port(name="metrics", number=9090)
DNS = Port(name="dns", number=5353, protocol="UDP")
SIDECARS = {"exporter": Container(image=IMAGE, ports=[METRICS]), "resolver": Container(image=IMAGE, ports=[DNS])}


def web(*ports: Port) -> Deployment:
    return deployment(ports=ports, sidecars=SIDECARS)


def service(*ports: Port, **own: Any) -> Service:
    return Service("web", ServiceArgs(workload=web(*ports), **own))


def served(*ports: Port, **own: Any) -> list[tuple[str, int, str, str]]:
    recording = deploy(lambda: service(*ports, **own))
    found = [one for one in recording.findings if one.rule.startswith(("reference/", "schema/"))]
    assert [one.rule for one in found] == ["reference/missing-namespace"], "the checks know a sidecar's ports too"
    return [
        (one["name"], one["port"], one["targetPort"], one["protocol"])
        for one in recording.object("Service")["spec"]["ports"]
    ]


def test_a_service_serves_it_by_its_name_and_protocol() -> None:
    assert served(HTTP, ports={"metrics": 90, "dns": 53}) == [
        ("metrics", 90, "metrics", "TCP"),
        ("dns", 53, "dns", "UDP"),
    ]


def test_a_service_does_not_expose_it_unless_it_is_named() -> None:
    assert served(HTTP) == [("http", 8080, "http", "TCP")]


def test_a_service_of_sidecars_alone_exposes_theirs() -> None:
    assert [one[0] for one in served()] == ["metrics", "dns"]


def test_a_service_tells_its_protocol() -> None:
    def program() -> None:
        made = service(HTTP, ports={"http": 80, "dns": 53})
        assert (made.protocol("http"), made.protocol("dns")) == ("TCP", "UDP")
        IngressPath(service=made, port="http")
        Backend(service=made, port="http")

    deploy(program)
    both = {"http": 80, "dns": 53}
    told = refusal(lambda: IngressPath(service=service(HTTP, ports=both), port="dns"))
    assert "port 'dns' of service 'web' is UDP" in told


def test_the_headless_service_of_a_stateful_set_has_it() -> None:
    args = StatefulSetArgs(namespace=NAMESPACE, image=IMAGE, ports=[HTTP], sidecars=SIDECARS)
    ports = deploy(lambda: StatefulSet("db", args)).object("Service")["spec"]["ports"]
    assert [one["name"] for one in ports] == ["http", "metrics", "dns"]


def test_a_policy_names_it_on_both_sides() -> None:
    def program() -> None:
        named = Allow(workloads=[web(HTTP)], ports=["metrics", "dns"])
        other = Deployment("other", DeploymentArgs(namespace=NAMESPACE, image=IMAGE))
        NetworkPolicy("out", NetworkPolicyArgs(of=other, egress=[named], dns=False))

    [rule] = deploy(program).object("NetworkPolicy", "out")["spec"]["egress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 9090}, {"protocol": "UDP", "port": 5353}]


def test_a_connection_opens_it() -> None:
    def program() -> None:
        callee = service(HTTP, ports={"metrics": 90})
        Connection(
            "scrape",
            ConnectionArgs(
                caller=Deployment("caller", DeploymentArgs(namespace=NAMESPACE, image=IMAGE)), callee=callee
            ),
        )

    [rule] = deploy(program).object("NetworkPolicy", "scrape-ingress")["spec"]["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 9090}], "a policy judges by the pod's port"


@pytest.mark.parametrize(
    ("ports", "named", "scraped"),
    [
        ((HTTP,), "metrics", "metrics"),
        ((HTTP,), None, "http"),
        ((), None, "metrics"),
    ],
)
def test_a_monitor_scrapes_it(ports: tuple[Port, ...], named: str | None, scraped: str) -> None:
    recording = deploy(lambda: Monitor("web", MonitorArgs(of=web(*ports), port=named)))
    [endpoint] = recording.object("PodMonitor")["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] == scraped


def test_a_monitor_scrapes_no_udp_port_of_a_service() -> None:
    def monitor(port: str | None) -> Monitor:
        return Monitor("web", MonitorArgs(of=service(HTTP, ports={"metrics": 90, "dns": 53}), port=port))

    [endpoint] = deploy(lambda: monitor(None)).object("ServiceMonitor")["spec"]["endpoints"]
    assert endpoint["port"] == "metrics"
    assert "port 'dns' is not a TCP port of service 'web'" in refusal(lambda: monitor("dns"))
