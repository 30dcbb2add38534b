"""Checks of the Services that receive traffic from outside the cluster."""

from __future__ import annotations

from collections.abc import Sequence

from slipway.parts.place import Place
from slipway.traffic.service import Service


def check_http(service: Service, port: str | None) -> None:
    """Raise ValueError for a port that `service` does not have, or that cannot serve HTTP."""
    name = service.port_name(port)
    if service.protocol(name) != "TCP":
        raise ValueError(
            f"port {name!r} of service {service.name!r} is {service.protocol(name)}: HTTP needs a TCP port"
        )


def shared_place(services: Sequence[Service], what: str) -> Place:
    """The namespace of all `services` and of `what`. Raises ValueError if the services are in several namespaces."""
    first = services[0]
    for other in services[1:]:
        check_same_place(first.place, other.place, f"service {other.name!r}", f"{what} that names it")
    return first.place


def check_same_place(here: Place, there: Place, thing: str, user: str) -> None:
    """Raise ValueError if `user` and the `thing` that it names are known to be in different namespaces."""
    if here.known and there.known and here.known != there.known:
        raise ValueError(
            f"{thing} is in namespace {there.known!r} and the {user} is in {here.known!r}, which cannot use it: "
            f"make one in {here.known!r}"
        )


def shared_labels(services: Sequence[Service]) -> dict[str, str]:
    """The labels of the application that all `services` serve; empty if they serve several."""
    first = services[0].workload.labels
    return first if all(one.workload.labels == first for one in services) else {}
