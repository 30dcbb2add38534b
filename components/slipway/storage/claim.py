"""A PersistentVolumeClaim: storage that outlives a pod, and the stack if it is told to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.parts.arguments.annotations import MAY_BE_EMPTY
from slipway.parts.arguments.checked import checked
from slipway.parts.keeping import keeping, keeping_annotations
from slipway.parts.merge import merge
from slipway.parts.names import check_name
from slipway.parts.quantities import check_memory, parse_quantity
from slipway.parts.volumes import Volume
from slipway.storage.edits import FIXED, checked_size, left_alone
from slipway.storage.persistent_volume import AccessMode, PersistentVolume


@checked
@dataclass(frozen=True, kw_only=True)
class ClaimArgs:
    """What a `Claim` is made from. Raises ValueError for what it could never be bound to, or not keep.

    - `namespace`: where the pods are that mount it.
    - `size`: a quantity, such as "10Gi". It can grow where its class says `allowVolumeExpansion`; it never shrinks.
    - `storage_class`: who provisions it; None for the cluster's default class, or that of `volume`; "" for none, so
      that it is bound to a PersistentVolume that is there.
    - `access_mode`: `ReadWriteOncePod` lets one pod alone have it, `ReadWriteOnce` the pods of one node, the other
      two those of all nodes, where its class can.
    - `volume`: the PersistentVolume to be bound to, and no other.
    - `keep`: whether it outlives the stack, with all that it holds. The next deployment takes it over again. Its
      namespace has to outlive the stack too, and a `volume` (ValueError).
    - `labels`, `annotations`: its own.
    - `spec`: raw provider fields, merged last (RFC 7386), such as `{"data_source": …}` to start from a snapshot.

    A class, an access mode or a volume cannot change later, and a size cannot shrink: that is refused (RunError) before
    anything is written, as the claim would have to be made anew without its data.
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/
    """

    namespace: Namespace | pulumi.Input[str]
    size: str
    storage_class: Annotated[str | None, MAY_BE_EMPTY] = None
    access_mode: AccessMode = "ReadWriteOnce"
    volume: PersistentVolume | None = None
    keep: bool = False
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: core.PersistentVolumeClaimSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        place = place_of(self.namespace)
        check_memory(self.size, "size of the claim")
        if not parse_quantity(self.size):
            raise ValueError(f"size of the claim {self.size!r} is nothing: give how much it holds, as in '10Gi'")
        if self.keep and place.resource and not place.keep:
            raise ValueError(
                f"keep=True keeps nothing in namespace {place.known!r}, which the stack deletes with all in it: give "
                f"that Namespace NamespaceArgs(keep=True), or name one that the stack does not make"
            )
        if self.volume:
            self._check_volume(self.volume)

    def _check_volume(self, volume: PersistentVolume) -> None:
        called, args = f"PersistentVolume {volume.name!r}", volume.args
        if parse_quantity(self.size) > parse_quantity(args.size):
            raise ValueError(f"size of the claim {self.size!r} is more than the {args.size} of {called}: ask for less")
        if self.access_mode not in args.access_modes:
            raise ValueError(f"{called} is not {self.access_mode}: choose of {', '.join(args.access_modes)}")
        if self.storage_class not in (None, args.storage_class):
            raise ValueError(
                f"storage_class {self.storage_class!r} is not the {args.storage_class!r} of {called}: leave it out"
            )
        if self.keep and not args.keep:
            raise ValueError(f"keep=True needs what it is bound to: give {called} keep=True as well")


@checked
class Claim(pulumi.ComponentResource):
    """A PersistentVolumeClaim named exactly `name`; `claim.volume()` is what a container mounts.

    No deployment waits until it is bound, as many are only once a pod uses them; a pod whose claim stays unbound
    waits, and its workload says so.
    """

    def __init__(self, name: str, args: ClaimArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "claim")
        super().__init__("slipway:index:Claim", name, None, opts)
        self.name = name
        self.place = place_of(args.namespace)
        spec = _spec(args)
        checked = checked_size(name, self.place, spec, args.size)
        options = self.place.child(self, ignore_changes=left_alone(FIXED))
        self.resource = (core.PersistentVolumeClaimPatch if args.keep else core.PersistentVolumeClaim)(
            name,
            metadata={
                "name": name,
                "namespace": self.place.name,
                "labels": args.labels or None,
                "annotations": {
                    **args.annotations,
                    # The provider waits five minutes for one that is not bound, whatever it is told.
                    "pulumi.com/skipAwait": "true",
                    **keeping_annotations(args.keep),
                },
            },
            spec=cast("Any", merge(spec, {"resources": {"requests": {"storage": checked}}})),
            opts=keeping(options, "PersistentVolumeClaim", args.keep),
        )
        self.register_outputs({"name": name})

    def volume(self, *, read_only: bool = False) -> Volume:
        """What a container mounts; who mounts it is made after the claim."""
        # A URN resolves once its object exists, and is known before.
        name = self.resource.urn.apply(lambda _: self.name)
        return Volume(source={"persistent_volume_claim": {"claim_name": name}}, read_only=read_only)


def _spec(args: ClaimArgs) -> dict[str, Any]:
    """What it is to be, but for its size."""
    storage_class = args.volume.args.storage_class if args.volume else args.storage_class
    stated = {
        "access_modes": [args.access_mode],
        "storage_class_name": storage_class,
        "volume_name": args.volume.name if args.volume else None,
    }
    return merge({key: value for key, value in stated.items() if value is not None}, cast("Any", args.spec))
