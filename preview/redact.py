"""Keeps the secret strings that a stack was given out of what is shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from preview.model import SECRET, Placeholder, Registration, Secret, StackRun

_SHORTEST = 4
"""Shorter strings are everywhere by chance; masking them would hide a file and protect nothing."""


def redacted(run: StackRun, plaintexts: Iterable[str]) -> StackRun:
    """The run with every secret value replaced by a stand-in, wherever the program has put it.

    What the program marked secret is a secret by its wrapper. A secret that it took as plain text,
    printed or put into an error is found by its value, plain or in Base64.
    """
    hide = _Hider(_forms({*plaintexts, *_secret_strings([r.inputs for r in run.registrations])}))
    return replace(
        run,
        registrations=[hide.registration(one) for one in run.registrations],
        diagnostics=[replace(said, message=hide.text(said.message)) for said in run.diagnostics],
    )


def revealed(registration: Registration) -> Registration:
    """The registration with its secrets in clear, for whoever asked to see them."""
    return replace(registration, inputs=_unwrapped(registration.inputs))


def _unwrapped(value: Any) -> Any:
    match value:
        case Secret():
            return _unwrapped(value.value)
        case dict():
            return {key: _unwrapped(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [_unwrapped(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


class _Hider:
    def __init__(self, hidden: list[str]) -> None:
        self._hidden = hidden

    def text(self, text: str) -> str:
        for secret in self._hidden:
            text = text.replace(secret, SECRET)
        return text

    def value(self, value: Any) -> Any:
        match value:
            case Secret():
                return _masked(value.value)
            case Placeholder():
                return value
            case str():
                shown = self.text(value)
                return value if shown == value else Placeholder(shown)
            case dict():
                return {key: self.value(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
            case list():
                return [self.value(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
            case _:
                return value

    def registration(self, registration: Registration) -> Registration:
        shown = {name: self.value(getattr(registration, name)) for name in ("inputs", "outputs")}
        return replace(registration, **shown)


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


def _forms(secrets: set[str]) -> list[str]:
    """Each secret as it may appear; the longest first, as one may be part of another."""
    long = {secret for secret in secrets if len(secret) >= _SHORTEST}
    encoded = {base64.b64encode(secret.encode()).decode() for secret in long}
    lines = {line for secret in long for line in secret.splitlines() if len(line) >= 2 * _SHORTEST}
    return sorted(long | encoded | lines, key=len, reverse=True)
