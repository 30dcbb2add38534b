"""A PersistentVolumeClaim: storage that outlives a pod and, with `keep=True`, the stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.parts.arguments.annotations import MAY_BE_EMPTY
from slipway.parts.arguments.checked import checked
from slipway.parts.edits.guard import body_of, guarded
from slipway.parts.edits.objects import api_form
from slipway.parts.edits.storage import FIXED
from slipway.parts.keeping import keeping, keeping_annotations
from slipway.parts.merge import merge, stated
from slipway.parts.names import check_name
from slipway.parts.provider import NOT_AWAITED
from slipway.parts.quantities import check_memory, parse_quantity
from slipway.parts.volumes import Volume
from slipway.storage.persistent_volume import AccessMode, PersistentVolume


@checked
@dataclass(frozen=True, kw_only=True)
class ClaimArgs:
    """The arguments of a `Claim`. Raises ValueError if it could never be bound, or could not be kept.

    - `namespace`: the namespace of the pods that mount it.
    - `size`: a quantity, such as "10Gi". It can grow if its class has `allowVolumeExpansion`. It cannot shrink.
    - `storage_class`: the StorageClass that provisions it. None for the class of `volume`, or else the cluster's
      default class. "" for no class: it is then bound to an existing PersistentVolume.
    - `access_mode`: `ReadWriteOncePod` is for one pod only, `ReadWriteOnce` for the pods of one node. The other two are
      for the pods of all nodes, if the storage class supports that.
    - `volume`: the PersistentVolume to bind to.
    - `keep`: whether it outlives the stack with its data. The next deployment takes it over again. Its namespace and
      its `volume` have to outlive the stack too (ValueError).
    - `labels`, `annotations`: added to the claim.
    - `spec`: raw provider fields, merged last (RFC 7386), such as `{"data_source": …}` to start from a snapshot.

    The storage class, the access mode and the volume cannot change later, and the size cannot shrink: the claim would
    be replaced, and its data lost. Nor can it move to another namespace. Such a change raises RunError before anything
    is written.
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
    """A PersistentVolumeClaim named exactly `name`. Containers mount `claim.volume()`.

    A deployment does not wait until the claim is bound, since many claims are bound only when a pod uses them. A pod
    waits for its claim. If the claim stays unbound, the workload reports it.
    """

    def __init__(self, name: str, args: ClaimArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "claim")
        super().__init__("slipway:index:Claim", name, None, opts)
        self.name = name
        self.place = place_of(args.namespace)
        spec = _spec(args)
        declared = api_form({**spec, "resources": {"requests": {"storage": args.size}}})
        body = body_of("v1", "PersistentVolumeClaim", name, self.place.known, spec=declared)
        # Then no change of these fields, even one that is not declared, replaces the claim.
        options = self.place.child(self, ignore_changes=[f"spec.{field}" for field in FIXED])
        self.resource = (core.PersistentVolumeClaimPatch if args.keep else core.PersistentVolumeClaim)(
            name,
            metadata={
                "name": name,
                "namespace": self.place.name,
                "labels": args.labels or None,
                "annotations": {
                    **args.annotations,
                    # Otherwise the provider waits five minutes for an unbound claim, despite any setting.
                    **NOT_AWAITED,
                    **keeping_annotations(args.keep),
                },
            },
            spec=cast("Any", merge(spec, {"resources": {"requests": {"storage": guarded(self, args.size, body)}}})),
            opts=keeping(options, "PersistentVolumeClaim", args.keep),
        )
        self.register_outputs({"name": name})

    def volume(self, *, read_only: bool = False) -> Volume:
        """The volume for a container to mount. A workload that mounts it is created after the claim."""
        # The URN resolves only after the object exists, but its value is known in a preview.
        name = self.resource.urn.apply(lambda _: self.name)
        return Volume(source={"persistent_volume_claim": {"claim_name": name}}, read_only=read_only)


def _spec(args: ClaimArgs) -> dict[str, Any]:
    """The spec of the claim without its size."""
    storage_class = args.volume.args.storage_class if args.volume else args.storage_class
    fields = {
        "access_modes": [args.access_mode],
        "storage_class_name": storage_class,
        "volume_name": args.volume.name if args.volume else None,
    }
    return merge(stated(fields), cast("Any", args.spec))
