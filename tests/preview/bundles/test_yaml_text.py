"""YAML is read as the provider reads it. The expected values come from sigs.k8s.io/yaml 1.6.0."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.bundles.errors import BundleError
from slipway.preview.bundles.yaml_text import decode, expand


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("on", True),
        ("Off", False),
        ("y", True),
        ("No", False),
        ("tRue", "tRue"),
        ("0o644", 420),
        ("0644", 420),
        ("0x1F", 31),
        ("-0b11", -3),
        ("1_000", 1000),
        ("089", 89),
        ("+12", 12),
        ("1e3", 1000),
        (".5", 0.5),
        ("1.", 1),
        ("12:30", "12:30"),
        ("190:20:30", "190:20:30"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("1.2.3", "1.2.3"),
        ("_1", "_1"),
        ("0b", "0b"),
        ("1e", "1e"),
        ("=", "="),
        ("~", None),
        ("", None),
        ('"0644"', "0644"),
        ("!!str 12", "12"),
        ("!!binary aGVsbG8=", "hello"),
        ("{<<: {a: 1}, b: 2}", {"a": 1, "b": 2}),
        ("{on: x, 1: y, 1.5: z}", {"true": "x", "1": True, "1.5": "z"}),
    ],
)
def test_a_value_is_what_gos_parser_makes_of_it(written: str, read: Any) -> None:
    [body] = decode(f"value: {written}")
    assert body["value"] == read
    assert isinstance(body["value"], bool) is isinstance(read, bool), "in Python, true equals 1"


def test_a_line_that_starts_with_three_dashes_begins_a_document() -> None:
    text = "---\n# nothing\n--- # a comment\na: |\n  text\n  --- of a block\n---\n\n---\nb: 1\n...\nc: 2\n"
    assert decode(text) == [{"a": "text\n--- of a block\n"}, {"b": 1}], "text after the end of a document is ignored"


def test_json_may_follow_json_with_nothing_between() -> None:
    assert decode('{"a": 1}\n\t{"b": {"on": true}}{}') == [{"a": 1}, {"b": {"on": True}}]
    assert decode("{a: on}\n---\nb: 1") == [{"a": True}, {"b": 1}], "text that only looks like JSON is YAML"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\n---\nb: [1\nc: 2", r"line 4 is not YAML: .*expected ',' or '\]'"),
        ("a: 1\n---\n- b", "the document at line 3 holds list, not an object's fields"),
        ("a: 1\n--- b: 2", "line 2 has 'b: 2' behind ---: put it on a line of its own"),
        ("a: .inf", r"line 1 is not YAML: \.inf is no number of JSON"),
    ],
)
def test_text_that_is_not_yaml_is_reported_with_its_line(text: str, told: str) -> None:
    with pytest.raises(BundleError, match=told):
        decode(text)


def test_the_items_of_a_list_take_its_place_at_any_depth() -> None:
    inner = {"kind": "ConfigMapList", "items": [{"a": 2}, {"a": 3}]}
    assert expand([{"a": 1}, {"kind": "List", "items": [inner, {"a": 4}]}, {"kind": "List", "items": []}]) == [
        {"a": 1},
        {"a": 2},
        {"a": 3},
        {"a": 4},
    ]
    with pytest.raises(BundleError, match='List holds an item that is no object: "text"'):
        expand([{"kind": "List", "items": ["text"]}])
