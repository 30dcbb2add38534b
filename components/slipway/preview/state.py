"""The state of a resource in the engine's answer, as far as a preview can know it.

The engine's own preview answers with what the program declares, with or without a cluster. Values that a
cluster sets it leaves out or makes up. Here these are unknown.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.rpc import UNKNOWN
from pulumi_kubernetes.core.v1 import outputs as core
from pulumi_kubernetes.meta.v1 import outputs as meta

from slipway.preview.manifests import made_name, namespace_of
from slipway.preview.unknown import let_applies_be_unknown, poison
from slipway.preview.wire import decode, decode_struct, encode, is_reference


@functools.cache
def let_clusters_answers_be_unknown() -> None:
    """Makes values that only a cluster sets unknown to programs in this process."""
    poison(meta.ObjectMeta, ("uid", "resource_version", "creation_timestamp", "generation"))
    poison(core.ServiceSpec, ("cluster_ip", "cluster_ips"))
    poison(core.PersistentVolumeClaimSpec, ("volume_name",))
    let_applies_be_unknown(("uid", "resourceVersion", "creationTimestamp", "generation"))


def without_references(value: struct_pb2.Value) -> None:
    """Replaces each resource in `value`, at any depth, by its id, or by its URN if it can have no id.

    The engine does the same for a provider that accepts no references, such as that of Kubernetes.
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


def check_object(
    name: str, urn: str, inputs: struct_pb2.Struct, provider: Mapping[str, Any] | None, default_namespace: str
) -> None:
    """Adds to a Kubernetes object what its provider adds: a generated name and the default namespace.

    `provider` are the inputs of the object's explicit provider; None means the default provider.
    """
    plain = decode_struct(inputs)
    metadata = _metadata(inputs) if {"apiVersion", "kind"} <= plain.keys() else None
    if metadata is None:
        return
    given = plain.get("metadata", {})
    if not {"name", "generateName"} & given.keys():
        metadata.fields["name"].string_value = made_name(name, urn)
        if isinstance(given.get("annotations", {}), dict):
            metadata.fields["annotations"].struct_value.fields["pulumi.com/autonamed"].string_value = "true"
    if not given.get("namespace") and (namespace := namespace_of(plain, provider, default_namespace)):
        metadata.fields["namespace"].CopyFrom(encode(namespace))


def _metadata(properties: struct_pb2.Struct) -> struct_pb2.Struct | None:
    """An object's metadata; None if they are unknown or secret as a whole, so that nothing can be added."""
    if "metadata" in properties.fields and not isinstance(decode(properties.fields["metadata"]), dict):
        return None
    return properties.fields["metadata"].struct_value
