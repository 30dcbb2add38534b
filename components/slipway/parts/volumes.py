"""Volumes that a container mounts, and sources of its environment variables.

Both are plain values: `mounts={"/tmp": empty_dir("64Mi")}`,
`environment={"LOG_LEVEL": "info", **config.secrets.environment()}`.
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
    """A volume to mount. Two containers that mount the same object share one volume.

    - `source`: the provider's volume without its name, such as `{"host_path": {"path": "/dev"}}`.
    - `parts`: the volumes that a projected volume consists of.

    `volume.at("uploads")` mounts one folder or file of it.
    """

    MADE_BY: ClassVar[str] = "empty_dir('64Mi'), claim('data') or config.values.volume()"
    """Examples of how to make a volume, for errors."""

    source: core.VolumePatchArgsDict
    read_only: bool = False
    reading: Reading | None = None
    parts: tuple[Volume, ...] = ()

    def at(self, sub_path: str) -> Mount:
        """The folder or file at `sub_path` in the volume. Raises ValueError unless it is a relative path without "..".

        Such a mount never follows changes of a ConfigMap or Secret. So it is a ValueError if the rollout is `live`.
        https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
        """
        return Mount(volume=self, sub_path=sub_path)


@checked
@dataclass(frozen=True, eq=False, kw_only=True)
class ClaimTemplate:
    """A template of which each pod of a `StatefulSet` gets its own PersistentVolumeClaim.

    It is mounted like a volume, but only a StatefulSet can mount it. Raises ValueError for an invalid name or size.

    - `name`: the claim of pod 0 of a StatefulSet `db` is named `NAME-db-0`.
    - `size`: the storage that each claim requests, a quantity such as "10Gi".
    - `storage_class`: the name of a StorageClass. None means the cluster's default.
    - `access_mode`: with `ReadWriteOncePod` only one pod can use the storage, with `ReadWriteOnce` the pods of one
      node, with `ReadWriteMany` the pods of all nodes.
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
        """The folder or file at `sub_path` in the storage, as for `Volume.at`."""
        return Mount(volume=self, sub_path=sub_path)


@checked
@dataclass(frozen=True, kw_only=True)
class Mount:
    """A folder or file of a volume. `Volume.at` makes it."""

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
    """The source of an environment variable, as the provider's `value_from`."""

    value_from: core.EnvVarSourceArgsDict
    reading: Reading | None = None


EnvValue = pulumi.Input[str] | EnvSource


@checked
def empty_dir(size: str | None = None, *, memory: bool = False) -> Volume:
    """Scratch space that lives as long as its pod. Raises ValueError for a `size` that `check_memory` refuses.

    - `size`: the most that it can hold, a quantity such as "64Mi". None means no limit.
    - `memory`: keeps it in memory (tmpfs). What a container writes to it counts against its memory limit.
    """
    if size is not None:
        check_memory(size, "size of the empty directory")
    return Volume(source={"empty_dir": {"size_limit": size, "medium": "Memory" if memory else None}})


@checked
def claim(name: pulumi.Input[str], *, read_only: bool = False) -> Volume:
    """A volume from an existing PersistentVolumeClaim in the workload's namespace."""
    return Volume(source={"persistent_volume_claim": {"claim_name": name}}, read_only=read_only)


Mounted = Volume | ClaimTemplate | Mount


def volume_of(mounted: Mounted) -> Volume | ClaimTemplate:
    return mounted.volume if isinstance(mounted, Mount) else mounted


def readings_of(sources: Iterable[Volume | ClaimTemplate | EnvValue]) -> list[Reading]:
    """The ConfigMaps and Secrets that these sources read, with the keys: one entry for each object, in stable order."""
    keys: dict[Readable, frozenset[str]] = {}
    for source in sources:
        parts = source.parts or (source,) if isinstance(source, Volume) else (source,)
        for part in parts:
            if isinstance(part, (Volume, EnvSource)) and (reading := part.reading):
                keys[reading.of] = keys.get(reading.of, frozenset()) | reading.keys
    return [Reading(of=of, keys=keys[of]) for of in keys]
