"""Startup, readiness and liveness probes.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from slipway.parts.arguments.annotations import MAY_BE_EMPTY
from slipway.parts.arguments.checked import checked

if TYPE_CHECKING:
    from pulumi_kubernetes.core import v1 as core


@checked
@dataclass(frozen=True, kw_only=True)
class Probe:
    """One probe. Give exactly one of `http`, `tcp`, `grpc` and `command`.

    - `http`: the path of a GET request, over HTTPS if the port serves TLS. A status from 200 to 399 passes.
    - `tcp`: passes if the connection opens.
    - `grpc`: asks the standard health service about this service, or about the whole server if it is "". The port must
      not serve TLS.
    - `command`: runs a program in the container. Exit code 0 passes.
    - `port`: the name of a TCP port. None means the container's first one.
    - `period`, `timeout`, `delay`: seconds between probes, for an answer, and before the first probe.
    - `failures`, `successes`: how many in a row change the state.

    Raises ValueError for none or several of the four, and for numbers that Kubernetes refuses.
    """

    http: str | None = None
    tcp: bool = False
    grpc: Annotated[str | None, MAY_BE_EMPTY] = None
    command: Sequence[str] | None = None
    port: str | None = None
    period: int = 10
    timeout: int = 2
    failures: int = 3
    successes: int = 1
    delay: int = 0

    def __post_init__(self) -> None:
        asked = [self.http is not None, self.tcp, self.grpc is not None, self.command is not None]
        if sum(asked) != 1:
            raise ValueError(f"a probe asks {sum(asked)} questions: give exactly one of http, tcp, grpc and command")
        if self.http is not None and not self.http.startswith("/"):
            raise ValueError(f"probe path {self.http!r} does not start with '/': write it as in '/livez'")
        for field, least in (("period", 1), ("timeout", 1), ("failures", 1), ("successes", 1), ("delay", 0)):
            if (value := getattr(self, field)) < least:
                raise ValueError(f"probe {field} {value} is too small: Kubernetes takes {least} and more")

    def rendered(self, ports: dict[str, int], tls: Collection[str]) -> core.ProbeArgsDict:
        """The probe as the provider takes it. `ports` are the container's TCP ports by name, and `tls` those with TLS.

        Raises ValueError if the port of the probe is not one of them, or if a gRPC probe asks one with TLS.
        """
        timing: core.ProbeArgsDict = {
            "period_seconds": self.period,
            "timeout_seconds": self.timeout,
            "failure_threshold": self.failures,
        }
        if self.successes > 1:
            timing["success_threshold"] = self.successes
        if self.delay:
            timing["initial_delay_seconds"] = self.delay
        if self.command is not None:
            return {**timing, "exec_": {"command": self.command}}
        port = self._port(ports)
        if self.http is not None:
            asked: core.HTTPGetActionArgsDict = {"path": self.http, "port": port}
            return {**timing, "http_get": {**asked, "scheme": "HTTPS"} if port in tls else asked}
        if self.grpc is not None:
            if port in tls:
                # https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
                raise ValueError(
                    f"a gRPC probe of port {port!r}, which serves TLS, would never pass, as the kubelet asks without "
                    f"TLS: probe with http, tcp or a command"
                )
            # The API takes only a number here, no name.
            return {**timing, "grpc": {"port": ports[port], "service": self.grpc or None}}
        return {**timing, "tcp_socket": {"port": port}}

    def _port(self, ports: dict[str, int]) -> str:
        if not ports:
            raise ValueError(
                "a probe over the network needs a TCP port and the container has none: give it one, or probe with a "
                "command"
            )
        if self.port is None:
            return next(iter(ports))
        if self.port not in ports:
            raise ValueError(f"probe port {self.port!r} is not a TCP port of the container: it has {', '.join(ports)}")
        return self.port


@checked
@dataclass(frozen=True, kw_only=True)
class Probes:
    """The three probes of a container. None means no such probe, except for `startup`.

    - `readiness`: does the container get traffic? Without this probe, it gets traffic before it listens.
    - `liveness`: does the container keep running? If it fails, Kubernetes restarts the container. Probe only what a
      restart can repair, never a dependency.
    - `startup`: the other two wait until it passes. By default it repeats the liveness probe, or else the readiness
      probe, every second for two minutes. So a slow start is not killed, and a quick start is noticed at once.

    Raises ValueError if liveness or startup has more than one in `successes`: Kubernetes accepts only 1 there.
    """

    readiness: Probe | None = None
    liveness: Probe | None = None
    startup: Probe | None = None

    def __post_init__(self) -> None:
        for what, probe in (("liveness", self.liveness), ("startup", self.startup)):
            if probe and probe.successes != 1:
                raise ValueError(
                    f"{what} probe asks for {probe.successes} successes: Kubernetes takes 1 there; leave successes "
                    f"out, or ask for them with readiness"
                )

    def started(self) -> Probe | None:
        question = self.liveness or self.readiness
        return self.startup or (question and replace(question, period=1, failures=120, successes=1, delay=0))


LISTENING = Probes(readiness=Probe(tcp=True))
"""The default for a container with a TCP port: it is ready when its first TCP port accepts connections."""
