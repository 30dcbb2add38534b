"""Configuration and secrets of an application, as a ConfigMap and a Secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pulumi

from slipway.configuration.config_object import ConfigObject
from slipway.configuration.contents import Content, Contents, read
from slipway.configuration.objects import ObjectArgs, config_map, secret
from slipway.parts.arguments.annotations import WITHHELD
from slipway.parts.arguments.checked import checked
from slipway.parts.names import check_data_path, data_key


@checked
@dataclass(frozen=True, kw_only=True)
class ConfigArgs(ObjectArgs):
    """Arguments of a `Config`, in addition to those of `ObjectArgs`.

    - `values`: become a ConfigMap of at most 1 MiB. `secrets`: become a Secret of at most 1 MiB.

    Both hold content by key. A content is a string, an Output, bytes, or a `Path` whose file is read (relative to the
    working directory). For all files of a folder, use `files_in`. Bytes that are not UTF-8 text become binary data.

    A key may be a path such as "conf.d/app.toml". The object holds it under `conf.d.app.toml`, and mounts it at
    that path.

    Raises ValueError for values that Kubernetes would refuse. A secret Output in `values` raises a RunError before the
    ConfigMap is made.
    """

    values: Mapping[str, Content] = field(default_factory=dict[str, Content])
    secrets: Annotated[Mapping[str, Content], WITHHELD] = field(default_factory=dict[str, Content])

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.values and not self.secrets:
            raise ValueError("a Config needs something to hold: give it values, secrets or both")
        for what, contents in (("config", self.values), ("secret", self.secrets)):
            held: dict[str, str] = {}
            for key, content in contents.items():
                check_data_path(key, what)
                if (other := held.setdefault(data_key(key), key)) != key:
                    raise ValueError(f"{what} keys {other!r} and {key!r} would both be {data_key(key)!r}: rename one")
                _check_text(key, content, what)


def _check_text(key: str, content: Content, what: str) -> None:
    """Raises ValueError for content that is the name of an existing file, if the key looks like a file's name.

    Probably the file's content was meant.
    """
    if not isinstance(content, str) or not content.isprintable() or not 0 < len(content) < 256:
        return
    if ("." in key or key in (Path(content).name, Path(content).stem)) and Path(content).is_file():
        raise ValueError(
            f"{what} key {key!r} is the name of a file, not what the file holds: write Path(…) around it, or give "
            f"bytes (b'…') if the name itself is meant"
        )


@checked
def files_in(folder: str | Path, *, hidden: bool = False) -> dict[str, Path]:
    """All files in `folder` and its subfolders, by relative path, for `values` and `secrets` of a Config.

    A mount has the same subfolders. Files and folders whose names begin with a dot, such as `.git` or an editor's
    `.app.swp`, are left out unless `hidden` is True. Raises ValueError for a folder that is missing or has no files.
    """
    root = Path(folder)
    files = {path.relative_to(root): path for path in sorted(root.rglob("*")) if path.is_file()}
    shown = {path: file for path, file in files.items() if hidden or not any(p.startswith(".") for p in path.parts)}
    if not shown:
        dotted = " but hidden ones, which hidden=True takes" if files else ""
        raise ValueError(f"config folder {str(folder)!r} has no files{dotted}: name a folder that holds some")
    return {path.as_posix(): file for path, file in shown.items()}


@checked
class Config(pulumi.ComponentResource):
    """A ConfigMap and a Secret named `name`. With the rollout `versioned`, eight hexadecimal digits follow the name.

    Workloads read `config.values` and `config.secrets`: `config.values.volume()` is a volume to mount, and
    `config.secrets.environment()` are environment variables. Reading one that was not given is a ValueError.
    """

    def __init__(self, name: str, args: ConfigArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        values, secrets = contents_of(name, args)
        super().__init__("slipway:index:Config", name, None, opts)
        self._values = config_map(self, name, args, values) if values else None
        self._secrets = secret(self, name, args, secrets) if secrets else None
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
        """The ConfigMap. Raises ValueError if the Config has no values."""
        if self._values is None:
            raise ValueError("this Config has no values: give it some, or read its secrets")
        return self._values

    @property
    def secrets(self) -> ConfigObject:
        """The Secret. Raises ValueError if the Config has no secrets."""
        if self._secrets is None:
            raise ValueError("this Config has no secrets: give it some, or read its values")
        return self._secrets


def contents_of(name: str, args: ConfigArgs) -> tuple[Contents, Contents]:
    """The values and the secrets of the Config `name`, with files read. Raises ValueError as the Config does."""
    args.check_name(name, "config")
    return read(args.values, f"config {name!r}"), read(args.secrets, f"secret {name!r}")
