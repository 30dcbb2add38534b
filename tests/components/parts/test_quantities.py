"""Quantities are read as Kubernetes reads them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.parts.quantities import parse_quantity

# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, as exact fractions.
SUFFIXES = {
    "": Fraction(1),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 10**3),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
    "P": Fraction(10**15),
    "E": Fraction(10**18),
    "Ki": Fraction(2**10),
    "Mi": Fraction(2**20),
    "Gi": Fraction(2**30),
    "Ti": Fraction(2**40),
    "Pi": Fraction(2**50),
    "Ei": Fraction(2**60),
    **{e + power: Fraction(10) ** int(power) for e in "eE" for power in ("0", "3", "+18", "-3", "-18")},
}
DIGITS = st.text("0123456789", min_size=1, max_size=4)


@given(DIGITS, st.sampled_from(["", ".", "{}."]), DIGITS | st.just(""), st.sampled_from(sorted(SUFFIXES)))
def test_a_quantity_is_the_number_that_kubernetes_defines(whole: str, form: str, part: str, suffix: str) -> None:
    number = f".{whole}" if form == "." else f"{whole}.{part}" if form else whole
    exact = Fraction(f"0.{whole}") if form == "." else Fraction(f"{whole}.{part or 0}") if form else Fraction(whole)
    assert Fraction(parse_quantity(number + suffix)) == exact * SUFFIXES[suffix]


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1 Mi", " 1", "1\n", "-1", "+1", ".", "Mi", "1mi", "1K", "1KiB", "1Mib", "1m1", "0x1", "1_000"),
        *("1e", "1e+", "1e1000", "1e3Mi", "1,5", "1.2.3", "NaN", "Infinity", "\u0661Mi"),
    ],
)
def test_what_is_no_quantity_is_refused_with_examples_of_some(text: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes quantity: write a number") as refused:
        parse_quantity(text, "memory")
    assert str(refused.value).startswith(f"memory {text!r}"), "it says which value, and of what"
