"""Configuration and secrets of an application, and how its pods follow a change of them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.configuration.config_object import ConfigObject
from slipway.configuration.versions import HISTORY, Declare, Made, Version, versioned
from slipway.parts.arguments.annotations import WITHHELD
from slipway.parts.arguments.checked import checked
from slipway.parts.digests import DIGITS, Digest, digester, quick_digest, slow_digest, to_base64
from slipway.parts.names import LONGEST, check_data_key, check_name
from slipway.parts.readings import Kind, Rollout
from slipway.parts.secrecy import in_clear

Content = pulumi.Input[str] | bytes | Path

MOST_BYTES = 1024 * 1024
"""What the API server takes in one ConfigMap or Secret."""


@checked
@dataclass(frozen=True, kw_only=True)
class ConfigArgs:
    """What a `Config` is made from. Raises ValueError for what Kubernetes would refuse.

    - `values`, `secrets`: content by key; a string, an Output, bytes, or a `Path` whose file is read
      (relative to the working directory; a folder: `files_in`). What is not UTF-8 text becomes
      binary data. `values` become a ConfigMap, `secrets` a Secret, of at most 1 MiB each.
      A secret Output among `values` is a RunError, before the ConfigMap is made.
    - `namespace`: where its readers live too; a pod reads nothing of another namespace.
    - `rollout`: what a change does.
      `versioned`: the object's name carries a digest of its content and the object is immutable; a
      change makes a new one, its readers roll to it, and the old one is deleted last.
      `restart`: the name is fixed, the object is updated in place, and its readers roll.
      `live`: the name is fixed, the object is updated in place, and nothing restarts: mounted files
      change under the running process within about a minute.
      The last two want the Kubernetes provider's `enableConfigMapMutable` and `enableSecretMutable`;
      without them the provider deletes the object before it makes the new one.
    - `history`: how many former versions stay for `kubectl rollout undo`, 0 or more, where they are
      `versioned`: the Deployments that read it keep as many revisions.
    - `labels`: of the ConfigMap and the Secret, and all that they have: a `WebService` says here
      whose they are. They are no content: a change of them names nothing anew and restarts nothing.
    """

    namespace: Namespace | pulumi.Input[str]
    values: Mapping[str, Content] = field(default_factory=dict[str, Content])
    secrets: Annotated[Mapping[str, Content], WITHHELD] = field(default_factory=dict[str, Content])
    rollout: Rollout = "versioned"
    history: int = HISTORY
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        place_of(self.namespace)
        if self.history < 0:
            raise ValueError(f"history {self.history} is negative: give a number of former versions, or 0 for none")
        if not self.values and not self.secrets:
            raise ValueError("a Config needs something to hold: give it values, secrets or both")
        for what, contents in (("config", self.values), ("secret", self.secrets)):
            for key, content in contents.items():
                check_data_key(key, what)
                _check_text(key, content, what)


def _check_text(key: str, content: Content, what: str) -> None:
    """Refuses the name of a file where its content was meant, which a key that is a file's name says. ValueError."""
    if not isinstance(content, str) or not content.isprintable() or not 0 < len(content) < 256:
        return
    if ("." in key or key in (Path(content).name, Path(content).stem)) and Path(content).is_file():
        raise ValueError(
            f"{what} key {key!r} is the name of a file, not what the file holds: write Path(…) around it, or give "
            f"bytes (b'…') if the name itself is meant"
        )


@checked
def files_in(folder: str | Path) -> dict[str, Path]:
    """Every file directly in `folder` under its own name, as `values` and `secrets` take them.

    Raises ValueError for a folder that is missing or holds no file.
    """
    files = {entry.name: entry for entry in sorted(Path(folder).glob("*")) if entry.is_file()}
    if not files:
        raise ValueError(f"config folder {str(folder)!r} has no files: name a folder that holds some")
    return files


