"""The cluster chooses addresses and ports that nobody else uses."""

import json
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

import pytest

from cluster import network
from cluster.errors import ClusterError


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_in_use_is_skipped(listener: int) -> None:
    among = [listener, *range(27000, 27100)]
    (port,) = network.free_ports(1, among)
    assert port != listener


def test_ports_are_different_and_the_lowest_free_ones() -> None:
    found = network.free_ports(5, range(27000, 27100))
    assert found == sorted(set(found))


def test_too_few_free_ports_are_an_error(listener: int) -> None:
    with pytest.raises(ClusterError, match="fewer than 1 free ports"):
        network.free_ports(1, [listener])


def test_chosen_ports_are_neither_node_ports_nor_ephemeral() -> None:
    assert max(network.PORT_RANGE) < 30000


@pytest.mark.parametrize("used", ["10.244.0.0/16", "10.96.5.3/32", "10.0.0.0/8"])
def test_a_subnet_that_overlaps_a_route_is_skipped(used: str) -> None:
    chosen = network.choose_network([IPv4Network(used)])
    ours = [IPv4Network(chosen.bridge), IPv4Network(chosen.services)]
    assert not any(one.overlaps(IPv4Network(used)) for one in ours)


def test_a_machine_that_uses_every_subnet_is_an_error() -> None:
    with pytest.raises(ClusterError, match="overlaps a route"):
        network.choose_network([IPv4Network("0.0.0.0/1"), IPv4Network("128.0.0.0/1")])


def test_the_two_subnets_of_a_candidate_do_not_overlap() -> None:
    for bridge, services in network.CANDIDATES:
        assert not IPv4Network(bridge).overlaps(IPv4Network(services))


def test_pods_and_builds_share_the_bridge_but_no_address() -> None:
    chosen = network.choose_network([])
    bridge = IPv4Network(chosen.bridge)
    assert not chosen.pods.overlaps(chosen.builds)
    assert chosen.pods.subnet_of(bridge)
    assert chosen.builds.subnet_of(bridge)
    assert chosen.gateway == IPv4Address("10.244.0.1")
    assert (chosen.api, chosen.dns) == (IPv4Address("10.96.0.1"), IPv4Address("10.96.0.10"))


def test_all_routes_except_the_default_one_are_read() -> None:
    routes = json.dumps([{"dst": "default"}, {"dst": "192.0.2.0/24"}, {"dst": "127.0.0.1"}])
    assert network.parse_routes(routes) == [
        IPv4Network("192.0.2.0/24"),
        IPv4Network("127.0.0.1/32"),
    ]
