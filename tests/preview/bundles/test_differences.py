"""Values that depend on chance or a secret are found, wherever they are."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.bundles.children import Child
from slipway.preview.bundles.differences import disguised, marked, marked_children
from slipway.preview.model import COMPUTED, Secret


@pytest.mark.parametrize(
    ("first", "other", "found"),
    [
        ({"a": 1, "b": {"c": "x"}}, {"a": 1, "b": {"c": "y"}}, {"a": 1, "b": {"c": "?"}}),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, {"a": [1, {"b": "?"}]}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": "?"}),
        ({"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": "?"}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": {"b": "?"}}),
        ({"a": COMPUTED}, {"a": "x"}, {"a": COMPUTED}),
        ({"a": Secret({"b": "x", "c": 1})}, {"a": Secret({"b": "y", "c": 1})}, {"a": Secret({"b": "?", "c": 1})}),
    ],
)
def test_each_part_that_differs_is_marked_and_no_other(first: Any, other: Any, found: Any) -> None:
    assert marked(first, other, lambda _: "?") == found
    assert marked(first, first, lambda _: "?") == first


def child(name: str, **fields: Any) -> Child:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **fields}
    return Child(type="kubernetes:core/v1:ConfigMap", name=f"p:ns/{name}", body=body)


def test_a_random_name_is_unknown_in_the_resources_name_too() -> None:
    [found] = marked_children([child("a-1", data={"x": "y"})], [child("a-2", data={"x": "y"})], lambda _: COMPUTED)
    assert found.name == "p:<computed>"
    assert found.body == {**child("").body, "metadata": {"name": COMPUTED}, "data": {"x": "y"}}


def test_an_object_that_is_not_always_there_is_marked_except_for_its_kind() -> None:
    found = marked_children([child("a"), child("b", data={"x": "y"})], [child("a")], Secret)
    assert found[0] == child("a")
    assert found[1].body == {**child("").body, "metadata": {"name": Secret("b")}, "data": {"x": Secret("y")}}


@pytest.mark.parametrize("value", ["secret", "Z9", "--", "", 7, 0.5, True, {"a": ["b", 1]}])
def test_a_stand_in_is_another_value_of_the_same_shape(value: Any) -> None:
    other = disguised(value)
    assert other != value
    assert type(other) is type(value)
    assert not isinstance(value, str) or value in ("--", "") or len(other) == len(value)