@checked
class Config(pulumi.ComponentResource):
    """A ConfigMap and a Secret named `name`, or `name` and eight digits where they are versioned.

    Readers take `config.values` and `config.secrets`: `config.values.volume()` to mount,
    `config.secrets.environment()` for variables. Asking for one that was not given is a ValueError.
    """

    def __init__(self, name: str, args: ConfigArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        values, secrets = contents_of(name, args)
        super().__init__("slipway:index:Config", name, None, opts)
        self._values = _config_map(self, name, args, values) if values else None
        self._secrets = _secret(self, name, args, secrets) if secrets else None
        kept = {one.kind: one.versions for one in (self._values, self._secrets) if one and one.versions}
        self.register_outputs(
            {
                "configMap": self._values and self._values.name,
                "secret": self._secrets and self._secrets.name,
                "versions": kept,
            }
        )

    @property
    def values(self) -> ConfigObject:
        """The ConfigMap, for its readers."""
        if self._values is None:
            raise ValueError("this Config has no values: give it some, or read its secrets")
        return self._values

    @property
    def secrets(self) -> ConfigObject:
        """The Secret, for its readers."""
        if self._secrets is None:
            raise ValueError("this Config has no secrets: give it some, or read its values")
        return self._secrets


_Contents = dict[str, pulumi.Input[str] | bytes]


def contents_of(name: str, args: ConfigArgs) -> tuple[_Contents, _Contents]:
    """The values and the secrets of the Config `name`, read. Raises ValueError for what it would refuse."""
    check_name(name, "config", longest=LONGEST - (DIGITS + 1 if args.rollout == "versioned" else 0))
    return _read(args.values, f"config {name!r}"), _read(args.secrets, f"secret {name!r}")


def _config_map(parent: Config, name: str, args: ConfigArgs, contents: _Contents) -> ConfigObject:
    shown = {
        key: value if isinstance(value, bytes) else in_clear(value, f"config {name!r} key {key!r}")
        for key, value in contents.items()
    }
    text = {key: value for key, value in shown.items() if not isinstance(value, bytes)}
    binary = {key: to_base64(value) for key, value in shown.items() if isinstance(value, bytes)}

    place = place_of(args.namespace)

    def declare(version: Version) -> core.ConfigMap:
        return core.ConfigMap(
            version.resource,
            metadata={"name": version.name, "namespace": place.name, "labels": args.labels or None},
            data=None if version.former else text or None,
            binary_data=None if version.former else binary or None,
            immutable=True if args.rollout == "versioned" else None,
            opts=version.options(place, parent),
        )

    digest = digester(shown, quick_digest)
    return _object(parent, args, kind="ConfigMap", keys=frozenset(contents), digest=digest, declare=declare)


def _secret(parent: Config, name: str, args: ConfigArgs, contents: _Contents) -> ConfigObject:
    hidden = {key: pulumi.Output.secret(value) for key, value in contents.items()}
    data = {key: value.apply(to_base64) for key, value in hidden.items()}
    owner = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"

    place = place_of(args.namespace)

    def declare(version: Version) -> core.Secret:
        return core.Secret(
            version.resource,
            metadata={"name": version.name, "namespace": place.name, "labels": args.labels or None},
            data=None if version.former else data,
            immutable=True if args.rollout == "versioned" else None,
            opts=version.options(place, parent),
        )

    digest = digester(hidden, lambda content: slow_digest(content, salt=owner))
    return _object(parent, args, kind="Secret", keys=frozenset(contents), digest=digest, declare=declare)


def _object(
    parent: Config, args: ConfigArgs, *, kind: Kind, keys: frozenset[str], digest: Digest, declare: Declare
) -> ConfigObject:
    name = parent.pulumi_resource_name

    def reader(
        object_name: pulumi.Input[str], resource: pulumi.Input[Made], versions: pulumi.Output[list[str]] | None = None
    ) -> ConfigObject:
        return ConfigObject(
            kind=kind,
            resource=resource,
            config=name,
            place=place_of(args.namespace),
            name=object_name,
            keys=keys,
            rollout=args.rollout,
            digest=digest,
            history=args.history,
            versions=versions,
        )

    if args.rollout != "versioned":
        return reader(name, declare(Version(resource=name, name=name)))
    version = digest(keys)
    object_name = f"{name}-{version}" if isinstance(version, str) else pulumi.Output.concat(name, "-", version)
    made = versioned(parent, object_name, args.history, kind, declare)
    return reader(object_name, made.resource, made.names)


def _read(contents: Mapping[str, Content], what: str) -> _Contents:
    """The contents with files read and text told from bytes; refuses what is too large."""
    read: _Contents = {}
    size = 0
    for key, content in contents.items():
        value = _file(content, f"{what} key {key!r}") if isinstance(content, Path) else content
        if isinstance(value, bytes):
            with contextlib.suppress(UnicodeDecodeError):
                value = value.decode()
        if isinstance(value, (str, bytes)):
            size += len(value.encode() if isinstance(value, str) else value)
            if size > MOST_BYTES:
                raise ValueError(
                    f"{what} exceeds {MOST_BYTES:,} bytes at key {key!r}, the most that Kubernetes takes in one "
                    f"object: split it, or put large files into the image or a volume"
                )
        read[key] = value
    return read


def _file(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{what}: cannot read {str(path)!r} ({error.strerror}): name a readable file") from None
