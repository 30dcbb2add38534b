"""A route of the Gateway API: from a gateway to Services, by host, path, method or header, with weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

from slipway.access.namespace import Namespace, place_of
from slipway.parts.arguments.checked import checked
from slipway.parts.custom_resource import custom_resource
from slipway.parts.labels import check_labels
from slipway.parts.names import check_name
from slipway.traffic.backends import shared_labels, shared_place
from slipway.traffic.hosts import check_hosts
from slipway.traffic.route_rules import GrpcMatch, HttpMatch, RouteRule
from slipway.traffic.service import Service


@checked
@dataclass(frozen=True, kw_only=True)
class RouteArgs:
    """The arguments of a `Route`. Raises ValueError for arguments that a gateway would not serve.

    - `rules`: at least one. All Services have to be in one namespace, which is also that of the route.
    - `gateway`: the name of its Gateway, which has to allow the route. `gateway_namespace`: the namespace of the
      Gateway; None for that of the route. `listener`: the listener of the Gateway; None for all that fit.
    - `hosts`: the host names that it serves; the first label can be `*`. Without any it serves all of the Gateway's.
    - `protocol`: `http` for an HTTPRoute, `grpc` for a GRPCRoute.
    - `labels`, `annotations`: added to its own.
    - `spec`: raw fields of its spec in the API's camelCase, merged last (RFC 7386).
    https://gateway-api.sigs.k8s.io/api-types/httproute/
    """

    gateway: pulumi.Input[str]
    rules: Sequence[RouteRule]
    gateway_namespace: Namespace | pulumi.Input[str] | None = None
    listener: str | None = None
    hosts: Sequence[str] = ()
    protocol: Literal["http", "grpc"] = "http"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not self.rules:
            raise ValueError("a route without rules leads nowhere: give it rules=[RouteRule(to=[Backend(service=…)])]")
        if self.gateway_namespace is not None:
            place_of(self.gateway_namespace)
        check_hosts(self.hosts)
        check_labels(self.labels)
        shared_place(_services(self.rules), "route")
        taken: list[Mapping[str, Any]] = []
        for rule in self.rules:
            for match in rule.matches:
                if isinstance(match, GrpcMatch) != (self.protocol == "grpc"):
                    raise ValueError(
                        f"a {type(match).__name__} is for another protocol than {self.protocol!r}: give "
                        f"{'GrpcMatch(service=…)' if self.protocol == 'grpc' else 'HttpMatch(path=…)'}, or change it"
                    )
            everything = [HttpMatch().rendered() if self.protocol == "http" else {}]
            for rendered in [match.rendered() for match in rule.matches] or everything:
                if rendered in taken:
                    raise ValueError("two rules match the same requests, of which the second gets none: leave one out")
                taken.append(rendered)


@checked
class Route(pulumi.ComponentResource):
    """An HTTPRoute or GRPCRoute named exactly `name`, in the namespace of its Services.

    The cluster needs the Gateway API and a controller for the Gateway.
    """

    def __init__(self, name: str, args: RouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "route")
        super().__init__("slipway:index:Route", name, None, opts)
        services = _services(args.rules)
        self.name = name
        self.place = shared_place(services, "route")
        self.resource = custom_resource(
            self,
            "gateway.networking.k8s.io/v1",
            "HTTPRoute" if args.protocol == "http" else "GRPCRoute",
            place=self.place,
            labels={**args.labels, **shared_labels(services)},
            annotations=args.annotations,
            spec=_spec(args),
            raw=args.spec,
        )
        self.register_outputs({"name": name})


def _services(rules: Sequence[RouteRule]) -> list[Service]:
    return [backend.service for rule in rules for backend in rule.to]


def _spec(args: RouteArgs) -> dict[str, Any]:
    # The API server adds the default group and kind.
    parent: dict[str, Any] = {"name": args.gateway}
    if args.gateway_namespace is not None:
        parent["namespace"] = place_of(args.gateway_namespace).name
    if args.listener:
        parent["sectionName"] = args.listener
    spec: dict[str, Any] = {"parentRefs": [parent], "rules": [rule.rendered() for rule in args.rules]}
    if args.hosts:
        spec["hostnames"] = list(args.hosts)
    return spec
