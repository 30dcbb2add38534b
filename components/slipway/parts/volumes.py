"""What a container can mount or take as an environment variable.

A path's volume and a variable's source are plain values: `mounts={"/tmp": empty_dir("64Mi")}`,
`environment={"LOG_LEVEL": "info", **config.secret.environment()}`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.names import check_name
from slipway.parts.quantities import check_memory
from slipway.parts.readings import Readable, Reading


@checked
@dataclass(frozen=True, eq=False, kw_only=True)
class Volume:
    """Something to mount; each object is a volume of its own, so two containers can share one.

    `source` is the provider's volume without its name, such as `{"host_path": {"path": "/dev"}}`.
    `volume.at("uploads")` mounts one folder or file of it. `parts` are the volumes that a projected one is made of.
    """

    MADE_BY: ClassVar[str] = "empty_dir('64Mi'), claim('data') or config.values.volume()"
    """How an error calls the ways to one."""

    source: core.VolumePatchArgsDict
    read_only: bool = False
    reading: Reading | None = None
    parts: tuple[Volume, ...] = ()

    def at(self, sub_path: str) -> Mount:
        """The folder or file at `sub_path` in it, a relative path without "..". Raises ValueError for another one.

        It does not follow later changes of a ConfigMap or Secret: one that is `live` is refused (ValueError).
        https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
        """
        return Mount(volume=self, sub_path=sub_path)


@checked
@dataclass(frozen=True, eq=False, kw_only=True)
class ClaimTemplate:
    """Storage of which each pod of a `StatefulSet` gets its own; mounted like a volume, by a StatefulSet alone.

    - `name`: the claim of pod 0 of a StatefulSet `db` is called `NAME-db-0`.
    - `size`: how much each asks for, a quantity such as "10Gi".
    - `storage_class`: the name of a StorageClass; None for the cluster's default one.
    - `access_mode`: `ReadWriteOncePod` lets one pod alone have it, `ReadWriteOnce` the pods of one node.

    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#volume-claim-templates
    """

    name: str
    size: str
    storage_class: str | None = None
    access_mode: Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"] = "ReadWriteOnce"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        check_name(self.name, "claim template")
        check_memory(self.size, f"size of claim template {self.name!r}")

    def at(self, sub_path: str) -> Mount:
        """The folder or file at `sub_path` in it, as `Volume.at`."""
        return Mount(volume=self, sub_path=sub_path)


@checked
@dataclass(frozen=True, kw_only=True)
class Mount:
    """A part of a volume, made by `Volume.at`."""

    volume: Volume | ClaimTemplate
    sub_path: str

    def __post_init__(self) -> None:
        if posixpath.isabs(self.sub_path) or ".." in self.sub_path.split("/"):
            raise ValueError(f"sub_path {self.sub_path!r} leads out of its volume: give a relative path without '..'")
        if any(reading.of.rollout == "live" for reading in readings_of([self.volume])):
            raise ValueError(
                f"sub_path {self.sub_path!r} of a config with rollout 'live' would never change: mount the whole "
                f"volume, or choose rollout 'restart' or 'versioned'"
            )


@checked
@dataclass(frozen=True, kw_only=True)
class EnvSource:
    """A variable whose value comes from elsewhere, as the provider's `value_from`."""

    value_from: core.EnvVarSourceArgsDict
    reading: Reading | None = None


EnvValue = pulumi.Input[str] | EnvSource


@checked
def empty_dir(size: str | None = None, *, memory: bool = False) -> Volume:
    """Scratch space that lives as long as its pod, at most `size` (a quantity); `memory` is tmpfs.

    What is written to tmpfs counts against the memory limit of the container that writes it.
    """
    if size is not None:
        check_memory(size, "size of the empty directory")
    return Volume(source={"empty_dir": {"size_limit": size, "medium": "Memory" if memory else None}})


@checked
def claim(name: pulumi.Input[str], *, read_only: bool = False) -> Volume:
    """An existing PersistentVolumeClaim of the workload's namespace."""
    return Volume(source={"persistent_volume_claim": {"claim_name": name}}, read_only=read_only)


Mounted = Volume | ClaimTemplate | Mount


def volume_of(mounted: Mounted) -> Volume | ClaimTemplate:
    return mounted.volume if isinstance(mounted, Mount) else mounted


def readings_of(sources: Iterable[Volume | ClaimTemplate | EnvValue]) -> list[Reading]:
    """What of these is read from a ConfigMap or Secret, one entry an object, in a stable order."""
    keys: dict[Readable, frozenset[str]] = {}
    for source in sources:
        parts = source.parts or (source,) if isinstance(source, Volume) else (source,)
        for part in parts:
            if isinstance(part, (Volume, EnvSource)) and (reading := part.reading):
                keys[reading.of] = keys.get(reading.of, frozenset()) | reading.keys
    return [Reading(of=of, keys=keys[of]) for of in keys]
