"""The peers of a NetworkPolicy: who is allowed, and on which ports."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.networking import v1 as networking

from slipway.access.namespace import Namespace, place_of
from slipway.parts.arguments.checked import checked
from slipway.parts.container import Port
from slipway.parts.place import Place
from slipway.parts.workload import Workload, WorkloadResource, workload_of

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Peer = networking.NetworkPolicyPeerArgsDict
_Port = networking.NetworkPolicyPortArgsDict


@checked
@dataclass(frozen=True, kw_only=True)
class Allow:
    """Allowed peers and ports. Raises ValueError for an invalid one, and if nobody is allowed.

    - `workloads`: the pods of these workloads, in any namespace.
    - `namespaces`: all pods in these namespaces.
    - `cidrs`: addresses outside the cluster, such as `10.0.0.0/8`, without the `excepted` ones within them.
    - `anyone`: every address inside and outside the cluster. It cannot be combined with other peers.
    - `ports`: the ports of the called side: the name of a workload's port, a sidecar's too, a number (TCP), or a
      `Port`; None for all.
    """

    workloads: Sequence[Workload | WorkloadResource] = ()
    namespaces: Sequence[Namespace | pulumi.Input[str]] = ()
    cidrs: Sequence[str] = ()
    excepted: Sequence[str] = ()
    anyone: bool = False
    ports: Sequence[str | int | Port] | None = None

    def __post_init__(self) -> None:
        named = [*self.workloads, *self.namespaces, *self.cidrs]
        if not named and not self.anyone:
            # To Kubernetes an empty list means everyone. A program with an empty list seldom means that.
            raise ValueError("nobody is allowed: name workloads, namespaces or cidrs, or say anyone=True")
        if named and self.anyone:
            raise ValueError("anyone=True allows all that is named beside it: leave one of them out")
        for namespace in self.namespaces:
            place_of(namespace)
        networks = [_network(cidr) for cidr in self.cidrs]
        for cidr in self.excepted:
            if not any(_within(_network(cidr), network) for network in networks):
                raise ValueError(
                    f"excepted {cidr!r} is within none of the cidrs: leave it out, or allow what is around it"
                )
        if self.ports is not None and not self.ports:
            raise ValueError("ports are empty: name some, or give None for all")
        for port in self.ports or ():
            if isinstance(port, int) and not 1 <= port <= 65535:
                raise ValueError(f"port {port} is no port: use a number from 1 to 65535")


def coming(allowed: Allow, limited: Workload | None) -> networking.NetworkPolicyIngressRuleArgsDict:
    """The ingress rule for the pods of `limited`, or of a namespace if None. Raises ValueError for unknown ports."""
    rule: networking.NetworkPolicyIngressRuleArgsDict = {}
    if not allowed.anyone:
        rule["from_"] = _peers(allowed)
    if allowed.ports is not None:
        rule["ports"] = [_port(port, limited) for port in allowed.ports]
    return rule


def going(allowed: Allow) -> list[networking.NetworkPolicyEgressRuleArgsDict]:
    """The egress rules. With named ports there is one rule for each workload, since their port numbers may differ.

    Raises ValueError for unknown ports.
    """
    if any(isinstance(port, str) for port in allowed.ports or ()) and not (
        allowed.anyone or allowed.namespaces or allowed.cidrs
    ):
        return [_to([_workload(one)], allowed, workload_of(one)) for one in allowed.workloads]
    return [_to(None if allowed.anyone else _peers(allowed), allowed, None)]


def _to(
    peers: list[_Peer] | None, allowed: Allow, called: Workload | None
) -> networking.NetworkPolicyEgressRuleArgsDict:
    rule: networking.NetworkPolicyEgressRuleArgsDict = {}
    if peers is not None:
        rule["to"] = peers
    if allowed.ports is not None:
        rule["ports"] = [_port(port, called) for port in allowed.ports]
    return rule


def dns() -> networking.NetworkPolicyEgressRuleArgsDict:
    """The egress rule for the cluster's name servers, with the labels that kubeadm and managed clusters give them."""
    servers: _Peer = {**_whole(place_of("kube-system")), "pod_selector": {"match_labels": {"k8s-app": "kube-dns"}}}
    return {"to": [servers], "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}


def _peers(allowed: Allow) -> list[_Peer]:
    return [
        *(_workload(one) for one in allowed.workloads),
        *(_whole(place_of(one)) for one in allowed.namespaces),
        *(_block(cidr, allowed.excepted) for cidr in allowed.cidrs),
    ]


def _workload(given: Workload | WorkloadResource) -> _Peer:
    workload = workload_of(given)
    return {**_whole(workload.place), "pod_selector": {"match_labels": workload.selector}}


def _whole(place: Place) -> _Peer:
    """https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name"""
    return {"namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": place.name}}}


def _block(cidr: str, excepted: Sequence[str]) -> _Peer:
    inside = [one for one in excepted if _within(_network(one), _network(cidr))]
    return {"ip_block": {"cidr": cidr, "except_": inside} if inside else {"cidr": cidr}}


def _network(cidr: str) -> _Network:
    try:
        return ipaddress.ip_network(cidr)
    except ValueError:
        pass
    try:
        meant = f"write '{ipaddress.ip_network(cidr, strict=False)}'"
    except ValueError:
        meant = "write an address and the length of its prefix, as in '10.0.0.0/8'"
    raise ValueError(f"cidr {cidr!r} is no block of addresses: {meant}")


def _within(inner: _Network, outer: _Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def _port(port: str | int | Port, called: Workload | None) -> _Port:
    """Render a port by its number, because not every network plugin supports port names.

    The number is the pod's, not the Service's: policies apply behind the Service.
    """
    if isinstance(port, str):
        if called is None:
            raise ValueError(f"port {port!r} is the name of no single workload's port: give its number, or a Port")
        known = {one.name: one for one in called.ports}
        if port not in known:
            raise ValueError(f"port {port!r} is not a port of {called}: it has {', '.join(known) or 'none'}")
        port = known[port]
    if isinstance(port, int):
        return {"protocol": "TCP", "port": port}
    return {"protocol": port.protocol, "port": port.number}
