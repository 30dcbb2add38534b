"""The decorator `@checked`, which checks the arguments of args classes, components and functions.

It raises a `refusal.Refusal` before the callable runs if an argument is unknown, missing or of the wrong type. The
error is one sentence with the line of the user's program. A ValueError from the callable becomes a Refusal too.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, cast

import pulumi

from slipway.parts.arguments.annotations import shape_of
from slipway.parts.arguments.refusal import Refusal, caller, near
from slipway.parts.arguments.shapes import Shape
from slipway.parts.arguments.wording import Place

T = TypeVar("T")


def checked(one: T) -> T:
    """Decorates a function or a class so that it refuses arguments that do not fit their annotations.

    For a class, this covers `__init__` and the public members. Put it above `@dataclass`. A subclass needs its own
    `@checked`.
    """
    if not inspect.isclass(one):
        function = cast("Callable[..., Any]", one)
        return cast("T", _checking(function, _Call(function.__name__, function)))
    if is_dataclass(one) and cast("Any", one).__dataclass_params__.frozen:
        one.__setattr__ = _unchangeable
    for name, member in list(vars(one).items()):
        if name == "__init__":
            called = _Call(one.__name__, member, bound=True, kind=one)
            setattr(one, name, _checking(member, called))
        elif name.startswith("_"):
            continue
        elif inspect.isfunction(member):
            setattr(one, name, _checking(member, _Call(name, member, bound=True)))
        elif isinstance(member, classmethod):
            function = cast("Any", member).__func__
            setattr(one, name, classmethod(_checking(function, _Call(name, function, bound=True))))
        elif isinstance(member, property) and member.fget:
            setattr(
                one, name, property(_checking(member.fget, _Call(name, member.fget, bound=True)), doc=member.__doc__)
            )
    return one


def _unchangeable(self: object, name: str, _: object) -> None:
    what = type(self).__name__
    sentence = f"{what}.{name} cannot be set once it is made: make another with dataclasses.replace(…, {name}=…)"
    raise Refusal(sentence, caller())


def is_checked(function: object) -> bool:
    return hasattr(function, "__checked__")


def _checking(function: Callable[..., Any], call: _Call) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*given: Any, **named: Any) -> Any:
        try:
            return function(*given[: call.bound], **call.accepted(given[call.bound :], named))
        except Refusal:
            raise
        except ValueError as error:
            refused = str(error)
        raise Refusal(refused, caller())

    wrapper.__dict__["__checked__"] = call
    return wrapper


class _Call:
    """Checks calls of one function. A `bound` function has `self` or `cls` as its first parameter."""

    def __init__(
        self, name: str, function: Callable[..., Any], *, bound: bool = False, kind: type | None = None
    ) -> None:
        self.bound = int(bound)
        self._name, self._function, self._kind = name, function, kind
        self._shapes: dict[str, Shape] = {}

    @functools.cached_property
    def taken(self) -> Mapping[str, inspect.Parameter]:
        return dict(list(inspect.signature(self._function).parameters.items())[self.bound :])

    def shape(self, argument: str) -> Shape:
        """What an argument accepts. Its annotation is evaluated on first use."""
        if argument not in self._shapes:
            annotation = self.taken[argument].annotation
            self._shapes[argument] = shape_of(annotation, vars(sys.modules[self._home(argument)]))
        return self._shapes[argument]

    def _home(self, argument: str) -> str:
        """The module that contains the annotation. A dataclass may inherit the field from a class in another module."""
        for kind in self._kind.__mro__ if self._kind else ():
            if argument in inspect.get_annotations(kind):
                return kind.__module__
        return self._function.__module__

    def accepted(self, given: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """The checked arguments by name. Raises ValueError if one is unknown, missing, given twice or does not fit."""
        by_place = [name for name, one in self.taken.items() if one.kind is not one.KEYWORD_ONLY]
        if len(given) > len(by_place):
            raise ValueError(self._too_many(given, by_place))
        arguments = dict(zip(by_place, given, strict=False))
        for name, value in named.items():
            if name not in self.taken:
                raise ValueError(self._unknown(name))
            if name in arguments:
                raise ValueError(f"{self._name} got {name} twice, by place and by name: leave one out")
            arguments[name] = value
        if missing := [
            f"{name} ({self.shape(name).said})"
            for name, one in self.taken.items()
            if one.default is one.empty and name not in arguments
        ]:
            raise ValueError(f"{self._name} needs {' and '.join(missing)}: give {'them' if missing[1:] else 'it'}")
        return {name: self._check(name, value) for name, value in arguments.items()}

    def _check(self, name: str, value: Any) -> Any:
        shape = self.shape(name)
        if isinstance(value, str) and not value.strip() and not shape.may_be_empty and shape.fits(value):
            raise ValueError(f"{self._name}: {name} is empty: give {shape.said}{self._or_leave_out(name)}")
        return shape.check(value, Place(path=f"{self._name}: {name}"))

    def _or_leave_out(self, name: str) -> str:
        return "" if self.taken[name].default is inspect.Parameter.empty else ", or leave it out"

    def _too_many(self, given: Sequence[Any], by_place: Sequence[str]) -> str:
        if by_place:
            most = f"takes {', '.join(by_place)} by place and got {len(given)} arguments so"
            return f"{self._name} {most}: leave out what is too much, or name it"
        example = next(iter(self.taken), None)
        if example is None:
            return f"{self._name} takes no arguments: write {self._name}()"
        return f"{self._name} takes its arguments by name alone: write them as in {example}=…"

    def _unknown(self, name: str) -> str:
        text = f"{self._name} has no argument {name!r}"
        for kind in self.shape("args").classes if "args" in self.taken else ():
            if is_dataclass(kind) and name in {field.name for field in fields(kind)}:
                return f"{text}: it is one of {kind.__name__}"
        if "opts" in self.taken and hasattr(pulumi.ResourceOptions(), name):
            return f"{text}: write opts=pulumi.ResourceOptions({name}=…)"
        if name == "name" and self._name.endswith("Args"):
            return f"{text}: a name goes to the {self._name.removesuffix('Args')} that is made from it"
        if meant := near(name, self.taken):
            return f"{text}: did you mean {meant!r}?"
        return f"{text}: it takes {', '.join(self.taken) or 'none'}"
