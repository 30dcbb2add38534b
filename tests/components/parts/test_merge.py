"""A raw fragment is merged by RFC 7386."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.parts.merge import merge

JSON = st.recursive(
    st.none() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
FRAGMENTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


# The cases of the RFC's appendix A in which both are objects, in its order.
@pytest.mark.parametrize(
    ("base", "patch", "merged"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": "foo"}, {"a": {"b": "c"}}, {"a": {"b": "c"}}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
    ],
)
def test_the_cases_of_the_rfc_hold(base: dict[str, Any], patch: dict[str, Any], merged: dict[str, Any]) -> None:
    assert merge(base, patch) == merged


@given(FRAGMENTS, FRAGMENTS)
def test_merging_again_changes_nothing_and_what_is_merged_stays_as_it_was(
    base: dict[str, Any], patch: dict[str, Any]
) -> None:
    before = copy.deepcopy((base, patch))
    once = merge(base, patch)
    assert merge(once, patch) == once, "what is written is what is sent"
    assert (base, patch) == before, "a fragment can be shared by several containers"


@given(FRAGMENTS)
def test_without_a_fragment_all_stays(base: dict[str, Any]) -> None:
    assert merge(base, None) == base == merge(base, {})
