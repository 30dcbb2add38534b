"""Reads inputs of any shape for a phrase, so that what is not known is never shown as if it were."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from slipway.preview.model import Placeholder


def at(value: Any, *path: str) -> Any:
    """What is at `path`: None where there is nothing, a `Placeholder` where it is not known."""
    for key in path:
        if not isinstance(value, dict):
            return value if isinstance(value, Placeholder) else None
        value = cast("dict[str, Any]", value).get(key)
    return value


def mapping(value: Any, *path: str) -> dict[str, Any]:
    """What is known of the mapping at `path`."""
    found = at(value, *path)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def items(value: Any, *path: str) -> list[Any]:
    """The list at `path`; its one item is the stand-in where the list is not known."""
    found = at(value, *path)
    if isinstance(found, Placeholder):
        return [found]
    return cast("list[Any]", found) if isinstance(found, list) else []


def each(tell: Callable[[Any], str], value: Any, *path: str) -> list[str]:
    """What `tell` says of each item of the list at `path`; an item that is not known is shown as that."""
    return [str(one) if isinstance(one, Placeholder) else tell(one) for one in items(value, *path)]


def words(value: Any, *path: str) -> str:
    """The items of the list at `path`, as a person lists them."""
    return ", ".join(map(str, items(value, *path)))


def count(number: Any, one: str, many: str | None = None) -> str:
    """`3 rules`, of a number or of what has a length."""
    number = len(cast("list[Any]", number)) if isinstance(number, (list, dict)) else number
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def joined(*phrases: str) -> str:
    """The phrases that say something."""
    return ", ".join(filter(None, phrases))


def first(phrases: Iterable[str], *, most: int = 3) -> str:
    """The first few of them, and how many more there are."""
    every = list(filter(None, phrases))
    return "; ".join(every[:most]) + (f"; {len(every) - most} more" if len(every) > most else "")


def referred(value: Any, default_kind: str = "") -> str:
    """The kind and the name of a reference to an object."""
    if value is None or isinstance(value, Placeholder):
        return str(value or "")
    return f"{at(value, 'kind') or default_kind} {at(value, 'name')}"


def selected(selector: Any) -> str:
    """Which objects a `LabelSelector` selects."""
    if isinstance(selector, Placeholder):
        return str(selector)
    return ", ".join([*pairs("{}={}", at(selector, "matchLabels")), *each(_expression, selector, "matchExpressions")])


def _expression(one: Any) -> str:
    values = words(one, "values")
    return f"{at(one, 'key')} {at(one, 'operator')}{f' ({values})' if values else ''}"


def pairs(form: str, value: Any) -> list[str]:
    """Each key and value of a mapping, written as `form` has it; what is not known as that."""
    if isinstance(value, Placeholder):
        return [str(value)]
    return [form.format(key, one) for key, one in sorted(mapping(value).items())]
