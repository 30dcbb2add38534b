"""How Kubernetes asks a container whether it started, is ready and is alive.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from slipway.parts.arguments.annotations import MAY_BE_EMPTY
from slipway.parts.arguments.checked import checked

if TYPE_CHECKING:
    from pulumi_kubernetes.core import v1 as core


@checked
@dataclass(frozen=True, kw_only=True)
class Probe:
    """One question: exactly one of `http`, `tcp`, `grpc` and `command`, and how often to ask it.

    - `http`: the path of a GET; any status from 200 to 399 passes. `tcp`: a connection that opens
      passes. `grpc`: the standard health service; its value is the service asked for, "" for the
      server as a whole. `command`: a program in the container whose exit code 0 passes.
    - `port`: the name of a TCP port, or None for the container's first one.
    - `period`, `timeout`, `delay`: seconds. `failures`, `successes`: how many in a row count.

    Raises ValueError for none or several questions, and for numbers that Kubernetes refuses.
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

    def rendered(self, ports: dict[str, int]) -> core.ProbeArgsDict:
        """As the provider takes it; `ports` are the container's TCP ones, by name. ValueError for another one."""
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
            return {**timing, "http_get": {"path": self.http, "port": port}}
        if self.grpc is not None:
            # The API takes a number here and a name nowhere.
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
    """The three questions; None asks nothing, and `startup` follows from the others.

    - `readiness`: may it get traffic? Without one, a container gets traffic before it listens.
    - `liveness`: should it be restarted? Ask only what a restart can mend, never a dependency.
    - `startup`: until it passes, the other two wait. By default the liveness question (or else the
      readiness one) every second for two minutes, so that a slow start is not killed and a quick one
      is seen at once.

    Raises ValueError where liveness or startup asks for several `successes`: Kubernetes takes one there.
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
"""For a container with a TCP port of which nothing is said: ready when the first one accepts."""
