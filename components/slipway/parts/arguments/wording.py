"""How errors describe a wrong value, and what they propose instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any

import pulumi


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the arguments a value is, and whether it may be shown."""

    path: str
    withheld: bool = False

    def at(self, key: object) -> Place:
        return Place(path=f"{self.path}[{key!r}]", withheld=self.withheld)

    def mismatch(self, value: Any, accepted: str, hint: Callable[[object], str | None]) -> ValueError:
        """The error for a value that does not fit. `hint` gives advice; it is not asked about a withheld value."""
        way = None
        if value is None and "text" in accepted:
            way = "None is what os.environ.get() and Config.get() return for what is not set"
        elif is_output(value):
            way = "what an Output holds is known only as it is deployed, and this is needed before"
        elif not self.withheld:
            way = hint(value)
        shown = kind_of(value) if self.withheld else told(value)
        return ValueError(f"{self.path} is {shown}: give {accepted}{f'; {way}' if way else ''}")


def is_output(value: object) -> bool:
    return isinstance(value, pulumi.Output)


def kind_of(value: object) -> str:
    """The kind of a value, without its contents."""
    kinds: list[tuple[type, str]] = [(bool, "a bool"), (int, "an int"), (float, "a float"), (str, "text")]
    for kind, name in kinds:
        if isinstance(value, kind):
            return name
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if is_output(value):
        return "an Output"
    if isinstance(value, pulumi.Resource):
        return f"the {type(value).__name__} {value.pulumi_resource_name!r}"
    return with_article(type(value).__name__)


def told(value: object) -> str:
    """A value as an error shows it: text, a number or a bool as it is (long text is cut), of anything else the kind."""
    if not isinstance(value, (bool, int, float, str)):
        return kind_of(value)
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}…{text[-1]}"


def with_article(name: str) -> str:
    return f"an {name}" if name[:1] in "AEIOaeio" else f"a {name}"


def _fields(kind: Any) -> Sequence[Field[Any]]:
    return fields(kind) if is_dataclass(kind) else ()


def names_of(kind: Any) -> set[str]:
    return {field.name for field in _fields(kind)}


def written(kind: type, value: object) -> str:
    """Example code that makes an object of a class, with its required arguments.

    The example contains the value if exactly one of its arguments is of the value's type.
    """
    needed = [one for one in _fields(kind) if one.default is MISSING and one.default_factory is MISSING]
    takes = [one.name for one in needed or _fields(kind) if str(one.type).split(" ")[0] == type(value).__name__]
    names = [one.name for one in needed] or takes[:1]
    shown = told(value) if isinstance(value, (int, str)) and len(takes) == 1 else "…"
    arguments = [f"{name}={shown if name in takes else '…'}" for name in names]
    return f"{kind.__name__}({', '.join(arguments) or ('…' if _fields(kind) else '')})"
