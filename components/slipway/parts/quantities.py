"""Kubernetes quantities: `250m`, `1.5`, `128Mi`, `2e3`.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from decimal import Decimal

_FORM = re.compile(r"(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d{1,3})?", re.ASCII)
_BINARY = {unit: Decimal(1024) ** power for power, unit in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))}
_DECIMAL = {
    unit: Decimal(1000) ** power
    for power, unit in zip(range(-3, 7), ("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), strict=True)
}


def parse_quantity(text: str, what: str = "quantity") -> Decimal:
    """The number of base units (cores, bytes) that `text` stands for. Raises ValueError for any other text.

    A quantity is never negative. `what` is the word for it in the error, such as "memory request".
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(
            f"{what} {text!r} is not a Kubernetes quantity: write a number with an optional unit, "
            f"as in '250m', '1.5', '128Mi' or '2Gi'"
        )
    number, unit = Decimal(form[1]), form[2] or ""
    if unit[:1] in ("e", "E") and unit[1:]:
        # `1E` means 10^18, `1E3` means 1000, and `1Ei` means 2^60.
        return number * _BINARY["Ei"] if unit == "Ei" else number.scaleb(int(unit[1:]))
    return number * (_BINARY.get(unit) or _DECIMAL[unit])


def check_memory(text: str, what: str) -> None:
    """Raises ValueError for text that is not a quantity, and for less than 1 MiB (except 0).

    No process starts with less than 1 MiB. A number without a unit means bytes, so probably the unit is missing.
    """
    amount = parse_quantity(text, what)
    if 0 < amount < _BINARY["Mi"]:
        number = (_FORM.fullmatch(text) or [""])[1]
        raise ValueError(
            f"{what} {text!r} is {amount.normalize():f} bytes: give '1Mi' or more; did you mean '{number}Mi'?"
        )


def check_cpu(text: str, what: str) -> Decimal:
    """The number of cores. Raises ValueError for text that is not a quantity, and for 100 or more without a unit.

    Such a number probably means thousandths of a core, with the unit "m".
    """
    cores = parse_quantity(text, what)
    if text.isdecimal() and cores >= 100:
        raise ValueError(
            f"{what} {text!r} is {text} whole cores: did you mean '{text}m', thousandths of one? For so many, write "
            f"'{text}000m'"
        )
    return cores


def pods_or_percent(what: str, given: int | str) -> int:
    """The number in a count of pods or a percentage. Raises ValueError for a value that the API server would refuse."""
    if not re.fullmatch("[0-9]+%" if isinstance(given, str) else "[0-9]+", str(given)):
        raise ValueError(
            f"{what} {given!r} is neither a number of pods nor a share of them: give 0 or more, or a whole percentage "
            f"as in '25%'"
        )
    return int(str(given).rstrip("%"))
