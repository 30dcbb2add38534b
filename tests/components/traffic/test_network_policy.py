"""A NetworkPolicy allows whom it names, on the ports that they have, and says nothing by an empty list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slipway import Allow, Connection, ConnectionArgs, Deployment, Namespace, NetworkPolicy, NetworkPolicyArgs, Port
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.traffic.surroundings import given, service, workload

SERVERS = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}
WEB = {"app.kubernetes.io/name": "web", "slipway/kind": "Deployment"}


def whole(namespace: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}


def peer(name: str, namespace: str = NAMESPACE) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": name, "slipway/kind": "Deployment"}
    return {**whole(namespace), "podSelector": {"matchLabels": labels}}


def policy(args: Callable[[], NetworkPolicyArgs]) -> dict[str, Any]:
    return deploy(lambda: NetworkPolicy("rules", args())).object("NetworkPolicy")


def of_web(**own: Any) -> dict[str, Any]:
    """The spec of a policy of web; what is given as a function is called where a program runs."""
    return policy(lambda: NetworkPolicyArgs(of=workload(), **given(own)))["spec"]


def refused(**own: Any) -> str:
    return refusal(lambda: NetworkPolicyArgs(**given({"of": workload, **own})))


def test_a_namespace_is_closed_but_for_its_name_servers() -> None:
    one = policy(lambda: NetworkPolicyArgs.deny_all(NAMESPACE))
    assert one["metadata"] == {"name": "rules", "namespace": NAMESPACE}
    assert one["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [SERVERS],
    }


def test_a_namespace_of_ours_takes_its_policies_along() -> None:
    recording = deploy(lambda: NetworkPolicy("rules", NetworkPolicyArgs.deny_all(Namespace(NAMESPACE))))
    made = recording.one("networking.k8s.io/v1:NetworkPolicy")
    assert made.options["deletedWith"] == recording.one("core/v1:Namespace").urn


def test_a_workload_is_limited_in_one_direction_alone() -> None:
    one = policy(lambda: NetworkPolicyArgs(of=workload(), ingress=[], labels={"team": "shop"}, annotations={"a": "b"}))
    assert one["spec"] == {"podSelector": {"matchLabels": WEB}, "policyTypes": ["Ingress"], "ingress": []}
    assert one["metadata"]["labels"]["team"] == "shop"
    assert one["metadata"]["labels"]["app.kubernetes.io/name"] == "web"
    assert one["metadata"]["annotations"] == {"a": "b"}


def test_callers_are_workloads_namespaces_and_addresses() -> None:
    allowed = lambda: [  # noqa: E731
        Allow(
            workloads=[workload("cart"), workload("jobs", namespace="batch")],
            namespaces=["monitoring"],
            cidrs=["10.0.0.0/8", "fd00::/8"],
            excepted=["10.1.0.0/16"],
            ports=["http", 9090, Port(name="dns", number=53, protocol="UDP")],
        )
    ]
    assert of_web(ingress=allowed)["ingress"] == [
        {
            "from": [
                peer("cart"),
                peer("jobs", "batch"),
                whole("monitoring"),
                {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
                {"ipBlock": {"cidr": "fd00::/8"}},
            ],
            "ports": [
                {"protocol": "TCP", "port": 8080},
                {"protocol": "TCP", "port": 9090},
                {"protocol": "UDP", "port": 53},
            ],
        }
    ]


def test_anyone_is_said_and_not_meant_by_an_empty_list() -> None:
    assert of_web(ingress=[Allow(anyone=True)])["ingress"] == [{}]
    assert of_web(egress=[Allow(anyone=True, ports=[443])], dns=False)["egress"] == [
        {"ports": [{"protocol": "TCP", "port": 443}]}
    ]
    told = "nobody is allowed: name workloads, namespaces or cidrs, or say anyone=True"
    assert refusal(lambda: Allow()) == told  # noqa: PLW0108 (the line of a program)
    assert refusal(lambda: Allow(workloads=[], ports=[80])) == told
    assert refusal(lambda: Allow(anyone=True, namespaces=["a"])).startswith("anyone=True allows all that is named")
    assert refusal(lambda: Allow(anyone=True, ports=[])) == "ports are empty: name some, or give None for all"


def test_named_ports_of_those_that_are_called_are_their_own() -> None:
    def metrics(name: str, number: int) -> Deployment:
        return workload(name, ports=(Port(name="metrics", number=number),))

    called = lambda: [Allow(workloads=[metrics("a", 9090), metrics("b", 9191)], ports=["metrics"])]  # noqa: E731
    assert of_web(egress=called)["egress"] == [
        {"to": [peer("a")], "ports": [{"protocol": "TCP", "port": 9090}]},
        {"to": [peer("b")], "ports": [{"protocol": "TCP", "port": 9191}]},
        SERVERS,
    ]


def test_name_servers_are_left_out_where_that_is_said() -> None:
    assert of_web(egress=[])["egress"] == [SERVERS], "without names no Service is found"
    assert of_web(egress=[], dns=False)["egress"] == []


def test_raw_fields_are_merged_last() -> None:
    spec = of_web(ingress=[], spec={"podSelector": {"matchLabels": {"tier": "front"}}})
    assert spec["podSelector"]["matchLabels"] == {**WEB, "tier": "front"}


def test_a_port_that_nobody_has_is_refused() -> None:
    told = "port 'admin' is not a port of deployment 'web': it has http, grpc"
    assert refused(ingress=[Allow(anyone=True, ports=["admin"])]) == told
    other = lambda: [Allow(workloads=[workload("api")], ports=["admin"])]  # noqa: E731
    assert refused(egress=other) == "port 'admin' is not a port of deployment 'api': it has http, grpc"
    nameless = "port 'http' is the name of no single workload's port: give its number, or a Port"
    assert refused(egress=[Allow(anyone=True, ports=["http"])]) == nameless
    assert refused(of=NAMESPACE, ingress=[Allow(anyone=True, ports=["http"])]) == nameless
    assert refusal(lambda: Allow(anyone=True, ports=[0])) == "port 0 is no port: use a number from 1 to 65535"


def test_a_policy_without_effect_is_refused() -> None:
    assert refused().startswith("a policy without ingress and egress limits nothing")


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"cidrs": ["10.0.0.1/8"]}, "cidr '10.0.0.1/8' is no block of addresses: write '10.0.0.0/8'"),
        ({"cidrs": ["ten"]}, "cidr 'ten' is no block of addresses: write an address and the length of its prefix"),
        (
            {"cidrs": ["10.0.0.0/8"], "excepted": ["192.168.0.0/16"]},
            "excepted '192.168.0.0/16' is within none of the cidrs",
        ),
        ({"cidrs": ["10.0.0.0/8"], "excepted": ["fd00::/16"]}, "excepted 'fd00::/16' is within none of the cidrs"),
        ({"namespaces": ["Shop"]}, "namespace 'Shop' is not a valid name"),
    ],
)
def test_addresses_and_namespaces_are_checked(own: dict[str, Any], told: str) -> None:
    assert refusal(lambda: Allow(**own)).startswith(told)


def test_a_connection_opens_both_sides_on_the_callees_own_port() -> None:
    def program() -> None:
        callee = service("api", namespace="backend", numbers={"http": 80})
        Connection("web-to-api", ConnectionArgs(caller=workload(), callee=callee))

    recording = deploy(program)
    ports = [{"protocol": "TCP", "port": 8080}]
    egress, ingress = (recording.object("NetworkPolicy", f"web-to-api-{side}") for side in ("egress", "ingress"))
    assert egress["metadata"]["namespace"] == NAMESPACE
    assert egress["spec"]["podSelector"] == {"matchLabels": WEB}
    assert egress["spec"]["egress"] == [{"to": [peer("api", "backend")], "ports": ports}, SERVERS]
    assert egress["spec"]["policyTypes"] == ["Egress"]
    assert ingress["metadata"]["namespace"] == "backend"
    assert ingress["spec"]["ingress"] == [{"from": [peer("web")], "ports": ports}]
    assert ingress["spec"]["policyTypes"] == ["Ingress"]
    assert recording.one("slipway:index:Connection").outputs == {"endpoint": "api.backend.svc:80"}


def test_a_connection_to_a_port_that_is_not_there_is_refused() -> None:
    told = refusal(lambda: ConnectionArgs(caller=workload(), callee=service("api"), port="admin"))
    assert told == "service 'api' has no port 'admin': name one of http, grpc"
    long = refusal(lambda: Connection("x" * 56, ConnectionArgs(caller=workload(), callee=service("api"), port="http")))
    assert "use at most 55" in long
