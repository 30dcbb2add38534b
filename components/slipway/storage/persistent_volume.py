"""A PersistentVolume: existing storage that a claim can be bound to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.annotations import MAY_BE_EMPTY
from slipway.parts.arguments.checked import checked
from slipway.parts.edits.guard import body_of, guarded
from slipway.parts.edits.objects import api_form
from slipway.parts.keeping import keeping, keeping_annotations
from slipway.parts.merge import merge
from slipway.parts.names import check_name
from slipway.parts.quantities import check_memory

AccessMode = Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"]


@checked
@dataclass(frozen=True, kw_only=True)
class PersistentVolumeArgs:
    """The arguments of a `PersistentVolume`. Raises ValueError for an invalid size, source or access mode.

    - `size`: a quantity, such as "10Gi". Claims of this size or less can be bound to it.
    - `source`: where the storage is, in the provider's fields: one of `{"host_path": {"path": "/srv/data"}}`,
      `{"local": {"path": "/mnt/disk"}}`, `{"nfs": {"server": "…", "path": "/export"}}`, `{"csi": {"driver": "…",
      "volume_handle": "…"}}`.
    - `nodes`: the names of the nodes that have the storage (their label `kubernetes.io/hostname`). A `local` source
      needs them.
    - `access_modes`: the access modes that it offers. A claim asks for one of them.
    - `storage_class`: only claims of this class are bound to it; "" for claims without a class.
    - `reclaim`: what happens to the storage when its claim is deleted: `Retain` leaves it for manual cleanup, `Delete`
      deletes it if its driver can.
    - `keep`: whether it outlives the stack. It has to if its claim does.
    - `labels`, `annotations`: added to the volume.
    - `spec`: raw provider fields, merged last (RFC 7386).

    The source and the nodes cannot change later. Such a change raises RunError before anything is written.
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistent-volumes
    """

    size: str
    source: core.PersistentVolumeSpecPatchArgsDict
    nodes: Sequence[str] = ()
    access_modes: Sequence[AccessMode] = ("ReadWriteOnce",)
    storage_class: Annotated[str, MAY_BE_EMPTY] = ""
    reclaim: Literal["Retain", "Delete"] = "Retain"
    keep: bool = False
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: core.PersistentVolumeSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        check_memory(self.size, "size of the volume")
        if len(self.source) != 1:
            raise ValueError(
                f"source has {', '.join(sorted(self.source)) or 'nothing'}: give one of host_path, local, nfs, csi"
            )
        if not self.access_modes:
            raise ValueError("access_modes are empty: give one or more, as in ['ReadWriteOnce']")
        if "local" in self.source and not self.nodes:
            raise ValueError("a local source is on the nodes that have it: name them in nodes")


@checked
class PersistentVolume(pulumi.ComponentResource):
    """A PersistentVolume named exactly `name`. It has no namespace. Pass the component to a `Claim`.

    `name` and `args` are plain values, for whatever refers to it.
    """

    def __init__(self, name: str, args: PersistentVolumeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "volume")
        super().__init__("slipway:index:PersistentVolume", name, None, opts)
        self.name = name
        self.args = args
        spec: core.PersistentVolumeSpecPatchArgsDict = {
            **args.source,
            "capacity": {"storage": args.size},
            "access_modes": list(args.access_modes),
            "persistent_volume_reclaim_policy": args.reclaim,
            "storage_class_name": args.storage_class,
        }
        if args.nodes:
            spec["node_affinity"] = _on(args.nodes)
        merged = merge(spec, args.spec)
        body = body_of("v1", "PersistentVolume", name, None, spec=api_form(merged))
        merged["persistent_volume_reclaim_policy"] = guarded(self, merged["persistent_volume_reclaim_policy"], body)
        self.resource = (core.PersistentVolumePatch if args.keep else core.PersistentVolume)(
            name,
            metadata={
                "name": name,
                "labels": args.labels or None,
                "annotations": {**args.annotations, **keeping_annotations(args.keep)} or None,
            },
            spec=cast("Any", merged),
            opts=keeping(pulumi.ResourceOptions(parent=self), "PersistentVolume", args.keep),
        )
        self.register_outputs({"name": name})


def _on(nodes: Sequence[str]) -> Any:
    expression = {"key": "kubernetes.io/hostname", "operator": "In", "values": list(nodes)}
    return {"required": {"node_selector_terms": [{"match_expressions": [expression]}]}}
