"""Unknown values that a program asks for as plain Python values.

An `Output` can be unknown, but a string or a number cannot. If something stood in for it, its length, a slice
of it or a branch on it would be shown as a fact. docs/adr/0008 has the alternatives.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NoReturn

import pulumi
from pulumi.output import UNKNOWN
from pulumi.runtime import is_dry_run


class NotKnownError(BaseException):
    """The program needs a value that is unknown here. The message says which, and what to do.

    It is not an `Exception`: a program's fallback for a failure is no answer to an unknown value.
    """


class UnknownValue(pulumi.Output[Any]):
    """An unknown value. A program may pass it to a resource, an output or another value, and it is unknown there.

    Every other use in Python raises NotKnownError with the message `way_out`.
    """

    def __init__(self, way_out: str, *, secret: bool) -> None:
        super().__init__(set(), _resolved(UNKNOWN), _resolved(False), _resolved(secret))
        self._way_out = way_out
        self._kept_secret = secret

    def __getitem__(self, key: Any) -> UnknownValue:
        return UnknownValue(self._way_out, secret=self._kept_secret)

    def __getattr__(self, item: str) -> Any:
        if item.startswith("_"):
            raise AttributeError(item)
        # The program calls a method of a string, list or mapping.
        self.refuse()

    def refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise NotKnownError(self._way_out)


_OPERATIONS = (
    "str repr format bytes bool int float complex index round trunc floor ceil fspath len iter reversed contains call "
    "hash eq ne lt le gt ge neg pos abs invert enter exit reduce_ex"
).split()
_ARITHMETIC = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor".split()
for _name in (*_OPERATIONS, *_ARITHMETIC, *(f"r{name}" for name in _ARITHMETIC)):
    setattr(UnknownValue, f"__{_name}__", UnknownValue.refuse)
for _name in ("get", "format"):
    # An Output has these methods too, with another meaning.
    setattr(UnknownValue, _name, UnknownValue.refuse)


def poison(type_: Any, fields: Iterable[str]) -> None:
    """Makes `fields` of an SDK's output type unknown in a preview if they are absent.

    Reading one raises NotKnownError, so an `apply` that reads it has an unknown result. Reading other fields
    works, as with the engine, which answers a preview with what the program declares.
    """
    for name in fields:
        read = getattr(type_, name).fget
        # Keep what the SDK has noted on the getter. Exports use `_pulumi_deprecated_callable` to skip the check.
        checked: Any = functools.wraps(read)(_known(name, read))
        checked._pulumi_deprecated_callable = read
        setattr(type_, name, property(checked))
    getitem, get, names = type_.__getitem__, type_.get, frozenset(fields)

    def checked_getitem(self: Any, key: Any) -> Any:
        return _present(key, get(self, key)) if key in names else getitem(self, key)

    def checked_get(self: Any, key: Any, default: Any = None) -> Any:
        return _present(key, get(self, key)) if key in names else get(self, key, default)

    type_.__getitem__, type_.get = checked_getitem, checked_get


def _known(name: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda self: _present(name, read(self))


def _present(name: str, value: Any) -> Any:
    if value is None and is_dry_run():
        raise NotKnownError(f"only the cluster sets {name}, so it is unknown here")
    return value


def let_applies_be_unknown(fields: Iterable[str]) -> None:
    """Makes the result of an `apply` unknown if its function needs an unknown value.

    The SDK has no types for custom resources: their metadata are plain mappings. There, a KeyError for one of
    `fields` counts as an unknown value.
    """
    output: Any = pulumi.Output
    original = output.apply
    absent = frozenset(fields)

    @functools.wraps(original)
    def apply(self: Any, func: Callable[[Any], Any], run_with_unknowns: bool = False) -> Any:
        def tried(value: Any) -> Any:
            try:
                result = func(value)
            except NotKnownError:
                return UNKNOWN
            except KeyError as error:
                metadata = is_dry_run() and isinstance(value, dict) and "name" in value
                if metadata and absent.intersection(error.args) - value.keys():
                    return UNKNOWN
                raise
            return _awaited(result) if inspect.isawaitable(result) else result

        return original(self, tried, run_with_unknowns)

    output.apply = apply


async def _awaited(result: Awaitable[Any]) -> Any:
    try:
        return await result
    except NotKnownError:
        return UNKNOWN


def _resolved(value: Any) -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
    future.set_result(value)
    return future
