"""A ConfigMap or a Secret as its readers see it: as a volume or as environment variables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.annotations import MAY_BE_EMPTY
from slipway.parts.arguments.checked import checked
from slipway.parts.names import data_key
from slipway.parts.readings import Readable, Reading, Rollout
from slipway.parts.volumes import EnvSource, Volume


def check_environment(rollout: Rollout | None, names: Iterable[str]) -> None:
    """Raises ValueError for the rollout `live`, and for variable names with a "." or "/".

    A process reads its environment only once, so it would never see a live change.
    """
    if dotted := [name for name in names if "." in name or "/" in name]:
        raise ValueError(
            f"{dotted[0]!r} would be a variable that no shell can read: mount it as a file (config_dir or secrets_dir "
            f"of a WebService, volume() of a Config), or call it otherwise"
        )
    if rollout == "live":
        raise ValueError(
            "rollout 'live' cannot feed environment variables, which a process reads once: "
            "mount a volume, or choose 'restart' or 'versioned'"
        )


Part = Callable[[frozenset[str]], "ConfigObject"]


@checked
@dataclass(frozen=True, eq=False, kw_only=True)
class ConfigObject(Readable):
    """A ConfigMap or a Secret for its readers. It belongs to this program, or it exists already.

    - `keys`: the keys that it holds.
    - `versions`: the names of all its versions, the latest first. None if it is not versioned.
    - `part`: makes an object with some of its keys. None if it is not versioned.
    """

    keys: frozenset[str]
    versions: pulumi.Output[list[str]] | None
    part: Part | None = None

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs of the component that makes it. The next deployment finds the former versions in them."""
        return {"name": self.name, **({"versions": {self.kind: self.versions}} if self.versions else {})}

    def volume(self, *, keys: Iterable[str] | None = None) -> Volume:
        """The object as a read-only volume with one file for each key, or only for `keys`.

        Raises ValueError for a key that the object does not hold.
        """
        reading = self._reading(keys)
        name = reading.of.name
        items: Sequence[core.KeyToPathPatchArgsDict] | None = None
        if keys is not None or any("/" in key for key in reading.keys):
            items = [{"key": data_key(key), "path": key} for key in sorted(reading.keys)]
        if self.kind == "ConfigMap":
            return Volume(source={"config_map": {"name": name, "items": items}}, read_only=True, reading=reading)
        return Volume(source={"secret": {"secret_name": name, "items": items}}, read_only=True, reading=reading)

    def environment(
        self, *, keys: Iterable[str] | None = None, prefix: Annotated[str, MAY_BE_EMPTY] = ""
    ) -> dict[str, EnvSource]:
        """One environment variable for each key, or only for `keys`. Its name is `prefix` + key.

        Raises ValueError for the rollout `live`, as a process never sees its environment change. Also raises it for a
        key that the object does not hold, and for a variable name with a "." or "/".
        """
        reading = self._reading(keys)
        check_environment(self.rollout, [prefix + key for key in sorted(reading.keys)])
        return {
            prefix + key: self._variable(Reading(of=reading.of, keys=frozenset({key})), key)
            for key in sorted(reading.keys)
        }

    def _variable(self, reading: Reading, key: str) -> EnvSource:
        if self.kind == "ConfigMap":
            return EnvSource(value_from={"config_map_key_ref": {"name": reading.of.name, "key": key}}, reading=reading)
        return EnvSource(value_from={"secret_key_ref": {"name": reading.of.name, "key": key}}, reading=reading)

    def _reading(self, keys: Iterable[str] | None) -> Reading:
        chosen = self.keys if keys is None else frozenset(keys)
        if unknown := sorted(chosen - self.keys):
            raise ValueError(f"{self.kind} has no key {unknown[0]!r}: it holds {', '.join(sorted(self.keys))}")
        # The name of a versioned object changes with each of its keys, and then its readers roll out. An object with
        # only the chosen keys avoids rollouts for the other keys.
        of = self.part(chosen) if self.part and chosen and chosen != self.keys else self
        return Reading(of=of, keys=chosen)
