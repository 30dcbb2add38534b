"""The paths of an Ingress: which paths go to which Service."""

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
    """Sends requests for one path to a Service. Raises ValueError for an invalid path or port.

    - `service`: the Service. `port`: the name of its port; None for its only one.
    - `path`: an absolute path. `match`: how it is compared; `Prefix` also takes all paths below it.
    - `host`: one of the Ingress's hosts; None for all of them.
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
        """The hosts of the Ingress that serve this path; None stands for any host."""
        return [self.host] if self.host else known or [None]


def check_path(path: str) -> None:
    """Raise ValueError for a path that the API server would refuse."""
    if not path.startswith("/") or "//" in path:
        raise ValueError(f"path {path!r} is not absolute: start it with '/', and write '/' once")


def check_paths(paths: Sequence[IngressPath], hosts: Sequence[str]) -> None:
    """Raise ValueError for a path with an unknown host, for a repeated path, and for a host without a path."""
    taken: set[tuple[str | None, str, str]] = set()
    for path in paths:
        if path.host is not None and path.host not in hosts:
            known = ", ".join(hosts) or "it has none"
            raise ValueError(f"host {path.host!r} of path {path.path!r} is no host of the ingress: {known}")
        for host in path.hosts(hosts):
            # A prefix means the same with and without a '/' at its end.
            plain = path.path.rstrip("/") if path.match == "Prefix" else path.path
            if (host, plain, path.match) in taken:
                raise ValueError(f"path {path.path!r} of {host or 'any host'} is there twice: leave one out")
            taken.add((host, plain, path.match))
    if idle := [host for host in hosts if host not in {host for host, *_ in taken}]:
        raise ValueError(f"host {idle[0]!r} has no path: give it one, or leave it out")


def rules(paths: Sequence[IngressPath], hosts: Sequence[str]) -> list[networking.IngressRuleArgsDict]:
    """One rule for each host, in the given order."""
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
