"""What a container can mount or take as an environment variable.

A path's volume and a variable's source are plain values: `mounts={"/tmp": empty_dir("64Mi")}`,
`environment={"LOG_LEVEL": "info", **config.secret.environment()}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.quantities import check_memory

if TYPE_CHECKING:
    from slipway.configuration.config import ConfigObject


@dataclass(frozen=True, kw_only=True)
class Reading:
    """That a pod reads these keys of a ConfigMap or Secret, and so has to follow their changes."""

    of: ConfigObject
    keys: frozenset[str]


@checked
@dataclass(frozen=True, eq=False, kw_only=True)
class Volume:
    """Something to mount; each object is a volume of its own, so two containers can share one.

    `source` is the provider's volume without its name, such as `{"host_path": {"path": "/dev"}}`.
    """

    MADE_BY: ClassVar[str] = "empty_dir('64Mi'), claim('data') or config.values.volume()"
    """How an error calls the ways to one."""

    source: core.VolumePatchArgsDict
    read_only: bool = False
    reading: Reading | None = None


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


def readings_of(sources: Iterable[Volume | EnvValue]) -> list[Reading]:
    """What of these is read from a ConfigMap or Secret, one entry an object, in a stable order."""
    keys: dict[ConfigObject, frozenset[str]] = {}
    for source in sources:
        if isinstance(source, (Volume, EnvSource)) and (reading := source.reading):
            keys[reading.of] = keys.get(reading.of, frozenset()) | reading.keys
    return [Reading(of=of, keys=keys[of]) for of in keys]
