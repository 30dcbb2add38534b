"""Rules `reference/…` for Ingresses and the routes of the Gateway API: the Services that they lead to.

https://kubernetes.io/docs/concepts/services-networking/ingress/
https://gateway-api.sigs.k8s.io/api-types/httproute/#backendrefs-optional
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slipway.preview.checks.fields import all_items, at, described, finding, get, hint, items, mapping, shown, text
from slipway.preview.checks.objects import GATEWAY_API, Objects, name_of, namespace_of
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_ROUTES = ("GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute")


def check(objects: Objects) -> Iterator[Finding]:
    """Backends that nothing in the render provides, and ports that they lack."""
    for ingress in objects.of_kind("networking.k8s.io", "Ingress"):
        yield from _ingress(ingress, objects)
    for kind in _ROUTES:
        for route in objects.of_kind(GATEWAY_API, kind):
            yield from _route(route, objects)


def ingress_services(ingress: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    """The references of an Ingress to Services, each with its path in the object."""
    yield "spec.defaultBackend.service", mapping(ingress.body, "spec", "defaultBackend", "service")
    for index, rule in items(ingress.body, "spec", "rules"):
        for position, path in items(rule, "http", "paths"):
            where = at("spec", "rules", index, "http", "paths", position, "backend", "service")
            yield where, mapping(path, "backend", "service")


def route_services(route: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    """The references of a route to Services, each with its path in the object."""
    for index, rule in items(route.body, "spec", "rules"):
        for position, backend in items(rule, "backendRefs"):
            # Left out, they are the core group and a Service.
            group, kind = (
                get(backend, field, kind=str) or default for field, default in (("group", ""), ("kind", "Service"))
            )
            if (group, kind) == ("", "Service"):
                yield at("spec", "rules", index, "backendRefs", position), backend


def _ingress(ingress: Manifest, objects: Objects) -> Iterator[Finding]:
    for where, service in ingress_services(ingress):
        port = mapping(service, "port")
        ports = {"name": (at(where, "port", "name"), port.get("name"))}
        ports["port"] = (at(where, "port", "number"), port.get("number"))
        yield from _backend(ingress, objects, where, service, ports)


def _route(route: Manifest, objects: Objects) -> Iterator[Finding]:
    for where, backend in route_services(route):
        yield from _backend(route, objects, where, backend, {"port": (at(where, "port"), backend.get("port"))})


def _backend(
    of: Manifest, objects: Objects, path: str, backend: dict[str, Any], ports: dict[str, tuple[str, Any]]
) -> Iterator[Finding]:
    """`ports` are what the backend asks for: the path, by the field of the Service's port that it names."""
    name, namespace = text(backend, "name"), get(backend, "namespace", kind=str) or namespace_of(of)
    if name is None or isinstance(namespace, Placeholder):
        return
    services = objects.named("", "Service", name, namespace)
    if not services:
        if not (objects.may_have("", "Service", name, namespace) or objects.custom_mentions(namespace, name)):
            others = {name_of(s) or "" for s in objects.of_kind("", "Service", namespace)} - {""}
            yield finding(
                of,
                Severity.WARNING,
                "reference/missing-service",
                at(path, "name"),
                f"nothing in this program provides Service {namespace}/{name}"
                + (hint(name, others) or ": add it, unless somebody else creates it"),
            )
        return
    for field, (where, port) in ports.items():
        known = _service_ports(services[0], field)
        if port and not isinstance(port, Placeholder) and known is not None and port not in known:
            yield finding(
                of,
                Severity.ERROR,
                "reference/missing-port",
                where,
                f"{described(services[0])} has no port {shown(port)}"
                + (hint(str(port), map(str, known)) or f": it has {_listed(known)}"),
            )


def _service_ports(service: Manifest, field: str) -> list[Any] | None:
    """What the Service's ports have in `field`; None if they are not all known."""
    if get(service.body, "spec", "type", kind=str) == "ExternalName":
        return None
    ports = all_items(service.body, "spec", "ports")
    if ports is None:
        return None
    values = [port.get(field) for port in ports]
    return None if any(isinstance(v, Placeholder) for v in values) else [v for v in values if v]


def _listed(values: list[Any]) -> str:
    return ", ".join(shown(value) for value in values) or "none"
