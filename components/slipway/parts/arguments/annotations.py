"""Turns a type annotation into a `Shape`, which checks values.

No library for run-time checks can do this. `pulumi.Input[str]` contains the forward reference `Output[T]`: the
libraries either fail on it or ignore it (docs/adr/0011-args-check-themselves.md).
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from functools import cache
from typing import (
    Annotated,
    Any,
    ForwardRef,
    Literal,
    NotRequired,
    Required,
    Union,
    cast,
    get_args,
    get_origin,
    is_typeddict,
)

import pulumi

from slipway.parts.arguments.refusal import near, squashed
from slipway.parts.arguments.shapes import (
    AnyOf,
    Choice,
    Entries,
    Instance,
    Items,
    Later,
    Marked,
    Plain,
    Shape,
    same,
)
from slipway.parts.arguments.wording import Place, told

MAY_BE_EMPTY = "may be empty"
"""Marks text that may be "", as in `Annotated[str, MAY_BE_EMPTY]`. Without the mark, empty text is refused."""

WITHHELD = "withheld"
"""Marks a secret value, as in `Annotated[str, WITHHELD]`. Errors do not show it."""

_ALIKE = 0.85
"""How similar an unknown key has to be to a known field to count as a typing error, from 0 to 1.

A less similar key counts as a field of a newer API.
"""


def shape_of(annotation: Any, names: Mapping[str, Any]) -> Shape:
    """The shape of an annotation. `names` are the names of its module. Raises NameError for an unknown name."""
    if isinstance(annotation, ForwardRef):
        annotation = annotation.__forward_arg__
        if annotation == "Output[T]":  # `pulumi.Input` contains this reference in every module.
            return Later(pulumi.Output)
    if isinstance(annotation, str):
        annotation = eval(annotation, dict(names))
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Required, NotRequired):
        return shape_of(inner[0], names)
    if origin is Annotated:
        marks = inner[1:]
        return Marked(shape_of(inner[0], names), may_be_empty=MAY_BE_EMPTY in marks, withheld=WITHHELD in marks)
    if origin in (Union, types.UnionType):
        return AnyOf([shape_of(arm, names) for arm in inner])
    if origin is Literal:
        return Choice(inner)
    return _of_class(origin or annotation, inner, names)


def _of_class(kind: Any, inner: Sequence[Any], names: Mapping[str, Any]) -> Shape:
    if kind in (Any, object):
        return Data()
    if kind in (None, str, int, float, bool, bytes, types.NoneType):
        return Plain(kind or types.NoneType)
    if not inspect.isclass(kind):
        raise TypeError(
            f"{kind} is an annotation that nothing checks: teach slipway/parts/arguments/annotations.py what it means"
        )
    if is_typeddict(kind):
        return Fragment(kind)
    if issubclass(kind, (pulumi.Output, Awaitable)):
        return Later(cast("type", kind))
    if inner and issubclass(kind, Mapping):
        return Entries(shape_of(inner[0], names), shape_of(inner[1], names))
    if inner and issubclass(kind, Iterable):
        return Items(shape_of(inner[0], names), cast("type", Sequence if issubclass(kind, Sequence) else kind))
    return Instance(kind)


class Fragment(Shape):
    """A dict of the provider's fields. Its keys are in the provider's snake_case or in the API's camelCase.

    An unknown key is passed on, since a newer API may have the field. A key that looks like a typing error of a known
    field is refused. The value None removes a field.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._keys = {squashed(key): key for key in kind.__annotations__}
        self.words = ["a dict of the provider's fields"]

    def fits(self, value: object) -> bool:
        return isinstance(value, Mapping) or _is_provider_args(value)

    def check(self, value: Any, place: Place) -> Any:
        super().check(value, place)
        # The SDK's args classes store their values under the same keys as the SDK's dicts.
        given: Mapping[Any, Any] = cast("Any", value if isinstance(value, Mapping) else vars(value))
        checked: dict[str, Any] = {}
        for key, item in given.items():
            name = self._name(key, place)
            if name in checked:
                raise ValueError(f"{place.path} has {name!r} twice, also as {key!r}: leave one out")
            checked[name] = self._below(name).check(item, place.at(key)) if item is not None else None
        if value is given and checked.keys() == given.keys() and same(checked.values(), given.values()):
            return given
        return checked

    def _name(self, key: object, place: Place) -> str:
        if not isinstance(key, str):
            raise ValueError(f"{place.path} has the key {told(key)}: give the provider's fields by name")
        known = self._keys.get(squashed(key))
        if known and (key == known or "_" not in key):
            return known
        if meant := near(key, self._keys.values(), closest=_ALIKE):
            raise ValueError(f"{place.path} has no field {key!r}: did you mean {meant!r}?")
        return key

    def _below(self, name: str) -> Shape:
        if name in self._keys.values():
            return _shape_of_key(self._kind, name)
        return Data()


class Data(Shape):
    """Any value that a manifest can hold, or an Output or awaitable of one."""

    words = ("text, a number, True, False, None, a list or a dict of these",)

    def fits(self, value: object) -> bool:
        known = (str, bool, int, float, types.NoneType, list, tuple, Mapping, Awaitable, pulumi.Output)
        return isinstance(value, known) or _is_provider_args(value)

    def check(self, value: Any, place: Place) -> Any:
        data: Any = super().check(value, place)
        if isinstance(value, (list, tuple)):
            self._each(enumerate(cast("Sequence[Any]", value)), place)
        elif isinstance(value, Mapping):
            self._each(cast("Mapping[Any, Any]", value).items(), place)
        return data

    def _each(self, items: Iterable[tuple[Any, Any]], place: Place) -> None:
        for key, item in items:
            self.check(item, place.at(key))


@cache
def _shape_of_key(kind: Any, name: str) -> Shape:
    return shape_of(kind.__annotations__[name], vars(sys.modules[kind.__module__]))


def _is_provider_args(value: object) -> bool:
    return hasattr(type(value), "_pulumi_input_type")
