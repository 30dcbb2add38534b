"""The stand-in in a recording for a value that only a deployment knows."""

from __future__ import annotations

from typing import Any, NoReturn

from slipway.preview.model import COMPUTED, Placeholder, Secret

ONLY_A_DEPLOYMENT = "only a deployment knows it"


class UnknownError(AssertionError):
    """A test checks a value that is unknown without a deployment. The message says which value."""


class Unknown:
    """A value that only a deployment knows. A test can only compare it with `UNKNOWN`, or with another `Unknown`.

    Any other comparison raises UnknownError, and so do its truth, its length and its parts. Otherwise an assertion
    could pass without a value. `text` is what a preview shows, such as `http://<computed>/`.
    """

    __slots__ = ("_where", "_why", "text")

    def __init__(self, text: str, where: str = "the value", why: str = ONLY_A_DEPLOYMENT) -> None:
        self.text = text
        self._where = where
        self._why = why

    def __repr__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        __tracebackhide__ = True
        if isinstance(other, Placeholder):
            return self.text == other
        if isinstance(other, Unknown):
            # UNKNOWN equals every value that is unknown in part or as a whole.
            return self.text == other.text or UNKNOWN is self or UNKNOWN is other
        return self._refuse()

    def __ne__(self, other: object) -> bool:
        __tracebackhide__ = True
        return not self == other

    def __hash__(self) -> int:
        __tracebackhide__ = True
        return self._refuse()

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):
            # Python looks these up to copy or show a value.
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        __tracebackhide__ = True
        raise UnknownError(
            f"{self._where} is {self.text}: {self._why}. To assert just that, compare it with slipway.testing.UNKNOWN"
        )


# Code that uses one of these methods expects a known value.
for _name in (
    "bool str format bytes int float complex index len iter next contains getitem call lt le gt ge "
    "add radd sub rsub mul rmul mod rmod truediv rtruediv neg abs round fspath"
).split():
    setattr(Unknown, f"__{_name}__", Unknown._refuse)  # pyright: ignore[reportPrivateUsage]

UNKNOWN = Unknown(COMPUTED)
"""Equals every unknown value: `assert recording.outputs["url"] == UNKNOWN`."""


def without_placeholders(value: Any, where: str, why: str = ONLY_A_DEPLOYMENT, path: str = "") -> Any:
    """Copy plain data, with an `Unknown` in place of each placeholder.

    `where` names the owner of the data, and `path` the place in it. Both are for error messages.
    """
    match value:
        case Placeholder():
            return Unknown(str(value), f"{where} {path.lstrip('.')}".strip(), why)
        case dict():
            return {key: without_placeholders(part, where, why, f"{path}.{key}") for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [without_placeholders(part, where, why, f"{path}[{n}]") for n, part in enumerate(value)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case Secret():
            return Secret(without_placeholders(value.value, where, why, path))
        case _:
            return value
