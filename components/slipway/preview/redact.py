"""Keeps the secret strings that a stack was given out of what is shown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

from slipway.preview.model import SECRET, Placeholder, Registration, Secret, StackRun

_SHORTEST = 4
"""Shorter strings are everywhere by chance; masking them would hide a file and protect nothing."""

_WORDS = frozenset(("true", "false", "null"))


def redacted(run: StackRun, plaintexts: Iterable[str]) -> StackRun:
    """The run with every secret value replaced by a stand-in, wherever the program has put it.

    What the program marked secret is a secret by its wrapper. A secret that it took as plain text,
    printed or put into a name or an error is found by its value, as it is or in an encoding.
    """
    known = _worth_hiding(plaintexts)
    marked = {text for one in run.registrations for text in _secret_strings([one.inputs, one.outputs])}
    hide = _Hider(_forms(known | _worth_hiding(marked)), known)
    return replace(
        run,
        registrations=[hide.registration(one) for one in run.registrations],
        diagnostics=[replace(said, message=hide.text(said.message)) for said in run.diagnostics],
    )


def revealed(registration: Registration) -> Registration:
    """The registration with its secrets in clear, for whoever asked to see them."""
    return replace(registration, inputs=in_clear(registration.inputs))


def in_clear(value: Any) -> Any:
    """The value without its `Secret` wrappers, at any depth."""
    match value:
        case Secret():
            return in_clear(value.value)
        case dict():
            return {key: in_clear(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [in_clear(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


class _Hider:
    """Hides each of `forms` wherever it is in a string, and numbers that are written as one of `numbers`."""

    def __init__(self, forms: list[str], numbers: set[str]) -> None:
        self._forms = re.compile("|".join(map(re.escape, forms)) or "(?!)")
        self._numbers = numbers

    def text(self, text: str) -> str:
        return self._forms.sub(SECRET, text)

    def value(self, value: Any) -> Any:
        match value:
            case Secret():
                return _masked(value.value)
            case str():
                shown = self.text(value)
                return value if value in (shown, SECRET) else Placeholder(shown)
            case int() | float():
                return SECRET if str(value) in self._numbers else value
            case dict():
                return {self.value(key): self.value(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
            case list():
                return [self.value(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
            case _:
                return value

    def registration(self, registration: Registration) -> Registration:
        shown = {name: self.value(getattr(registration, name)) for name in ("inputs", "outputs")}
        # A resource may bear a secret in its name, and then it and its children do in their URNs.
        named = {name: self.text(getattr(registration, name)) for name in ("urn", "parent", "name")}
        return replace(registration, **shown, **named)


def _masked(value: Any) -> Any:
    """A secret's shape with nothing in it: which keys a Secret has is no secret."""
    match value:
        case dict():
            return {key: _masked(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [_masked(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return SECRET


def _secret_strings(value: Any, *, inside: bool = False) -> set[str]:
    """The strings inside `Secret` wrappers at any depth."""
    match value:
        case Secret():
            return _secret_strings(value.value, inside=True)
        case Placeholder():
            return set()
        case str():
            return {value} if inside else set()
        case dict():
            parts = value.values()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        case list():
            parts = value  # pyright: ignore[reportUnknownVariableType]
        case _:
            return set()
    return {text for part in parts for text in _secret_strings(part, inside=inside)}  # pyright: ignore[reportUnknownVariableType]


def _worth_hiding(strings: Iterable[str]) -> set[str]:
    return {text for text in strings if len(text) >= _SHORTEST and text not in _WORDS}


def _forms(secrets: set[str]) -> list[str]:
    """Each secret as it may appear; the longest first, as one may be part of another."""
    return sorted({form for secret in secrets for form in _encoded(secret)}, key=lambda form: (-len(form), form))


def _encoded(secret: str) -> Iterator[str]:
    """As it is, line by line, and as it stands in JSON, in Python, in a URL and in Base64."""
    yield secret
    yield from (line for line in secret.splitlines() if len(line) >= 2 * _SHORTEST)
    yield from (json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False))
    yield repr(secret)[1:-1]
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    data = secret.encode()
    yield base64.b64encode(data).decode()
    for before in range(3):
        # With others around it, all but the digits at the ends, which hold bits of these as well.
        digits = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        inner = digits[(0, 2, 3)[before] : len(digits) - ((before + len(data)) % 3 > 0)]
        if len(inner) > _SHORTEST:
            yield inner
            yield inner.translate({ord("+"): "-", ord("/"): "_"})
