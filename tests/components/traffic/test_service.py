"""A Service finds its workload's ports by name, and waits only for an address that someone wants."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from slipway import Port, Service, ServiceArgs
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import GRPC, HTTP, deployment

DNS = Port(name="dns", number=53, protocol="UDP", app_protocol="example.com/dns")


def service(name: str = "web", having: tuple[Port, ...] = (HTTP, GRPC), **own: Any) -> Service:
    """Of a workload that has these ports."""
    return Service(name, ServiceArgs(workload=deployment(ports=having), **own))


def made(**own: Any) -> Recording:
    return deploy(lambda: service(**own))


def body(**own: Any) -> dict[str, Any]:
    return made(**own).object("Service")


def balanced(*ingress: dict[str, str]) -> Recording:
    """A LoadBalancer whose address is awaited and comes."""
    state = {"status": {"loadBalancer": {"ingress": list(ingress)}}}
    return deploy(
        lambda: service(type="LoadBalancer", await_address=True), states={"kubernetes:core/v1:Service": state}
    )


def refused(**own: Any) -> str:
    return refusal(lambda: service(**own))


def test_it_serves_all_ports_of_its_workload_under_their_own_numbers() -> None:
    assert body()["spec"] == {
        "type": "ClusterIP",
        "selector": {"app.kubernetes.io/name": "web", "slipway/kind": "Deployment"},
        "ports": [
            {"name": "http", "port": 8080, "targetPort": "http", "protocol": "TCP"},
            {"name": "grpc", "port": 50021, "targetPort": "grpc", "protocol": "TCP"},
        ],
    }


def test_it_serves_only_the_ports_that_it_is_given_under_these_numbers() -> None:
    assert body(having=(HTTP, DNS), ports={"dns": 5353})["spec"]["ports"] == [
        {"name": "dns", "port": 5353, "targetPort": "dns", "protocol": "UDP", "appProtocol": "example.com/dns"}
    ]


def test_what_is_not_asked_for_is_absent() -> None:
    assert body()["metadata"] == {
        "name": "web",
        "namespace": NAMESPACE,
        "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"},
        "annotations": {"pulumi.com/skipAwait": "true"},
    }


def test_its_labels_and_annotations_are_added() -> None:
    metadata = body(labels={"team": "shop"}, annotations={"note": "x"})["metadata"]
    assert metadata["labels"]["team"] == "shop"
    assert metadata["annotations"] == {"note": "x", "pulumi.com/skipAwait": "true"}


@pytest.mark.parametrize("label", ["app.kubernetes.io/name", "app.kubernetes.io/instance", "slipway/kind"])
def test_a_label_that_tells_whose_it_is_is_not_told_anew(label: str) -> None:
    told = f"label {label!r} is set from the name and selects the pods: leave it out"
    assert refused(labels={"team": "shop", label: "x"}) == told, "it would be dropped without a word"


def test_a_headless_one_has_no_address_of_its_own() -> None:
    spec = body(type="Headless")["spec"]
    assert (spec["type"], spec["clusterIP"]) == ("ClusterIP", "None"), "its name resolves to the pods"


@pytest.mark.parametrize("type_", ["NodePort", "LoadBalancer"])
def test_other_types_are_sent_as_they_are(type_: str) -> None:
    spec = body(type=type_)["spec"]
    assert spec["type"] == type_
    assert "clusterIP" not in spec


@pytest.mark.parametrize("type_", ["ClusterIP", "NodePort", "Headless", "LoadBalancer"])
def test_nothing_is_awaited_unless_an_address_is_wanted(type_: str) -> None:
    annotations = body(type=type_)["metadata"]["annotations"]
    assert annotations == {"pulumi.com/skipAwait": "true"}, "the provider's wait adds ten seconds and proves nothing"


def test_an_address_that_is_wanted_is_awaited() -> None:
    metadata = balanced({"ip": "192.0.2.1"}).object("Service")["metadata"]
    assert "annotations" not in metadata


@pytest.mark.parametrize("type_", ["ClusterIP", "NodePort", "Headless"])
def test_an_address_that_never_comes_is_not_awaited(type_: str) -> None:
    assert refused(type=type_, await_address=True).startswith(f"a {type_} service has no address to await")


def test_a_port_that_the_workload_does_not_have_is_refused_with_those_it_has() -> None:
    assert (
        refused(ports={"http": 80, "admin": 81}) == "port 'admin' is not a port of deployment 'web': it has http, grpc"
    )


def test_no_ports_at_all_is_refused_and_not_taken_for_all_of_them() -> None:
    assert (
        refused(ports={}) == "service ports are empty: name some of deployment 'web' (http, grpc), or give None for all"
    )


@pytest.mark.parametrize("number", [-1, 0, 65536])
def test_a_number_that_no_port_has_is_refused(number: int) -> None:
    assert refused(ports={"http": number}) == f"service port 'http' has number {number}: use one from 1 to 65535"


@pytest.mark.parametrize("number", [1, 65535])
def test_the_first_and_the_last_number_are_taken(number: int) -> None:
    assert body(ports={"http": number})["spec"]["ports"][0]["port"] == number


def test_a_number_serves_once_a_protocol() -> None:
    told = "service ports 'http' and 'grpc' are both TCP 80: give each a number of its own"
    assert refused(ports={"http": 80, "grpc": 80}) == told
    numbers = [
        (one["protocol"], one["port"])
        for one in body(having=(HTTP, DNS), ports={"http": 53, "dns": 53})["spec"]["ports"]
    ]
    assert numbers == [("TCP", 53), ("UDP", 53)], "as a name server has it"


def test_a_workload_without_ports_has_nothing_to_serve() -> None:
    assert refused(having=()).startswith("deployment 'web' has no ports: give it one, or leave out the service")


def test_a_name_that_kubernetes_would_refuse_is_refused() -> None:
    assert refused(name="9web").startswith("service '9web' starts with a digit")
    assert refused(name="Web").startswith("service 'Web' is not a valid name")


def test_it_does_not_wait_for_the_rollout_of_its_workload() -> None:
    waits_for = made().one("core/v1:Service").options.get("dependencies", [])
    assert waits_for == [], "a Service can be there before its pods, and is then there when they are ready"


def test_it_tells_its_name_inside_the_cluster_and_its_ports() -> None:
    found: list[Service] = []
    recording = deploy(lambda: found.append(service()))
    assert recording.one("slipway:index:Service").outputs == {"host": "web.shop.svc"}
    assert found[0].ports == {"http": 8080, "grpc": 50021}
    assert found[0].address is None


@pytest.mark.parametrize(
    ("ingress", "address"), [({"ip": "192.0.2.1"}, "192.0.2.1"), ({"hostname": "lb.example.com"}, "lb.example.com")]
)
def test_an_address_is_an_ip_or_a_host_name(ingress: dict[str, str], address: str) -> None:
    outputs = balanced(ingress, {"ip": "192.0.2.2"}).one("slipway:index:Service").outputs
    assert outputs == {"host": "web.shop.svc", "address": address}


def test_an_address_that_never_came_is_an_error_and_not_an_empty_url() -> None:
    with pytest.raises(pulumi.RunError, match="the load balancer was awaited and has no address"):
        balanced()
    with pytest.raises(pulumi.RunError, match="the load balancer was awaited and has no address"):
        made(type="LoadBalancer", await_address=True)
