"""Further volumes, beside those of `volumes.py`: NFS, host paths, CSI and projected volumes."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.volumes import Volume

HostPathType = Literal["Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", "CharDevice", "BlockDevice"]


@checked
def nfs(server: pulumi.Input[str], path: str, *, read_only: bool = False) -> Volume:
    """The folder `path` that an NFS server exports. Raises ValueError for a path that is not absolute.

    The `restricted` pod security standard allows NFS only through a claim: see `PersistentVolume`.
    https://kubernetes.io/docs/concepts/storage/volumes/#nfs
    """
    _check_absolute(path)
    return Volume(source={"nfs": {"server": server, "path": path}}, read_only=read_only)


@checked
def host_path(path: str, *, type: HostPathType | None = None, read_only: bool = False) -> Volume:
    """A folder or file of the node that the pod runs on. Raises ValueError for a path that is not absolute.

    `type` is what must exist at the path before the pod starts. None means no check.

    The `baseline` and the `restricted` pod security standards forbid such a volume, and the preview says so: a pod that
    writes to its node can take the node over. For data on one node, they allow a `PersistentVolume` with a `local`
    source.
    https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
    """
    _check_absolute(path)
    return Volume(source={"host_path": {"path": path, "type": type}}, read_only=read_only)


@checked
def csi(
    driver: str,
    *,
    attributes: Mapping[str, pulumi.Input[str]] | None = None,
    secret: pulumi.Input[str] | None = None,
    fs_type: str | None = None,
    read_only: bool = False,
) -> Volume:
    """A volume that a CSI driver makes for each pod and deletes with it, such as secrets from a vault.

    - `driver`: its name in `kubectl get csidrivers`.
    - `attributes`: settings for the driver. Never put a secret here: anyone who can read the pod can read them.
    - `secret`: the name of a Secret with secret settings for the driver.
    - `fs_type`: the file system, such as "ext4". None means the driver's default.
    https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#csi-ephemeral-volumes
    """
    source: core.CSIVolumeSourcePatchArgsDict = {
        "driver": driver,
        "volume_attributes": attributes,
        "node_publish_secret_ref": {"name": secret} if secret is not None else None,
        "fs_type": fs_type,
        "read_only": read_only or None,
    }
    return Volume(source={"csi": source}, read_only=read_only)


@checked
def projected(volumes: Sequence[Volume], *, sources: Sequence[core.VolumeProjectionPatchArgsDict] = ()) -> Volume:
    """The files of several ConfigMaps and Secrets in one read-only folder.

    - `volumes`: volumes of ConfigMaps and Secrets, or projected volumes, as in
      `[config.values.volume(), config.secrets.volume()]`.
    - `sources`: other sources, as the provider's fields, such as
      `{"service_account_token": {"path": "token", "audience": "vault"}}`.

    Raises ValueError for any other kind of volume, and if two volumes have the same file.
    https://kubernetes.io/docs/concepts/storage/projected-volumes/
    """
    if not volumes and not sources:
        raise ValueError("a projected volume of nothing: give volumes of a Config, sources or both")
    parts = tuple(part for volume in volumes for part in (volume.parts or (volume,)))
    files = Counter(key for part in parts if part.reading for key in part.reading.keys)
    if twice := [file for file, count in files.items() if count > 1]:
        raise ValueError(f"file {twice[0]!r} is in two of the volumes: leave it out of one by volume(keys=[…])")
    projections = [one for volume in volumes for one in _projections(volume)]
    source: core.VolumePatchArgsDict = {"projected": {"sources": [*projections, *sources]}}
    return Volume(source=source, read_only=True, parts=parts)


def _projections(volume: Volume) -> list[Any]:
    source = cast("dict[str, Any]", volume.source)
    if "projected" in source:
        return source["projected"]["sources"]
    if "config_map" in source:
        return [{"config_map": source["config_map"]}]
    if "secret" in source:
        named = {"name" if key == "secret_name" else key: value for key, value in source["secret"].items()}
        return [{"secret": named}]
    raise ValueError(
        f"{', '.join(source)} cannot be projected: give the volume() of a Config, or mount it at a path of its own"
    )


def _check_absolute(path: str) -> None:
    if not posixpath.isabs(path) or ".." in path.split("/"):
        raise ValueError(f"path {path!r} is not absolute: give one from '/' on, without '..'")
