"""Writes to standard output and error, whether a terminal, a pipe, ASCII only, or closed by the reader."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from collections.abc import Generator
from typing import TextIO

import typer

# Characters that control a terminal: control characters, line separators, and those that reorder the text
# around them. Lone surrogates, which no encoding can write, are here too.
_OBEYED = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_OBEYED_BUT_LINES = re.compile(_OBEYED.pattern.replace("\0-\x1f", "\0-\x08\x0b-\x1f"))

_LEFT_RAW = re.compile(_OBEYED.pattern.replace("\0-\x1f", ""))


def visible(text: str) -> str:
    """`text` in one line, with an escape such as `\\x1b` for each character that would control a terminal."""
    return _OBEYED.sub(_escape, text)


def visible_lines(text: str, indent: str) -> str:
    """Like `visible`, but keeps lines and tabs. `indent` comes before each line except the first."""
    return _OBEYED_BUT_LINES.sub(_escape, text.replace("\r\n", "\n")).replace("\n", f"\n{indent}")


def has_obeyed(text: str) -> bool:
    """Whether `text` has a character that must be escaped, other than a line feed or a tab."""
    return bool(_OBEYED_BUT_LINES.search(text))


def escaped(written: str) -> str:
    """JSON or YAML with an escape for each such character. They may only occur within double quotes."""
    return _LEFT_RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def is_unicode(stream: TextIO) -> bool:
    """Whether `stream` can write every character."""
    return (stream.encoding or "").lower().startswith("utf")


def emit(stream: TextIO, text: str) -> None:
    """Writes `text`, with escapes for what the stream cannot encode. Does nothing if the reader has gone."""
    try:
        stream.write(text if is_unicode(stream) else _encodable(text, stream.encoding or "ascii"))
        stream.flush()
    except BrokenPipeError:
        # Python would write the rest of the buffer at exit, and fail with another exit code.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def tell(command: str, error: object) -> None:
    """Says on standard error why a command ends: in red on a terminal, unless the user wants no colours."""
    coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    typer.secho(f"{command}: {visible(str(error))}", err=True, fg="red" if coloured else None)


def open_missing() -> bool:
    """Opens the standard streams that this process was started without; returns whether output was missing.

    Otherwise the next file that is opened would take their place and get their output.
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
    """Ends this process at once on an interrupt, with exit code 130 and the terminal restored.

    Python turns an interrupt into an exception. Code that swallows all exceptions, such as what runs after a
    fork, would lose it while a user waits at the keyboard.
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
