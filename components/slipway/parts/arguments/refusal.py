"""The error for a wrong argument: one sentence, and the line of the user's program that caused it."""

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
    """An argument is wrong. The message is `file:line: sentence`; `sentence` is the text without the place.

    It is a ValueError, so that tests can expect one. It is also a RunError, so that `pulumi up` prints it without a
    traceback.
    """

    def __init__(self, sentence: str, place: str | None = None) -> None:
        self.sentence = " ".join(sentence.split())
        super().__init__(f"{place}: {self.sentence}" if place else self.sentence)


def caller() -> str | None:
    """The `file:line` that called into this package, relative to the project. None if no file of the user did.

    It is the innermost frame outside this package, the standard library and all installed packages.
    """
    frame = inspect.currentframe()
    # Frames outside the event loop belong to what runs the program, not to the program.
    while frame and frame.f_code is not _LOOP:
        file = frame.f_code.co_filename
        if _is_users(file):
            return f"{_relative(file)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _is_users(file: str) -> bool:
    if file.startswith(("<", _OURS)) or any(packages in file for packages in _PACKAGES):
        return False
    # No comparison with the project's folder or Python's prefix: a virtual environment may be inside the project, and
    # the project may be inside Python's prefix.
    return not file.startswith(_STANDARD)


def _relative(file: str) -> str:
    # Without a Pulumi program, as in a test, the SDK knows no root directory.
    told = Path(pulumi.get_root_directory() or "")
    root = told if told.is_absolute() else Path.cwd()
    path = Path(file).absolute()
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def squashed(word: str) -> str:
    """A name in lower case without `_` and `-`: `readinessProbe` and `readiness_probe` become the same."""
    return word.replace("_", "").replace("-", "").lower()


def near(word: str, known: Iterable[str], *, closest: float = 0.6) -> str | None:
    """The known name that is most similar to `word`. None if no name is similar enough.

    `closest` is the similarity that is needed, from 0 to 1. If one name starts or ends with the other, as
    `service_type` and `type` do, the similarity is at least 0.6.
    """
    # Imported here because only programs with a mistake need it.
    from difflib import SequenceMatcher  # noqa: PLC0415

    wanted = squashed(word)

    def likeness(one: str) -> float:
        other = squashed(one)
        shorter, longer = sorted((wanted, other), key=len)
        part = len(shorter) > 2 and (longer.startswith(shorter) or longer.endswith(shorter))
        return max(SequenceMatcher(None, wanted, other).ratio(), 0.6 if part else 0)

    best = max(known, key=likeness, default=None)
    return best if best is not None and likeness(best) >= closest else None
