"""Kubernetes quantities: `500m`, `1.5`, `128Mi`, `2e3`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))"
    r"(?:(?P<suffix>[numkMGTPE]|[KMGTPE]i)|[eE](?P<exponent>[+-]?\d{1,3}))?",
    re.ASCII,
)
_POWERS_OF_1000 = {"n": -3, "u": -2, "m": -1, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_SUFFIXES = {suffix: Decimal(1000) ** power for suffix, power in _POWERS_OF_1000.items()} | {
    f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)
}


def parse(value: Any) -> Decimal | None:
    """The number that a quantity means; None if the API server would not accept it as a quantity.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        return None
    exponent = Decimal(10) ** int(match["exponent"] or 0)
    return Decimal(match["number"]) * exponent * _SUFFIXES.get(match["suffix"] or "", Decimal(1))


def repaired(value: str) -> str | None:
    """The quantity that `value` was probably meant to be, such as `0.5Gi` for `0.5Gb`; None if it is unclear."""
    match = re.fullmatch(r"([0-9.]+)\s*([A-Za-z]*)", value.strip())
    if match is None:
        return None
    number, unit = match.groups()
    if unit.lower() in {"core", "cores", "cpu", "cpus"}:
        return number
    letter = unit[:1].upper()
    is_bytes = letter in set("KMGTPE") and unit[1:].lower() in {"", "b", "i", "ib"}
    candidate = f"{number}{letter}i" if is_bytes else number + unit
    return candidate if candidate != value and parse(candidate) is not None else None
