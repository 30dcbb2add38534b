"""Converts property values between the form in which the SDK sends them to the engine and plain data.

Unknowns, secrets, assets and references to resources are strings and mappings with a signature:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
"""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.rpc import UNKNOWN

from slipway.preview.config import WITHHELD
from slipway.preview.model import COMPUTED, SECRET, Placeholder, Secret

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"


def decode_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties as plain data, sorted by key. A property that is None was never set, so it is left out."""
    decoded = {key: decode(struct.fields[key]) for key in sorted(struct.fields)}
    return {key: value for key, value in decoded.items() if value is not None}


def decode(value: struct_pb2.Value) -> Any:
    """One value as plain data. A `Secret` wraps a secret value, a `Placeholder` stands for an unknown one."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return _decode_mapping(value.struct_value)
        case "list_value":
            return [decode(item) for item in value.list_value.values]
        case "string_value":
            return _decode_string(value.string_value)
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _decode_mapping(struct: struct_pb2.Struct) -> Any:
    match struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else "":
        case "":
            return decode_struct(struct)
        case signature if signature == _SECRET:
            return Secret(decode(struct.fields["value"]))
        case signature if signature == _OUTPUT:
            value = decode(struct.fields["value"]) if "value" in struct.fields else COMPUTED
            return Secret(value) if struct.fields["secret"].bool_value else value
        case signature if signature == _RESOURCE:
            return (
                decode(struct.fields["id"]) or COMPUTED if "id" in struct.fields else struct.fields["urn"].string_value
            )
        case _:
            return {key: value for key, value in decode_struct(struct).items() if key != _SIGNATURE}


def is_reference(struct: struct_pb2.Struct) -> bool:
    """Whether `struct` is a reference to a resource."""
    return _SIGNATURE in struct.fields and struct.fields[_SIGNATURE].string_value == _RESOURCE


def _decode_string(text: str) -> str:
    if text == UNKNOWN:
        return COMPUTED
    if text == WITHHELD:
        return SECRET
    if UNKNOWN in text or WITHHELD in text:
        # The program joined an unknown value with text.
        return Placeholder(text.replace(UNKNOWN, COMPUTED))
    return text


def encode(value: Any) -> struct_pb2.Value:
    """Plain data as a property value."""
    match value:
        case Secret():
            return encode({_SIGNATURE: _SECRET, "value": value.value})
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case dict():
            fields = {_key(key): encode(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
        case list():
            items = [encode(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
        case _:
            unknown = isinstance(value, Placeholder)
            return struct_pb2.Value(string_value=value.replace(COMPUTED, UNKNOWN) if unknown else str(value))


def reference(urn: str) -> dict[str, str]:
    """A reference to a resource whose id is unknown, as data for `encode`."""
    return {_SIGNATURE: _RESOURCE, "urn": urn, "id": ""}


def _key(key: object) -> str:
    """A key as JSON has it: YAML's `on:` is not a string."""
    return str(key).lower() if isinstance(key, bool) else str(key)
