"""A Service in front of a workload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.container import Port, check_port_numbers
from slipway.parts.labels import check_labels
from slipway.parts.names import check_service_name
from slipway.parts.workload import Workload, WorkloadResource, workload_of

ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer", "Headless"]


@checked
@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """What a `Service` is made from. Raises ValueError for ports and labels that it cannot have.

    - `workload`: whose pods it serves.
    - `ports`: the Service's port number, from 1 to 65535, by the name of a port of the workload's main container or of
      a sidecar, as in `{"http": 80}`; None for all of the main container, each under its own number. A number serves
      once a protocol.
    - `type`: `Headless` is a ClusterIP Service without an address, whose name resolves to the pods.
    - `await_address`: whether a deployment waits until a LoadBalancer has its address (ten minutes
      at most); for where the address is exported. Other types have nothing to wait for.
    - `labels`, `annotations`: added to its own; a label that the pods are selected by is refused.
    """

    workload: Workload | WorkloadResource
    ports: Mapping[str, int] | None = None
    type: ServiceType = "ClusterIP"
    await_address: bool = False
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        workload = workload_of(self.workload)
        known = [port.name for port in (*workload.ports, *workload.sidecar_ports)]
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
    """The workload's ports that are served, each with the Service's number for it."""
    if asked is None:
        return [(port, port.number) for port in workload.ports]
    return [(port, asked[port.name]) for port in (*workload.ports, *workload.sidecar_ports) if port.name in asked]


@checked
class Service(pulumi.ComponentResource):
    """A Service named exactly `name`.

    `workload` is whose pods it serves, `place` its namespace, `labels` are its own and `ports` its numbers by name, for
    what refers to it. `host` is its DNS name inside the cluster. `address` is a LoadBalancer's own IP address or host
    name where it is awaited, and else None.

    What calls it is given `endpoint` or `url` as a variable, as in `environment={"API_URL": api.url("http")}`.
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
        # The provider's own wait would add ten seconds to every deployment, although the
        # Deployment's wait has already shown that the pods are ready.
        waits = {} if args.await_address else {"pulumi.com/skipAwait": "true"}
        self.resource = core.Service(
            name,
            metadata={
                "name": name,
                "namespace": workload.place.name,
                "labels": self.labels,
                "annotations": {**args.annotations, **waits} or None,
            },
            spec={
                "type": "ClusterIP" if args.type == "Headless" else args.type,
                "cluster_ip": "None" if args.type == "Headless" else None,
                "selector": workload.selector,
                "ports": [_port(port, number) for port, number in served],
            },
            opts=workload.place.child(self),
        )
        self.ports = {port.name: number for port, number in served}
        self.host = pulumi.Output.concat(name, ".", workload.place.name, ".svc")
        self.address = self.resource.status.apply(_address) if args.await_address else None
        self.register_outputs({"host": self.host, "address": self.address})

    def endpoint(self, port: str | None = None) -> pulumi.Output[str]:
        """Its name and the number of a port, as in "api.shop.svc:50021"; None is its only port. ValueError for none."""
        return pulumi.Output.concat(self.host, ":", str(self.ports[self.port_name(port)]))

    def url(self, port: str | None = None, *, scheme: str = "http") -> pulumi.Output[str]:
        """Where a port answers, as in "http://api.shop.svc:8080"; None is its only port. ValueError for none."""
        return pulumi.Output.concat(scheme, "://", self.endpoint(port))

    def port_name(self, name: str | None = None) -> str:
        """The name of a port that it has: `name`, or the only one where that is None. Raises ValueError."""
        if name is None and len(self.ports) == 1:
            return next(iter(self.ports))
        if name not in self.ports:
            asked = f"has no port {name!r}" if name else "has several ports"
            raise ValueError(f"service {self.name!r} {asked}: name one of {', '.join(self.ports)}")
        return name

    def protocol(self, port: str) -> str:
        """What is spoken on a port that it has: "TCP", "UDP" or "SCTP"."""
        return next(one.protocol for one in self.workload.ports if one.name == port)


def _port(port: Port, number: int) -> core.ServicePortArgsDict:
    return {
        "name": port.name,
        "port": number,
        "target_port": port.name,
        "protocol": port.protocol,
        "app_protocol": port.app_protocol,
    }


def _address(status: core.outputs.ServiceStatus | None) -> str:
    if status is not None and status.load_balancer is not None and status.load_balancer.ingress is not None:
        for ingress in status.load_balancer.ingress:
            return ingress.ip or ingress.hostname or ""
    raise pulumi.RunError("the load balancer was awaited and has no address: see the events of its Service")
