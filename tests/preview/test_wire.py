"""Property values survive the way to plain data and back, and secrets and unknowns stay recognizable."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi import FileAsset
from pulumi.runtime.rpc import UNKNOWN, serialize_properties

from slipway.preview.config import WITHHELD
from slipway.preview.model import COMPUTED, SECRET, Placeholder, Secret
from slipway.preview.wire import decode, decode_struct, encode

SIGNATURE = "4dabf18193072939515e22adb298388d"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"

text = st.text().filter(lambda value: WITHHELD not in value and UNKNOWN not in value)
scalars = st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | text
plain = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=20)


@given(plain)
def test_plain_data_is_unchanged_after_both_conversions(value: Any) -> None:
    assert decode(encode(value)) == value


@given(st.integers(-(2**53), 2**53))
def test_a_whole_number_comes_back_as_an_integer(number: int) -> None:
    assert type(decode(encode(float(number)))) is int, "Kubernetes takes no 80.0 for a port"


@given(st.dictionaries(text, plain))
def test_keys_are_sorted(value: dict[str, Any]) -> None:
    assert list(decode_struct(encode(value).struct_value)) == sorted(value), "so that two runs are alike"


def test_none_was_never_set_except_in_a_list() -> None:
    assert decode(encode({"a": None, "b": {"c": None}, "d": [None, 1]})) == {"b": {}, "d": [None, 1]}


def test_a_key_that_is_not_a_string_becomes_one_as_in_json() -> None:
    assert decode(encode({True: 1, False: 2, 3: 4})) == {"true": 1, "false": 2, "3": 4}


def test_a_date_in_a_file_is_text() -> None:
    import datetime  # noqa: PLC0415

    assert decode(encode(datetime.date(2026, 1, 31))) == "2026-01-31"


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (UNKNOWN, COMPUTED),
        (f"a-{UNKNOWN}-b", Placeholder("a-<computed>-b")),
        (WITHHELD, SECRET),
        (f"a {WITHHELD} {UNKNOWN}", Placeholder("a [secret] <computed>")),
        ({SIGNATURE: SECRET_SIGNATURE, "value": "x"}, Secret("x")),
        ({SIGNATURE: SECRET_SIGNATURE, "value": {"a": UNKNOWN}}, Secret({"a": COMPUTED})),
        ({SIGNATURE: OUTPUT, "value": "x", "secret": False}, "x"),
        ({SIGNATURE: OUTPUT, "value": "x", "secret": True}, Secret("x")),
        ({SIGNATURE: OUTPUT, "secret": True}, Secret(COMPUTED)),
        ({SIGNATURE: OUTPUT}, COMPUTED),
        ({SIGNATURE: RESOURCE, "urn": "urn:a", "id": "x"}, "x"),
        ({SIGNATURE: RESOURCE, "urn": "urn:a", "id": ""}, COMPUTED),
        ({SIGNATURE: RESOURCE, "urn": "urn:a", "id": UNKNOWN}, COMPUTED),
        ({SIGNATURE: RESOURCE, "urn": "urn:a"}, "urn:a"),
        ({SIGNATURE: "another", "a": 1, "none": None}, {"a": 1}),
    ],
)
def test_a_signed_mapping_becomes_what_its_signature_says(wire: Any, expected: object) -> None:
    value = decode(encode(wire))
    assert value == expected
    assert type(value) is type(expected), "a check tells a placeholder from a string by its type"


def test_an_asset_is_shown_without_its_signature() -> None:
    struct: struct_pb2.Struct = asyncio.run(serialize_properties({"file": FileAsset("x.txt")}, {}))
    assert decode_struct(struct) == {"file": {"path": "x.txt"}}


def test_a_secret_never_shows_its_value_when_it_is_printed() -> None:
    assert "hidden" not in f"{Secret('hidden')} {[Secret('hidden')]!r}"
