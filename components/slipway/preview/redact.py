"""Hides the secret strings of a stack in everything that is shown."""

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
"""Shorter strings occur everywhere by chance. Masking them would hide a whole file and protect nothing."""

_WORDS = frozenset(("true", "false", "null"))


def redacted(run: StackRun, plaintexts: Iterable[str]) -> StackRun:
    """The run with a stand-in for every secret value, wherever the program has put it.

    A `Secret` wraps what the program marked secret. A program may also take a secret as plain text and print it
    or put it into a name or an error. Such a secret is found by its value, plain or encoded.
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
    """Replaces each of `forms` wherever it occurs in a string, and numbers whose text is one of `numbers`."""

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
        # A resource may have a secret in its name. Then its URN and its children's URNs have it too.
        named = {name: self.text(getattr(registration, name)) for name in ("urn", "parent", "name")}
        aliases = tuple(map(self.text, registration.aliases))
        return replace(registration, **shown, **named, aliases=aliases)


def _masked(value: Any) -> Any:
    """A secret with its keys but without its values: the keys of a Secret are not secret."""
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
    """Each secret in all its encodings, the longest first, because one form may be part of another."""
    return sorted({form for secret in secrets for form in _encoded(secret)}, key=lambda form: (-len(form), form))


def _encoded(secret: str) -> Iterator[str]:
    """The secret unchanged, line by line, and in JSON, Python, URL and Base64 encoding."""
    yield secret
    yield from (line for line in secret.splitlines() if len(line) >= 2 * _SHORTEST)
    yield from (json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False))
    yield repr(secret)[1:-1]
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    data = secret.encode()
    yield base64.b64encode(data).decode()
    for before in range(3):
        # In the middle of other Base64, the digits at both ends also hold bits of their neighbours: leave them out.
        digits = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        inner = digits[(0, 2, 3)[before] : len(digits) - ((before + len(data)) % 3 > 0)]
        if len(inner) > _SHORTEST:
            yield inner
            yield inner.translate({ord("+"): "-", ord("/"): "_"})
