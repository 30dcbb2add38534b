"""What the engine answers of a resource: its state, as far as a preview can know it.

Its own preview answers what is stated of an object, with a cluster or without one. What a cluster adds,
the engine leaves out or makes up; here it is unknown to whoever reads it.
"""

from __future__ import annotations

import functools
import hashlib

from google.protobuf import struct_pb2
from pulumi.runtime.rpc import UNKNOWN
from pulumi_kubernetes.core.v1 import outputs as core
from pulumi_kubernetes.meta.v1 import outputs as meta

from preview.unknown import let_applies_be_unknown, poison
from preview.wire import decode, is_reference


@functools.cache
def let_clusters_answers_be_unknown() -> None:
    """Makes what a cluster sets, and nobody states, unknown to programs that run here in a preview."""
    poison(meta.ObjectMeta, ("uid", "resource_version", "creation_timestamp", "generation"))
    poison(core.ServiceSpec, ("cluster_ip", "cluster_ips"))
    poison(core.PersistentVolumeClaimSpec, ("volume_name",))
    let_applies_be_unknown()


def without_references(value: struct_pb2.Value) -> None:
    """Puts a resource's id in its place, in `value` at any depth, and the URN of what has no id.

    So the engine hands inputs to a provider that takes no references, as that of Kubernetes.
    """
    match value.WhichOneof("kind"):
        case "struct_value" if is_reference(value.struct_value):
            fields = value.struct_value.fields
            named = fields["id"].string_value or UNKNOWN if "id" in fields else fields["urn"].string_value
            value.CopyFrom(struct_pb2.Value(string_value=named))
        case "struct_value":
            for part in value.struct_value.fields.values():
                without_references(part)
        case "list_value":
            for part in value.list_value.values:
                without_references(part)
        case _:
            pass


def name_object(type_: str, name: str, urn: str, inputs: struct_pb2.Struct) -> None:
    """Names a Kubernetes object that has no name, as the provider does: its logical name and random digits.

    These are as good as any, and the same in every run.
    """
    if not type_.startswith("kubernetes:") or "kind" not in inputs.fields:
        return
    if "metadata" in inputs.fields and not isinstance(decode(inputs.fields["metadata"]), dict):
        # Unknown or secret as a whole: there is nothing that could be added to.
        return
    metadata = inputs.fields["metadata"].struct_value
    if "name" not in metadata.fields and "generateName" not in metadata.fields:
        metadata.fields["name"].string_value = f"{name}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"
