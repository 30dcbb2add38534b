"""What Prometheus scrapes: a ServiceMonitor for a Service, or a PodMonitor for a workload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from slipway.parts.arguments.checked import checked
from slipway.parts.arguments.refusal import near
from slipway.parts.container import Port
from slipway.parts.custom_resource import custom_resource
from slipway.parts.labels import check_labels
from slipway.parts.merge import merge, stated
from slipway.parts.names import check_name
from slipway.parts.workload import Workload, WorkloadResource, workload_of
from slipway.traffic.service import Service


@checked
@dataclass(frozen=True, kw_only=True)
class MonitorArgs:
    """The arguments of a `Monitor`. Raises ValueError for an unknown port, and for an invalid path or time.

    - `of`: what to scrape: the endpoints of a Service (a ServiceMonitor), or the pods of a workload (a PodMonitor).
    - `port`: the name of the port, which may be a sidecar's; None for the only one, of a workload's main container if
      it has any. If it serves TLS, give the Prometheus its CA in `endpoint`, as `tlsConfig`.
    - `path`: the absolute path of the metrics.
    - `every`: seconds between two scrapes, at least 1. `timeout`: seconds that a scrape may take, at most `every`. None
      for the defaults of the Prometheus.
    - `labels`: the labels by which the Prometheus selects its monitors, such as `{"release": "kube-prometheus-stack"}`.
    - `annotations`: added to its own.
    - `endpoint`: raw fields of the endpoint (`basicAuth`, `relabelings`, `scheme`, …), in the API's camelCase.
    - `spec`: raw fields of the monitor's spec. Both are merged last (RFC 7386).
    https://prometheus-operator.dev/docs/developer/getting-started/
    """

    of: Service | Workload | WorkloadResource
    port: str | None = None
    path: str = "/metrics"
    every: int | None = 30
    timeout: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    endpoint: Mapping[str, Any] | None = None
    spec: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        check_labels(self.labels)
        self.scraped()
        if not self.path.startswith("/"):
            raise ValueError(f"path {self.path!r} does not start with '/': give '/{self.path}'")
        for what, seconds in (("every", self.every), ("timeout", self.timeout)):
            if seconds is not None and seconds < 1:
                raise ValueError(f"{what} {seconds} is below 1: give seconds, or None for what the Prometheus is told")
        if self.timeout is not None and (self.every is None or self.timeout > self.every):
            raise ValueError(
                f"timeout {self.timeout} is above every {self.every}: Prometheus takes no such pair; lower it"
            )

    def scraped(self) -> str:
        """The name of the port to scrape. Raises ValueError if it is unknown or ambiguous."""
        if isinstance(self.of, Service):
            ports = [port for port in self.of.ports if self.of.protocol(port) == "TCP"]
            usual, called = ports, f"service {self.of.name!r}"
        else:
            workload = workload_of(self.of)
            ports, usual = _tcp(workload.ports), _tcp(workload.usual_ports)
            called = str(workload)
        if self.port is None and len(usual) != 1:
            raise ValueError(
                f"{called} has {'the ports ' + ', '.join(ports) if ports else 'no TCP port'}: name one as port"
            )
        if self.port is not None and self.port not in ports:
            meant = near(self.port, ports)
            way = f"did you mean {meant!r}?" if meant else f"it has {', '.join(ports) or 'none'}"
            raise ValueError(f"port {self.port!r} is not a TCP port of {called}: {way}")
        return self.port or usual[0]


def _tcp(ports: Sequence[Port]) -> list[str]:
    return [port.name for port in ports if port.protocol == "TCP"]


@checked
class Monitor(pulumi.ComponentResource):
    """A ServiceMonitor or a PodMonitor named exactly `name`. The cluster needs the Prometheus operator's CRDs."""

    def __init__(self, name: str, args: MonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "monitor")
        super().__init__("slipway:index:Monitor", name, None, opts)
        workload = args.of.workload if isinstance(args.of, Service) else workload_of(args.of)
        port = next(one for one in workload.ports if one.name == args.scraped())
        endpoint = {
            "port": port.name,
            "path": args.path,
            "scheme": "https" if port.tls else None,
            "interval": f"{args.every}s" if args.every else None,
            "scrapeTimeout": f"{args.timeout}s" if args.timeout else None,
        }
        endpoints = [merge(stated(endpoint), args.endpoint)]
        if isinstance(args.of, Service):
            self.place, own = args.of.place, args.of.labels
            kind, spec = "ServiceMonitor", {"selector": {"matchLabels": own}, "endpoints": endpoints}
        else:
            self.place, own = workload.place, workload.labels
            kind, spec = (
                "PodMonitor",
                {"selector": {"matchLabels": workload.selector}, "podMetricsEndpoints": endpoints},
            )
        self.resource = custom_resource(
            self,
            "monitoring.coreos.com/v1",
            kind,
            place=self.place,
            labels={**args.labels, **own},
            annotations=args.annotations,
            spec=spec,
            raw=args.spec,
        )
        self.register_outputs({"name": name})
