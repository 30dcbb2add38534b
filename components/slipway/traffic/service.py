"""A Service in front of a workload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.container import Port, check_port_numbers
from slipway.parts.edits.guard import body_of, guarded
from slipway.parts.edits.objects import api_form
from slipway.parts.labels import check_labels
from slipway.parts.merge import merge
from slipway.parts.names import check_service_name
from slipway.parts.provider import NOT_AWAITED
from slipway.parts.workload import Workload, WorkloadResource, workload_of

ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer", "Headless"]


@checked
@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """The arguments of a `Service`. Raises ValueError for invalid ports and labels.

    - `workload`: the workload whose pods it serves.
    - `ports`: the Service's port numbers, from 1 to 65535, by the name of a port of the main container or of a sidecar,
      as in `{"http": 80}`. None for all ports of the main container, under their own numbers; if it has none, for those
      of the sidecars. Two ports of one protocol need different numbers.
    - `type`: `Headless` is a ClusterIP Service without an address. Its name resolves to the addresses of the pods.
    - `await_address`: whether a deployment waits for the address of a LoadBalancer, for ten minutes at most. Use it if
      you export the address. ValueError for other types, which have no address to wait for.
    - `labels`, `annotations`: added to its own. ValueError for a label that selects pods.
    - `spec`: raw provider fields for everything else, merged last (RFC 7386).
    """

    workload: Workload | WorkloadResource
    ports: Mapping[str, int] | None = None
    type: ServiceType = "ClusterIP"
    await_address: bool = False
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: core.ServiceSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        workload = workload_of(self.workload)
        known = [port.name for port in workload.ports]
        if not known:
            raise ValueError(f"{workload} has no ports: give it one, or leave out the service")
        check_labels(self.labels)
        if self.ports is not None and not self.ports:
            raise ValueError(
                f"service ports are empty: name some of {workload} ({', '.join(known)}), or give None for all"
            )
        if unknown := sorted(set(self.ports or ()) - set(known)):
            raise ValueError(f"port {unknown[0]!r} is not a port of {workload}: it has {', '.join(known)}")
        check_port_numbers(_served(workload, self.ports), "service port")
        if self.await_address and self.type != "LoadBalancer":
            raise ValueError(f"a {self.type} service has no address to await: only a LoadBalancer gets one")


def _served(workload: Workload, asked: Mapping[str, int] | None) -> list[tuple[Port, int]]:
    """The ports of the workload that the Service exposes, each with its number in the Service."""
    if asked is None:
        return [(port, port.number) for port in workload.usual_ports]
    return [(port, asked[port.name]) for port in workload.ports if port.name in asked]


@checked
class Service(pulumi.ComponentResource):
    """A Service named exactly `name`.

    Attributes for whatever refers to it: `workload` is the workload that it serves, `place` is its namespace, `labels`
    are its labels, and `ports` are its port numbers by name. `host` is its DNS name inside the cluster. `address` is
    the IP address or host name of a LoadBalancer if `await_address` is set, else None.

    Give a caller `endpoint` or `url` in a variable, as in `environment={"API_URL": api.url("http")}`.
    """

    CALLED: ClassVar[str] = "a Service, as in web.service"

    host: pulumi.Output[str]
    address: pulumi.Output[str] | None

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_service_name(name)
        super().__init__("slipway:index:Service", name, None, opts)
        workload = workload_of(args.workload)
        served = _served(workload, args.ports)
        self.name = name
        self.workload = workload
        self.place = workload.place
        self.labels = {**args.labels, **workload.labels}
        # The provider's wait would add ten seconds to every deployment. The wait for the Deployment has already shown
        # that the pods are ready.
        waits = {} if args.await_address else NOT_AWAITED
        address = "None" if args.type == "Headless" else None
        spec: core.ServiceSpecArgsDict = {
            "type": "ClusterIP" if args.type == "Headless" else args.type,
            "cluster_ip": address,
            "selector": workload.selector,
            "ports": [_port(port, number, workload.target_port(port)) for port, number in served],
        }
        merged = merge(spec, args.spec)
        compared = {
            "clusterIP": merged.get("cluster_ip"),
            "selector": merged.get("selector"),
            "ports": api_form(merged.get("ports")),
        }
        body = body_of("v1", "Service", name, workload.place.known, spec=compared)
        if "type" in merged:
            merged["type"] = guarded(self, merged["type"], body)
        self.resource = core.Service(
            name,
            metadata={
                "name": name,
                "namespace": workload.place.name,
                "labels": self.labels,
                "annotations": {**args.annotations, **waits} or None,
            },
            spec=cast("core.ServiceSpecArgsDict", merged),
            opts=workload.place.child(self),
        )
        self.ports = {port.name: number for port, number in served}
        self.host = pulumi.Output.concat(name, ".", workload.place.name, ".svc")
        self.address = self.resource.status.apply(_address) if args.await_address else None
        self.register_outputs({"host": self.host, "address": self.address})

    def endpoint(self, port: str | None = None) -> pulumi.Output[str]:
        """Its host and a port number, as in "api.shop.svc:50021". None for its only port. ValueError if unknown."""
        return pulumi.Output.concat(self.host, ":", str(self.ports[self.port_name(port)]))

    def url(self, port: str | None = None, *, scheme: str | None = None) -> pulumi.Output[str]:
        """The URL of a port, as in "http://api.shop.svc:8080". None for its only port. ValueError if unknown.

        The scheme is "https" if the port serves TLS and else "http", unless another one is given.
        """
        usual = "https" if self._port(self.port_name(port)).tls else "http"
        return pulumi.Output.concat(scheme or usual, "://", self.endpoint(port))

    def port_name(self, name: str | None = None) -> str:
        """Check and return the port `name`; None for its only port. Raises ValueError if there is no such port."""
        if name is None and len(self.ports) == 1:
            return next(iter(self.ports))
        if name not in self.ports:
            asked = f"has no port {name!r}" if name else "has several ports"
            raise ValueError(f"service {self.name!r} {asked}: name one of {', '.join(self.ports)}")
        return name

    def protocol(self, port: str) -> str:
        """The protocol of a port: "TCP", "UDP" or "SCTP"."""
        return self._port(port).protocol

    def _port(self, name: str) -> Port:
        return next(one for one in self.workload.ports if one.name == name)


def _port(port: Port, number: int, target: str | int) -> core.ServicePortArgsDict:
    return {
        "name": port.name,
        "port": number,
        "target_port": target,
        "protocol": port.protocol,
        "app_protocol": port.app_protocol,
    }


def _address(status: core.outputs.ServiceStatus | None) -> str:
    if status is not None and status.load_balancer is not None and status.load_balancer.ingress is not None:
        for ingress in status.load_balancer.ingress:
            return ingress.ip or ingress.hostname or ""
    raise pulumi.RunError("the load balancer was awaited and has no address: see the events of its Service")
