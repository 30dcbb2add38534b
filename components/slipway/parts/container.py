"""A container, as every workload has them: the main one, those before it and those beside it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.merge import merge
from slipway.parts.names import check_port_name
from slipway.parts.probes import LISTENING, Probes
from slipway.parts.quantities import check_cpu, check_memory
from slipway.parts.secrecy import in_clear
from slipway.parts.volumes import ClaimTemplate, EnvSource, EnvValue, Mount, Mounted, Volume, volume_of

VolumeNames = Mapping[Volume | ClaimTemplate, str]
"""What a pod calls each volume that its containers mount."""


@checked
@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that a container listens on, from 1 to 65535, and its name (an IANA service name).

    `app_protocol` tells a load balancer what is spoken, such as `kubernetes.io/h2c` for gRPC.
    https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol
    """

    name: str
    number: int
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    app_protocol: str | None = None

    def __post_init__(self) -> None:
        check_port_name(self.name)
        check_port_numbers([(self, self.number)], "port")


def check_port_numbers(numbered: Iterable[tuple[Port, int]], what: str) -> None:
    """Refuses a number that is none of a port's, or is used twice for a protocol. Raises ValueError.

    `what` is how the error calls each, as in "service port".
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
    """What a container asks for and may use, as Kubernetes quantities.

    `memory` is both request and limit, so that a node never promises memory it does not have.
    `cpu` is a request; without `cpu_limit` a container may use what the node has idle. `ephemeral_storage` is request
    and limit of what it writes to its log, its empty directories and its own file system; None for no limit.
    `Resources.small()`, `.medium()` and `.large()` are sizes to begin with.
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    """

    cpu: str = "100m"
    memory: str = "128Mi"
    cpu_limit: str | None = None
    ephemeral_storage: str | None = None

    @classmethod
    def small(cls) -> Resources:
        """A tenth of a core and 128 MiB, which is the default."""
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
    """One container. Raises ValueError for what Kubernetes would refuse.

    - `image`: its reference, such as `image.ref`.
    - `command`, `args`: instead of the image's ENTRYPOINT and CMD.
    - `environment`: a variable's value, or where it comes from (`config.secrets.environment()`). A
      value that is a secret Output is a RunError, before its workload is made; so it is in `command` and `args`.
    - `mounts`: what is mounted, by absolute path: a volume, or a folder or file of one (`volume.at("uploads")`).
    - `ports`: the first TCP one is what probes ask unless they name another.
    - `probes`: None asks whether the first TCP port accepts connections; `Probes()` asks nothing.
    - `pre_stop`: seconds that a container goes on serving after its pod is told to end, while
      endpoints and load balancers forget it; 0 for what serves nobody. Needs no shell in the image.
    - `container_spec`: raw provider fields, merged last (RFC 7386), for all that is not here.
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
    """Refuses what is not an absolute path, as mounts need, and one path however written twice. Raises ValueError."""
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
    """The provider's container: locked down, with requests, and saying why it ended.

    `volumes` has the pod's name of each volume that is mounted. A `sidecar` starts before the main
    container and ends after it (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
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
        # When a container says nothing on ending, the end of its log is what the pod's status shows.
        "termination_message_policy": "FallbackToLogsOnError",
        "security_context": {
            "allow_privilege_escalation": False,
            "capabilities": {"drop": ["ALL"]},
            "read_only_root_filesystem": True,
        },
    }
    return cast("core.ContainerArgsDict", merge(_stated(rendered), container.container_spec))


def _probes(container: Container) -> list[core.ProbeArgsDict | None]:
    """What is asked at startup, for readiness and for liveness. Raises ValueError where no port can be asked."""
    # Kubernetes asks over TCP alone: of another port, a probe would never pass.
    numbers = {port.name: port.number for port in container.ports if port.protocol == "TCP"}
    probes = container.probes or (LISTENING if numbers else Probes())
    return [asked and asked.rendered(numbers) for asked in (probes.started(), probes.readiness, probes.liveness)]


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


def _stated(fragment: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None: a raw fragment is merged over what is stated only."""
    return {key: value for key, value in fragment.items() if value is not None}
