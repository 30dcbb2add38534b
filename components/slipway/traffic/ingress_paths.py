"""The paths of an Ingress: which of them go to which Service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pulumi_kubernetes.networking import v1 as networking

from slipway.parts.arguments.checked import checked
from slipway.traffic.backends import check_http
from slipway.traffic.service import Service

PathMatch = Literal["Prefix", "Exact", "ImplementationSpecific"]


@checked
@dataclass(frozen=True, kw_only=True)
class IngressPath:
    """Which requests go to which Service. Raises ValueError for a path or a port that cannot be.

    - `service`, `port`: where to, the port by its name; None is its only one.
    - `path`: an absolute path; `match`: `Prefix` takes whatever is below it too.
    - `host`: one of the Ingress's hosts; None is all of them.
    https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
    """

    service: Service
    port: str | None = None
    path: str = "/"
    match: PathMatch = "Prefix"
    host: str | None = None

    def __post_init__(self) -> None:
        check_http(self.service, self.port)
        check_path(self.path)

    def hosts(self, known: Sequence[str]) -> Sequence[str | None]:
        """Those that it is served at, of the Ingress's; None is any host."""
        return [self.host] if self.host else known or [None]


def check_path(path: str) -> None:
    """Refuses a path that the API server would. Raises ValueError."""
    if not path.startswith("/") or "//" in path:
        raise ValueError(f"path {path!r} is not absolute: start it with '/', and write '/' once")


def check_paths(paths: Sequence[IngressPath], hosts: Sequence[str]) -> None:
    """Refuses paths of a host and paths that are there twice, and hosts without one. Raises ValueError."""
    taken: set[tuple[str | None, str, str]] = set()
    for path in paths:
        if path.host is not None and path.host not in hosts:
            known = ", ".join(hosts) or "it has none"
            raise ValueError(f"host {path.host!r} of path {path.path!r} is no host of the ingress: {known}")
        for host in path.hosts(hosts):
            # A prefix ends at a '/', written or not.
            plain = path.path.rstrip("/") if path.match == "Prefix" else path.path
            if (host, plain, path.match) in taken:
                raise ValueError(f"path {path.path!r} of {host or 'any host'} is there twice: leave one out")
            taken.add((host, plain, path.match))
    if idle := [host for host in hosts if host not in {host for host, *_ in taken}]:
        raise ValueError(f"host {idle[0]!r} has no path: give it one, or leave it out")


def rules(paths: Sequence[IngressPath], hosts: Sequence[str]) -> list[networking.IngressRuleArgsDict]:
    """A rule a host, in the order given."""
    return [_rule(host, [_path(path) for path in paths if host in path.hosts(hosts)]) for host in hosts or [None]]


def _rule(host: str | None, paths: list[networking.HTTPIngressPathArgsDict]) -> networking.IngressRuleArgsDict:
    return {"host": host, "http": {"paths": paths}} if host else {"http": {"paths": paths}}


def _path(path: IngressPath) -> networking.HTTPIngressPathArgsDict:
    service = path.service
    return {
        "path": path.path,
        "path_type": path.match,
        "backend": {"service": {"name": service.name, "port": {"name": service.port_name(path.port)}}},
    }
