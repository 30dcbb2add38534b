"""Containers of a workload: the main container, init containers and sidecars."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.merge import merge, stated
from slipway.parts.names import check_port_name
from slipway.parts.probes import LISTENING, Probes
from slipway.parts.quantities import check_cpu, check_memory
from slipway.parts.secrecy import in_clear
from slipway.parts.volumes import ClaimTemplate, EnvSource, EnvValue, Mount, Mounted, Volume, volume_of

VolumeNames = Mapping[Volume | ClaimTemplate, str]
"""The name, in the pod, of each volume that its containers mount."""


@checked
@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that a container listens on. Raises ValueError for an invalid name or number.

    - `name`: an IANA service name of at most 15 characters.
    - `number`: from 1 to 65535.
    - `app_protocol`: tells a load balancer the application protocol, such as `kubernetes.io/h2c` for gRPC.
    - `tls`: whether the container serves TLS on it. Then HTTP probes ask over HTTPS without checking the certificate, a
      `grpc` probe is refused, `url` of a Service begins with "https", and a Monitor scrapes over HTTPS.
    https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol
    """

    name: str
    number: int
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    app_protocol: str | None = None
    tls: bool = False

    def __post_init__(self) -> None:
        check_port_name(self.name)
        check_port_numbers([(self, self.number)], "port")


def check_port_numbers(numbered: Iterable[tuple[Port, int]], what: str) -> None:
    """Raises ValueError for a number outside 1 to 65535, or one that two ports of a protocol share.

    `what` is the word for a port in the error, such as "service port".
    """
    taken: dict[tuple[str, int], str] = {}
    for port, number in numbered:
        if not 1 <= number <= 65535:
            raise ValueError(f"{what} {port.name!r} has number {number}: use one from 1 to 65535")
        if other := taken.get((port.protocol, number)):
            raise ValueError(
                f"{what}s {other!r} and {port.name!r} are both {port.protocol} {number}: give each a number of its own"
            )
        taken[port.protocol, number] = port.name


@checked
@dataclass(frozen=True, kw_only=True)
class Resources:
    """The resource requests and limits of a container, as Kubernetes quantities.

    - `memory`: both request and limit, so that a node never promises memory that it does not have.
    - `cpu`: the request. `cpu_limit`: the limit; None lets the container use idle CPU of its node.
    - `ephemeral_storage`: request and limit for logs, empty directories and the container's own file system; None for
      no limit.

    `Resources.small()`, `.medium()` and `.large()` are sizes to start with. Raises ValueError for an invalid quantity,
    or for a `cpu_limit` below `cpu`.
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """

    cpu: str = "100m"
    memory: str = "128Mi"
    cpu_limit: str | None = None
    ephemeral_storage: str | None = None

    @classmethod
    def small(cls) -> Resources:
        """A tenth of a core and 128 MiB: the default."""
        return cls()

    @classmethod
    def medium(cls) -> Resources:
        """Half a core and 512 MiB."""
        return cls(cpu="500m", memory="512Mi")

    @classmethod
    def large(cls) -> Resources:
        """Two cores and 2 GiB."""
        return cls(cpu="2", memory="2Gi")

    def __post_init__(self) -> None:
        request = check_cpu(self.cpu, "cpu request")
        check_memory(self.memory, "memory")
        if self.cpu_limit is not None and check_cpu(self.cpu_limit, "cpu limit") < request:
            raise ValueError(
                f"cpu limit {self.cpu_limit!r} is below the request {self.cpu!r}: raise it or leave it out"
            )
        if self.ephemeral_storage is not None:
            check_memory(self.ephemeral_storage, "ephemeral storage")

    def rendered(self) -> core.ResourceRequirementsArgsDict:
        both = {"memory": self.memory}
        if self.ephemeral_storage:
            both["ephemeral-storage"] = self.ephemeral_storage
        limits = {**both, **({"cpu": self.cpu_limit} if self.cpu_limit else {})}
        return {"requests": {"cpu": self.cpu, **both}, "limits": limits}


