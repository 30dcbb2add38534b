"""Writes to standard output and error, be they a terminal, a pipe, ASCII alone, or closed by their reader."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from collections.abc import Generator
from typing import TextIO

# What a terminal obeys instead of showing it: the control characters, line separators, those that
# reorder the text around them; and what no encoding can write.
_OBEYED = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_OBEYED_BUT_LINES = re.compile(_OBEYED.pattern.replace("\0-\x1f", "\0-\x08\x0b-\x1f"))

_LEFT_RAW = re.compile(_OBEYED.pattern.replace("\0-\x1f", ""))


def visible(text: str) -> str:
    """`text` in one line, with an escape such as `\\x1b` for each character that a terminal would obey."""
    return _OBEYED.sub(_escape, text)


def visible_lines(text: str, indent: str) -> str:
    """As `visible`, with the lines and tabs of `text` kept; `indent` comes before each but the first."""
    return _OBEYED_BUT_LINES.sub(_escape, text.replace("\r\n", "\n")).replace("\n", f"\n{indent}")


def has_obeyed(text: str) -> bool:
    """Whether `text` has a character other than a line feed or a tab that must not be written as it is."""
    return bool(_OBEYED_BUT_LINES.search(text))


def escaped(written: str) -> str:
    """JSON or YAML that has such characters within double quotes alone, with an escape for each."""
    return _LEFT_RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def is_unicode(stream: TextIO) -> bool:
    """Whether every character can be written to `stream`."""
    return (stream.encoding or "").lower().startswith("utf")


def emit(stream: TextIO, text: str) -> None:
    """Writes all of `text`: what the stream's encoding lacks as escapes, and nothing to a reader that has gone."""
    try:
        stream.write(text if is_unicode(stream) else _encodable(text, stream.encoding or "ascii"))
        stream.flush()
    except BrokenPipeError:
        # What is left in its buffer would be written at the end of the process, and change its exit code.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def open_missing() -> bool:
    """Gives this process the standard streams that it was started without; whether output was among them.

    The next file that is opened would take their place, and get what is meant for them.
    """
    without_output = sys.stdout is None  # pyright: ignore[reportUnnecessaryComparison]
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(descriptor, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    return without_output


@contextlib.contextmanager
def ended_by_interrupts() -> Generator[None]:
    """Ends this process at once when it is interrupted, with 130 and the terminal as it was.

    The exception that Python makes of an interrupt is lost where it comes in the middle of what
    swallows all, such as what runs after a fork; and somebody waits at the keyboard.
    """

    def end(_number: int, _frame: object) -> None:
        if os.isatty(2):
            os.write(2, b"\r\x1b[2K\x1b[?25h")
        os._exit(128 + signal.SIGINT)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler if before is signal.SIG_DFL else before)


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, errors="backslashreplace").decode(encoding)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    short = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
