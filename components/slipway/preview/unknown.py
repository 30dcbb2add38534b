"""What nobody knows here, where the program asks for it as a plain Python value.

An `Output` can be unknown, a string or a number cannot: whatever stood in for one, its length, a slice
of it or a branch taken on it would be shown as a fact. docs/adr/0008 says what was weighed.
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
    """The program needs a value that is not known here; the message says which, and the way out.

    No `Exception`: what a program does where something fails is no answer to what is not known.
    """


class UnknownValue(pulumi.Output[Any]):
    """Goes into a resource, an output or another value as it is, and is unknown there.

    All else that Python can do with a value raises NotKnownError, with `way_out` for its message.
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
        # A method of the string, the list or the mapping for which the program takes it.
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
    # An Output has these as well, and they mean something else there.
    setattr(UnknownValue, _name, UnknownValue.refuse)


def poison(type_: Any, fields: Iterable[str]) -> None:
    """Makes the absence of one of `fields` in a mapping of an SDK's output type unknown, in a preview.

    Who reads one gets NotKnownError, and the `apply` that reads it an unknown result. What reads others
    only is known, as with the engine, which answers a preview with what is stated of an object.
    """
    for name in fields:
        read = getattr(type_, name).fget
        # With all that the SDK has noted of the getter, and the way past it to what there is, for an export.
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
        raise NotKnownError(f"{name} is set by the cluster alone, so that nobody knows it here")
    return value


def let_applies_be_unknown(fields: Iterable[str]) -> None:
    """Makes the result of an `apply` unknown whose function needs what is not known.

    Of kinds that somebody defined the SDK has no types: their metadata are plain mappings, of which the
    lack of one of `fields` is a KeyError.
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
