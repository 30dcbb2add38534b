"""What a user is told of a mistake: one sentence, and the line of their own program that made it."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Iterable
from pathlib import Path

import pulumi

_OURS = str(Path(__file__).parents[2]) + os.sep
_STANDARD = os.path.dirname(os.__file__) + os.sep
_LOOP = asyncio.Handle._run.__code__  # pyright: ignore[reportPrivateUsage]
_PACKAGES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class Refusal(ValueError, pulumi.RunError):  # noqa: N818 (what it is, not what it is made of)
    """An argument that cannot be, as `file:line: sentence`.

    A ValueError, for who makes args in a test; a RunError, of which `pulumi up` prints the line and no traceback.
    `sentence` is the text without the place.
    """

    def __init__(self, sentence: str, place: str | None = None) -> None:
        self.sentence = " ".join(sentence.split())
        super().__init__(f"{place}: {self.sentence}" if place else self.sentence)


def caller() -> str | None:
    """The `file:line` that called into this package, relative to the project; None where no file did.

    It is the innermost frame that is neither ours nor the SDK's, the standard library's or another package's.
    """
    frame = inspect.currentframe()
    # What is outside of the event loop runs the program and is no part of it.
    while frame and frame.f_code is not _LOOP:
        file = frame.f_code.co_filename
        if _is_users(file):
            return f"{_relative(file)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _is_users(file: str) -> bool:
    if file.startswith(("<", _OURS)) or any(packages in file for packages in _PACKAGES):
        return False
    # A virtual environment lies in the project, and Python itself may lie above it.
    return not file.startswith(_STANDARD)


def _relative(file: str) -> str:
    # Where args are made without a program, as in a test, the SDK has been told no root.
    told = Path(pulumi.get_root_directory() or "")
    root = told if told.is_absolute() else Path.cwd()
    path = Path(file).absolute()
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def squashed(word: str) -> str:
    """A name without what tells the ways to write it apart: `readinessProbe` and `readiness_probe` are the same."""
    return word.replace("_", "").replace("-", "").lower()


def near(word: str, known: Iterable[str], *, closest: float = 0.6) -> str | None:
    """Which of the known was meant; None where none comes close.

    `closest` is how alike they have to be, from 0 to 1. A name is close, too, to one that it starts or ends
    with, as `service_type` to `type`.
    """
    # Here, as most programs have no mistakes and need not wait for it.
    from difflib import SequenceMatcher  # noqa: PLC0415

    wanted = squashed(word)

    def likeness(one: str) -> float:
        other = squashed(one)
        shorter, longer = sorted((wanted, other), key=len)
        part = len(shorter) > 2 and (longer.startswith(shorter) or longer.endswith(shorter))
        return max(SequenceMatcher(None, wanted, other).ratio(), 0.6 if part else 0)

    best = max(known, key=likeness, default=None)
    return best if best is not None and likeness(best) >= closest else None