@checked
@dataclass(frozen=True, kw_only=True)
class Container:
    """One container. Raises ValueError for values that Kubernetes would refuse.

    - `image`: its reference, such as `image.ref`.
    - `command`, `args`: replace the image's ENTRYPOINT and CMD.
    - `environment`: by variable, a value or its source (`config.secrets.environment()`).
    - `mounts`: by absolute path, a volume, or a folder or file of one (`volume.at("uploads")`).
    - `ports`: probes use the first TCP port unless they name another.
    - `probes`: by default a readiness probe, which connects to the first TCP port if there is one. `Probes()` means no
      probes.
    - `pre_stop`: how many seconds the container keeps serving after Kubernetes starts to terminate its pod. Endpoints
      and load balancers stop sending traffic in that time. 0 for a container that serves nobody. The image needs no
      shell.
    - `container_spec`: raw provider fields for everything else, merged last (RFC 7386).

    A secret Output in `command`, `args` or a value of `environment` raises a RunError before the workload is created.
    """

    image: pulumi.Input[str]
    command: Sequence[pulumi.Input[str]] | None = None
    args: Sequence[pulumi.Input[str]] | None = None
    environment: Mapping[str, EnvValue] = field(default_factory=dict[str, EnvValue])
    mounts: Mapping[str, Mounted] = field(default_factory=dict[str, Mounted])
    ports: Sequence[Port] = ()
    probes: Probes | None = None
    resources: Resources = field(default_factory=Resources)
    pre_stop: int = 0
    container_spec: core.ContainerPatchArgsDict | None = None

    def __post_init__(self) -> None:
        names = [port.name for port in self.ports]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"port name {sorted(twice)[0]!r} is used twice: give each port a name of its own")
        check_port_numbers([(port, port.number) for port in self.ports], "port")
        check_mount_paths(self.mounts)
        for name in self.environment:
            if not name or "=" in name:
                raise ValueError(f"variable name {name!r} is not valid: use a name without '='")
        if self.pre_stop < 0:
            raise ValueError(f"pre_stop {self.pre_stop} is negative: give the seconds to go on serving, or 0")
        _probes(self)


def check_mount_paths(paths: Iterable[str]) -> None:
    """Raises ValueError for a path that is not absolute, and for two spellings of the same path."""
    taken: dict[str, str] = {}
    for path in paths:
        if not path.startswith("/") or ":" in path:
            raise ValueError(f"mount path {path!r} is not absolute: start it with '/', without ':'")
        told_apart = posixpath.normpath(f"/{path.lstrip('/')}")
        if told_apart in taken:
            also = "" if taken[told_apart] == path else f", also as {taken[told_apart]!r}"
            raise ValueError(f"{path!r} is mounted twice{also}: give each volume a path of its own")
        taken[told_apart] = path


def render_container(
    name: str, container: Container, volumes: VolumeNames, *, sidecar: bool = False
) -> core.ContainerArgsDict:
    """The container as the provider takes it: locked down, with requests and a termination message.

    `volumes` holds the pod's name for each volume that is mounted. A `sidecar` starts before the main container and
    ends after it (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
    """
    startup, readiness, liveness = _probes(container)
    rendered: core.ContainerArgsDict = {
        "name": name,
        "image": container.image,
        "command": _words(name, "command", container.command),
        "args": _words(name, "args", container.args),
        "env": [_variable(name, key, value) for key, value in container.environment.items()] or None,
        "ports": [{"name": p.name, "container_port": p.number, "protocol": p.protocol} for p in container.ports]
        or None,
        "volume_mounts": [_volume_mount(path, mounted, volumes) for path, mounted in container.mounts.items()] or None,
        "resources": container.resources.rendered(),
        "startup_probe": startup,
        "readiness_probe": readiness,
        "liveness_probe": liveness,
        "lifecycle": {"pre_stop": {"sleep": {"seconds": container.pre_stop}}} if container.pre_stop else None,
        "restart_policy": "Always" if sidecar else None,
        # If a container fails without a termination message, the pod's status shows the end of its log.
        "termination_message_policy": "FallbackToLogsOnError",
        "security_context": {
            "allow_privilege_escalation": False,
            "capabilities": {"drop": ["ALL"]},
            "read_only_root_filesystem": True,
        },
    }
    return cast("core.ContainerArgsDict", merge(stated(rendered), container.container_spec))


def _probes(container: Container) -> list[core.ProbeArgsDict | None]:
    """The startup, readiness and liveness probes. Raises ValueError if a probe needs a TCP port that is not there."""
    # Kubernetes probes only TCP ports. A probe of another port would never pass.
    numbers = {port.name: port.number for port in container.ports if port.protocol == "TCP"}
    tls = {port.name for port in container.ports if port.tls}
    probes = container.probes or (LISTENING if numbers else Probes())
    return [asked and asked.rendered(numbers, tls) for asked in (probes.started(), probes.readiness, probes.liveness)]


def _variable(container: str, name: str, value: EnvValue) -> core.EnvVarArgsDict:
    if isinstance(value, EnvSource):
        return {"name": name, "value_from": value.value_from}
    return {"name": name, "value": in_clear(value, f"container {container!r} variable {name!r}")}


def _volume_mount(path: str, mounted: Mounted, names: VolumeNames) -> core.VolumeMountArgsDict:
    volume = volume_of(mounted)
    rendered: core.VolumeMountArgsDict = {
        "name": names[volume],
        "mount_path": path,
        "read_only": (isinstance(volume, Volume) and volume.read_only) or None,
    }
    if isinstance(mounted, Mount):
        rendered["sub_path"] = mounted.sub_path
    return rendered


def _words(container: str, what: str, words: Sequence[pulumi.Input[str]] | None) -> list[pulumi.Input[str]] | None:
    if words is None:
        return None
    return [in_clear(word, f"container {container!r} {what}[{place}]") for place, word in enumerate(words)]
