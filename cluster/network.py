"""The addresses of the cluster: a bridge of its own, unused subnets, free ports."""

import contextlib
import json
import re
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from cluster.errors import ClusterError
from cluster.shell import run

BRIDGE = "slipway0"
LOOPBACK = "127.0.0.1"
# The first pair is kubeadm's usual one. The others are for machines that already use it.
CANDIDATES = (
    ("10.244.0.0/22", "10.96.0.0/20"),
    ("10.212.0.0/22", "10.213.0.0/20"),
    ("172.30.0.0/22", "172.30.16.0/20"),
    ("192.168.244.0/22", "192.168.224.0/20"),
)
# Above the ports that people pick by hand; below the NodePorts (30000 and up) and the kernel's ephemeral ports (32768
# and up), so that no outgoing connection takes a port which was just picked.
PORT_RANGE = range(21000, 29000)


@dataclass(frozen=True, kw_only=True)
class Network:
    """The two subnets of a cluster, and the addresses in them with a fixed use."""

    bridge: str
    """The bridge's subnet: pods in the lower half, containers of image builds in the upper half."""
    services: str

    @property
    def gateway(self) -> IPv4Address:
        """The node's own address, on the bridge."""
        return IPv4Network(self.bridge)[1]

    @property
    def gateway_with_prefix(self) -> str:
        return f"{self.gateway}/{IPv4Network(self.bridge).prefixlen}"

    @property
    def pods(self) -> IPv4Network:
        return next(IPv4Network(self.bridge).subnets())

    @property
    def builds(self) -> IPv4Network:
        return list(IPv4Network(self.bridge).subnets())[1]

    @property
    def api(self) -> IPv4Address:
        """The address of the Service `kubernetes`: the API server gives it the first one."""
        return IPv4Network(self.services)[1]

    @property
    def dns(self) -> IPv4Address:
        return IPv4Network(self.services)[10]


@dataclass(frozen=True, kw_only=True)
class Ports:
    """One port for each part. All are on loopback. The kubelet's port is on the bridge, and so is a second listener
    with the API server's port number, for pods."""

    api: int
    registry: int
    etcd: int
    etcd_peer: int
    kubelet: int
    kubelet_health: int
    controller_manager: int
    scheduler: int
    proxy_health: int
    proxy_metrics: int


def choose_network(used: Iterable[IPv4Network]) -> Network:
    """The first candidates that do not overlap with any of `used`."""
    taken = list(used)
    for bridge, services in CANDIDATES:
        ours = (IPv4Network(bridge), IPv4Network(services))
        if not any(one.overlaps(other) for one in ours for other in taken):
            return Network(bridge=bridge, services=services)
    raise ClusterError(
        f"every subnet a cluster could have overlaps a route of this machine: {CANDIDATES}; "
        "add a free pair to CANDIDATES in cluster/network.py"
    )


def parse_routes(routes: str) -> list[IPv4Network]:
    """The destinations in `ip -json route`, without the default route."""
    entries: list[dict[str, Any]] = json.loads(routes or "[]")
    return [IPv4Network(e["dst"], strict=False) for e in entries if e["dst"] != "default"]


def used_networks() -> list[IPv4Network]:
    """The networks that this machine already reaches: every route, and its name servers."""
    routes = parse_routes(run(["ip", "-json", "-4", "route", "show", "table", "all"], timeout=10))
    resolver = Path("/etc/resolv.conf")
    text = resolver.read_text() if resolver.exists() else ""
    servers = re.findall(r"^nameserver\s+(\d+\.\d+\.\d+\.\d+)", text, re.MULTILINE)
    return routes + [IPv4Network(server) for server in servers]


def is_free(port: int) -> bool:
    """Whether nobody listens on this port, on loopback or on all addresses."""
    with socket.socket() as probe:
        # Use the same option as the daemons: a port with lingering connections counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int, among: Sequence[int] = PORT_RANGE) -> list[int]:
    """The first free ports, lowest first, so that a new cluster gets the same ports again."""
    found: list[int] = []
    for port in among:
        if is_free(port):
            found.append(port)
            if len(found) == count:
                return found
    raise ClusterError(f"fewer than {count} free ports between {among[0]} and {among[-1]}")


def choose_ports() -> Ports:
    names = [field.name for field in fields(Ports)]
    return Ports(**dict(zip(names, free_ports(len(names)), strict=True)))


def owner() -> str | None:
    """The home of the cluster that owns the machine's bridge; None if there is no bridge."""
    links: list[dict[str, Any]] = json.loads(run(["ip", "-json", "link"], timeout=10))
    return next((link.get("ifalias", "") for link in links if link["ifname"] == BRIDGE), None)


def create_bridge(network: Network, home: Path) -> None:
    """Makes the bridge and marks it with its cluster's home.

    The route lets the machine itself reach Services even without a default route.
    """
    for command in (
        f"link add {BRIDGE} type bridge",
        f"address add {network.gateway_with_prefix} dev {BRIDGE}",
        f"link set {BRIDGE} up",
        f"route add {network.services} dev {BRIDGE} src {network.gateway}",
    ):
        run(["ip", *command.split()], timeout=10)
    run(["ip", "link", "set", BRIDGE, "alias", home], timeout=10)


def remove_bridge(timeout: float = 10) -> None:
    """Removes the bridge and the interfaces that are still attached to it."""
    deadline = time.monotonic() + timeout
    while owner() is not None:
        links: list[dict[str, Any]] = json.loads(run(["ip", "-json", "link"], timeout=10))
        plugged = [link["ifname"] for link in links if link.get("master") == BRIDGE]
        for name in [*plugged, BRIDGE]:
            # The kernel may have removed the interface together with its pod's namespace.
            with contextlib.suppress(ClusterError):
                run(["ip", "link", "delete", name], timeout=10)
        if time.monotonic() > deadline:
            raise ClusterError(f"the interface {BRIDGE} does not go away")
