"""Shapes: each checks one kind of value and describes it in errors."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import PurePath
from typing import Any

import pulumi

from slipway.parts.arguments.refusal import near, squashed
from slipway.parts.arguments.wording import Place, names_of, with_article, written


class Shape:
    """What an annotation accepts. This base class accepts anything."""

    words: Sequence[str] = ["anything"]
    """The accepted things, as an error lists them after "give"."""
    may_be_empty = False
    """Whether an argument may be ""."""
    classes: Sequence[type] = ()
    """The classes whose objects it accepts."""

    @property
    def said(self) -> str:
        *most, last = dict.fromkeys(self.words)
        return f"{', '.join(most)} or {last}" if most else last

    def fits(self, value: object) -> bool:
        """Whether the value itself is of the right kind. Its contents are not checked."""
        return True

    def check(self, value: Any, place: Place) -> Any:
        """The value, with the keys of raw fragments in the provider's snake_case. Raises ValueError if it is wrong."""
        if not self.fits(value):
            raise place.mismatch(value, self.said, self.hint)
        return value

    def hint(self, value: object) -> str | None:
        """Advice for a value that does not fit. None if there is none."""
        return None


class Later(Shape):
    """An Output or an awaitable, whose value is not known yet."""

    words = ()

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def fits(self, value: object) -> bool:
        return isinstance(value, self._kind)


class Plain(Shape):
    """Text, a number, a bool, bytes or None."""

    _SAID: Mapping[type, str] = {
        str: "text",
        int: "a whole number",
        float: "a number",
        bool: "True or False",
        bytes: "bytes",
        types.NoneType: "None",
    }

    def __init__(self, kind: type) -> None:
        self.kind = kind
        self.words = [self._SAID[kind]]

    def fits(self, value: object) -> bool:
        if isinstance(value, bool) and self.kind is not bool:
            return False
        return isinstance(value, (int, float) if self.kind is float else self.kind)

    def check(self, value: Any, place: Place) -> Any:
        super().check(value, place)
        if isinstance(value, str):
            try:
                value.encode()
            except UnicodeEncodeError:
                raise ValueError(f"{place.path} is not Unicode text: read it as UTF-8") from None
        return value

    def hint(self, value: object) -> str | None:
        if self.kind is str and isinstance(value, PurePath):
            return f"write {str(value)!r}"
        if self.kind is str and isinstance(value, bool):
            return f"write {str(value).lower()!r}"
        if self.kind is str and isinstance(value, (int, float)):
            return f"write {str(value)!r}"
        if self.kind is int and isinstance(value, str) and value.strip().removeprefix("-").isdecimal():
            return f"write {value.strip()}, without quotes"
        if self.kind is bool and isinstance(value, str) and value.strip().lower() in ("true", "false", "yes", "no"):
            return f"write {value.strip().lower() in ('true', 'yes')}"
        return None


class Choice(Shape):
    """A closed set of words."""

    def __init__(self, choices: tuple[object, ...]) -> None:
        self._choices = choices
        self.words = [repr(choice) for choice in choices]

    def fits(self, value: object) -> bool:
        return any(type(value) is type(one) and value == one for one in self._choices) or (
            isinstance(value, str) and value in self._choices
        )

    def hint(self, value: object) -> str | None:
        words = [choice for choice in self._choices if isinstance(choice, str)]
        meant = near(value, words) if isinstance(value, str) else None
        return f"did you mean {meant!r}?" if meant else None


class Instance(Shape):
    """An object of a class."""

    def __init__(self, kind: type) -> None:
        self._kind, self.classes = kind, [kind]
        self.words = [getattr(kind, "CALLED", with_article(kind.__name__))]

    def fits(self, value: object) -> bool:
        return isinstance(value, self._kind)

    def check(self, value: Any, place: Place) -> Any:
        super().check(value, place)
        # Look only at classes of the expected class's package. A subclass in the user's program may add fields.
        package = self._kind.__module__.partition(".")[0]
        ours = next((one for one in type(value).__mro__ if one.__module__.partition(".")[0] == package), self._kind)
        # Args compare by value. A component reads only the fields that it knows, so further fields would be lost.
        # Objects that compare by identity are passed on as they are.
        is_value = self._kind.__eq__ is not object.__eq__
        if is_value and (more := sorted(names_of(ours) - names_of(self._kind))):
            raise ValueError(
                f"{place.path} is {with_article(ours.__name__)}, of which {', '.join(more)} would be dropped: "
                f"give {self.said}, or make a {ours.__name__.removesuffix('Args')} of it"
            )
        return value

    def hint(self, value: object) -> str | None:
        example = getattr(self._kind, "MADE_BY", None) or written(self._kind, value)
        named = value.__name__ if isinstance(value, type) else value
        if isinstance(value, Mapping) or (isinstance(named, str) and squashed(named) == squashed(self._kind.__name__)):
            return f"write {example}"
        if part := next((name for name, one in _parts(value) if isinstance(one, self._kind)), None):
            return f"write its .{part}"
        return f"as in {example}" if is_dataclass(self._kind) else None


