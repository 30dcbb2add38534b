"""The rules of a route: which requests go to which Services, with which weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from slipway.parts.arguments.checked import checked
from slipway.traffic.backends import check_http
from slipway.traffic.ingress_paths import check_path
from slipway.traffic.service import Service

Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]

_MOST_WEIGHT = 1_000_000


@checked
@dataclass(frozen=True, kw_only=True)
class Backend:
    """A Service that gets a share of the requests. Raises ValueError for an unknown port or an invalid weight.

    - `port`: the name of its port; None for its only one.
    - `weight`: its share relative to the other weights of the rule, 0 to 1,000,000; 0 for no requests.
    """

    service: Service
    port: str | None = None
    weight: int = 1

    def __post_init__(self) -> None:
        check_http(self.service, self.port)
        if not 0 <= self.weight <= _MOST_WEIGHT:
            raise ValueError(f"weight {self.weight} is out of range: give 0 to {_MOST_WEIGHT:,}")

    def rendered(self) -> dict[str, Any]:
        number = self.service.ports[self.service.port_name(self.port)]
        return {"name": self.service.name, "port": number, "weight": self.weight}


@checked
@dataclass(frozen=True, kw_only=True)
class HttpMatch:
    """Matches requests that meet all conditions given here. Raises ValueError for a path that is not absolute.

    - `path`: an absolute path. `match`: how it is compared; `Prefix` also takes all paths below it, and the syntax of a
      `RegularExpression` depends on the controller.
    - `method`: the HTTP method; None for any. `headers`: exact values by name.
    """

    path: str = "/"
    match: Literal["Prefix", "Exact", "RegularExpression"] = "Prefix"
    method: Method | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if self.match != "RegularExpression":
            check_path(self.path)

    def rendered(self) -> dict[str, Any]:
        kind = "PathPrefix" if self.match == "Prefix" else self.match
        return {"path": {"type": kind, "value": self.path}, **_more(self.headers, self.method)}


@checked
@dataclass(frozen=True, kw_only=True)
class GrpcMatch:
    """Matches calls of a gRPC service, such as `shop.v1.Cart`, or of one `method`. ValueError if nothing is given.

    - `headers`: exact values of the call's metadata, by name.
    """

    service: str | None = None
    method: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if not (self.service or self.method or self.headers):
            raise ValueError("a GrpcMatch of nothing matches all: name a service, a method or headers, or leave it out")

    def rendered(self) -> dict[str, Any]:
        called = {key: value for key, value in (("service", self.service), ("method", self.method)) if value}
        return _more(self.headers, {"type": "Exact", **called} if called else None)


@checked
@dataclass(frozen=True, kw_only=True)
class RouteRule:
    """Sends requests that match one of `matches` to the Services in `to`, by their weights.

    Without `matches` it takes all requests. Raises ValueError if no Service would get them, or one is listed twice.
    """

    to: Sequence[Backend]
    matches: Sequence[HttpMatch | GrpcMatch] = ()

    def __post_init__(self) -> None:
        if not self.to:
            raise ValueError("a rule without backends answers 500: give it to=[Backend(service=…)]")
        if not any(backend.weight for backend in self.to):
            raise ValueError("all weights of the rule are 0, so that nobody gets its requests: raise one")
        ends = [(backend.service.name, backend.service.port_name(backend.port)) for backend in self.to]
        if twice := [end for end in ends if ends.count(end) > 1]:
            name, port = twice[0]
            raise ValueError(f"service {name!r} port {port!r} is there twice: add up the weights in one Backend")

    def rendered(self) -> dict[str, Any]:
        backends = {"backendRefs": [backend.rendered() for backend in self.to]}
        return {"matches": [match.rendered() for match in self.matches], **backends} if self.matches else backends


def _more(headers: Mapping[str, str], method: Any) -> dict[str, Any]:
    """The conditions of a match besides its path. Empty ones are left out."""
    exact = [{"type": "Exact", "name": name, "value": value} for name, value in headers.items()]
    return {**({"method": method} if method else {}), **({"headers": exact} if exact else {})}
