"""An Ingress: it routes requests to Services by host name and path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import pulumi
from pulumi_kubernetes.networking import v1 as networking

from slipway.parts.arguments.checked import checked
from slipway.parts.labels import check_labels
from slipway.parts.merge import merge
from slipway.parts.names import check_name
from slipway.parts.provider import NOT_AWAITED
from slipway.traffic.backends import check_same_place, shared_labels, shared_place
from slipway.traffic.certificate import Certificate
from slipway.traffic.hosts import check_hosts, covers
from slipway.traffic.ingress_paths import IngressPath, check_paths, rules


@checked
@dataclass(frozen=True, kw_only=True)
class IngressArgs:
    """The arguments of an `Ingress`. Raises ValueError for arguments that a controller would not serve.

    - `paths`: at least one. All Services have to be in one namespace, which is also that of the Ingress.
    - `hosts`: the host names that it serves; the first label can be `*`. Without any it serves all hosts.
    - `tls`: a `Certificate` that covers all hosts, or the name of a Secret with one; None for plain HTTP.
    - `class_name`: the IngressClass whose controller serves it; None for the cluster's default.
    - `await_address`: whether a deployment waits for the address from the controller, for ten minutes at most. Use it
      if you export the address.
    - `labels`, `annotations`: added to its own. Most controllers take further settings as annotations.
    - `spec`: raw provider fields, merged last (RFC 7386).
    https://kubernetes.io/docs/concepts/services-networking/ingress/
    """

    paths: Sequence[IngressPath]
    hosts: Sequence[str] = ()
    tls: Certificate | pulumi.Input[str] | None = None
    class_name: str | None = None
    await_address: bool = False
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: networking.IngressSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        if not self.paths:
            raise ValueError("an ingress without paths leads nowhere: give it paths=[IngressPath(service=…)]")
        check_hosts(self.hosts)
        check_labels(self.labels)
        place = shared_place([path.service for path in self.paths], "ingress")
        check_paths(self.paths, self.hosts)
        if self.tls is not None and not self.hosts:
            raise ValueError("tls is for hosts, of which there are none: give the hosts that the certificate is for")
        if isinstance(self.tls, Certificate):
            check_same_place(place, self.tls.place, f"certificate {self.tls.name!r}", "ingress")
            if bare := [host for host in self.hosts if not covers(self.tls.hosts, host)]:
                raise ValueError(
                    f"certificate {self.tls.name!r} does not cover host {bare[0]!r}: it is for "
                    f"{', '.join(self.tls.hosts)}; add the host to it"
                )


@checked
class Ingress(pulumi.ComponentResource):
    """An Ingress named exactly `name`, in the namespace of its Services.

    `address` is the IP address or host name from its controller if `await_address` is set, else None.
    """

    address: pulumi.Output[str] | None

    def __init__(self, name: str, args: IngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "ingress")
        super().__init__("slipway:index:Ingress", name, None, opts)
        services = [path.service for path in args.paths]
        self._args = args
        self.name = name
        self.place = shared_place(services, "ingress")
        # Without a controller, the provider would wait for ten minutes and then fail.
        waits = {} if args.await_address else NOT_AWAITED
        self.resource = networking.Ingress(
            name,
            metadata={
                "name": name,
                "namespace": self.place.name,
                "labels": {**args.labels, **shared_labels(services)} or None,
                "annotations": {**args.annotations, **waits} or None,
            },
            spec=cast("networking.IngressSpecArgsDict", merge(_spec(args), args.spec)),
            opts=self.place.child(self),
        )
        self.address = self.resource.status.apply(_address) if args.await_address else None
        self.register_outputs({"address": self.address})

    @property
    def url(self) -> str:
        """The URL of its first path, as in "https://shop.example.com/". ValueError if that has no single host."""
        first = self._args.paths[0]
        host = first.hosts(self._args.hosts)[0]
        if host is None or host.startswith("*"):
            raise ValueError(
                f"ingress {self.name!r} answers to {host or 'any host'}, of which no URL is made: name a host"
            )
        return f"{'http' if self._args.tls is None else 'https'}://{host}{first.path}"


def _spec(args: IngressArgs) -> networking.IngressSpecArgsDict:
    spec: networking.IngressSpecArgsDict = {"rules": rules(args.paths, args.hosts)}
    if args.class_name:
        spec["ingress_class_name"] = args.class_name
    if args.tls is not None:
        secret = args.tls.name if isinstance(args.tls, Certificate) else args.tls
        spec["tls"] = [{"hosts": list(args.hosts), "secret_name": secret}]
    return spec


def _address(status: networking.outputs.IngressStatus | None) -> str:
    if status is not None and status.load_balancer is not None and status.load_balancer.ingress is not None:
        for ingress in status.load_balancer.ingress:
            return ingress.ip or ingress.hostname or ""
    raise pulumi.RunError("the ingress was awaited and has no address: see its events, and whether a controller runs")
