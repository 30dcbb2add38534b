"""Which names are accepted: exactly those that Kubernetes takes."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slipway.parts.names import check_data_key, check_name, check_port_name, check_service_name

_LOWER = string.ascii_lowercase
_ALPHANUMERIC = _LOWER + string.digits

# Close to being right: what tells good names from bad ones is tried often.
CLOSE = st.text(alphabet="az09-._Aé\u0661\n", max_size=18) | st.from_regex(r"[a-z0-9-]{60,66}", fullmatch=True)


def accepts(check: Callable[[], None]) -> bool:
    try:
        check()
    except ValueError:
        return False
    return True


def is_label(value: str, longest: int = 63) -> bool:
    """RFC 1123, read letter by letter."""
    return (
        0 < len(value) <= longest
        and all(letter in _ALPHANUMERIC + "-" for letter in value)
        and value[0] != "-"
        and value[-1] != "-"
    )


@given(CLOSE)
@example("a" * 63)
@example("a" * 64)
def test_a_name_is_an_rfc_1123_label(value: str) -> None:
    assert accepts(lambda: check_name(value, "namespace")) == is_label(value)


@given(CLOSE)
@example("a" * 54)
@example("a" * 55)
def test_a_name_leaves_room_for_what_is_added_to_it(value: str) -> None:
    assert accepts(lambda: check_name(value, "config", longest=54)) == is_label(value, 54)


@given(CLOSE)
@example("9a")
def test_a_services_name_starts_with_a_letter_too(value: str) -> None:
    assert accepts(lambda: check_service_name(value)) == (is_label(value) and value[0] in _LOWER)


@given(CLOSE)
@example("a" * 15)
@example("a" * 16)
@example("8080")
@example("a--b")
def test_a_port_name_is_an_iana_service_name(value: str) -> None:
    expected = is_label(value, 15) and "--" not in value and any(letter in _LOWER for letter in value)
    assert accepts(lambda: check_port_name(value)) == expected


@given(CLOSE)
@example("a" * 253)
@example("a" * 254)
@example(".")
@example("..data")
@example(".env")
def test_a_data_key_is_a_file_name_that_hides_nothing(value: str) -> None:
    allowed = string.ascii_letters + string.digits + "-_."
    expected = 0 < len(value) <= 253 and all(one in allowed for one in value) and value != "." and value[:2] != ".."
    assert accepts(lambda: check_data_key(value, "config")) == expected


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (lambda: check_name("My_App", "namespace"), "namespace 'My_App' is not a valid name: use at most 63"),
        (lambda: check_name("a" * 55, "config", longest=54), "use at most 54 lower-case letters"),
        (lambda: check_service_name("9lives"), "service '9lives' starts with a digit"),
        (lambda: check_port_name("Web"), "port name 'Web' is not valid: use at most 15"),
        (lambda: check_data_key("a b", "secret"), "secret key 'a b' is not valid: use at most 253"),
    ],
)
def test_a_refusal_says_what_the_value_is_and_the_rule(check: Callable[[], None], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check()