class Items(Shape):
    """A list. Text is refused, although Python treats it as a sequence of characters."""

    def __init__(self, item: Shape, kind: type) -> None:
        self._item, self._kind = item, kind
        self.words = [f"a list (of which each item is {item.said})"]

    def fits(self, value: object) -> bool:
        return isinstance(value, self._kind) and not isinstance(value, (str, bytes, Mapping))

    def check(self, value: Any, place: Place) -> Any:
        items = list(super().check(value, place))
        checked = [self._item.check(item, place.at(number)) for number, item in enumerate(items)]
        # An iterator can be read only once, and `list` has read it.
        return value if same(checked, items) and hasattr(value, "__len__") else checked

    def hint(self, value: object) -> str | None:
        if isinstance(value, str):
            return "write it in [ ]: text counts as the list of its characters"
        if self._item.fits(value):
            return "write it in [ ]"
        return "a set has no order" if isinstance(value, (set, frozenset)) else self._item.hint(value)


class Entries(Shape):
    """A mapping with keys that the user chooses."""

    def __init__(self, key: Shape, value: Shape) -> None:
        self._key, self._value = key, value
        self.words = [f"a dict (of which each value is {value.said})"]

    def fits(self, value: object) -> bool:
        return isinstance(value, Mapping)

    def check(self, value: Any, place: Place) -> Any:
        given: Mapping[Any, Any] = super().check(value, place)
        for key in given:
            self._key.check(key, Place(path=f"key {key!r} of {place.path}"))
        checked = {key: self._value.check(item, place.at(key)) for key, item in given.items()}
        return value if same(checked.values(), given.values()) else checked

    def hint(self, value: object) -> str | None:
        return "write its .environment()" if hasattr(value, "environment") else None


class AnyOf(Shape):
    """One of several shapes."""

    def __init__(self, arms: Sequence[Shape]) -> None:
        self._arms = arms
        self.classes = [kind for arm in arms for kind in arm.classes]
        self.words = [word for arm in arms for word in arm.words]

    def fits(self, value: object) -> bool:
        return any(arm.fits(value) for arm in self._arms)

    def check(self, value: Any, place: Place) -> Any:
        mistakes: list[ValueError] = []
        for arm in self._arms:
            if arm.fits(value):
                try:
                    return arm.check(value, place)
                except ValueError as mistake:
                    mistakes.append(mistake)
        if mistakes:
            raise mistakes[0]
        raise place.mismatch(value, self.said, self.hint)

    def hint(self, value: object) -> str | None:
        if isinstance(value, pulumi.Resource) and any(isinstance(arm, Later) for arm in self._arms):
            part = next((name for name in ("ref", "metadata", "name") if hasattr(value, name)), None)
            return part and f"write its .{'metadata.name' if part == 'metadata' else part}"
        plain = {arm.kind for arm in self._arms if isinstance(arm, Plain)}
        if plain >= {int, str} and isinstance(value, (bool, float)):
            return None
        hints = [hint for arm in self._arms if (hint := arm.hint(value))]
        # A correction is better than an example ("as in …").
        return min(hints, key=lambda hint: hint.startswith("as in"), default=None)


class Marked(Shape):
    """A shape with marks: its text may be empty (`MAY_BE_EMPTY`), or errors do not show its value (`WITHHELD`)."""

    def __init__(self, shape: Shape, *, may_be_empty: bool, withheld: bool) -> None:
        self._shape, self._withheld, self.may_be_empty = shape, withheld, may_be_empty
        self.words, self.classes = shape.words, shape.classes

    def fits(self, value: object) -> bool:
        return self._shape.fits(value)

    def check(self, value: Any, place: Place) -> Any:
        return self._shape.check(value, Place(path=place.path, withheld=place.withheld or self._withheld))


def _parts(value: object) -> Iterator[tuple[str, object]]:
    """The public instance attributes of an object."""
    return ((name, part) for name, part in getattr(value, "__dict__", {}).items() if not name.startswith("_"))


def same(checked: Iterable[object], given: Iterable[object]) -> bool:
    """Whether the check has changed no item, so that the user's own object can be passed on."""
    return all(one is other for one, other in zip(checked, given, strict=True))
