"""Keeps a program's output apart from the preview's own output."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable, Generator
from typing import BinaryIO

_MOST = 1 << 20
"""Bytes of a program's output that are shown. The output goes to disk, so that an endless one does not fill memory."""


@contextlib.contextmanager
def captured() -> Generator[Callable[[], str]]:
    """Collects what this process and its children print. The yielded function returns the text so far."""
    streams = (sys.stdout, sys.stderr)

    def flush() -> None:
        for stream in streams:
            stream.flush()

    with tempfile.TemporaryFile() as file:
        kept = {descriptor: os.dup(descriptor) for descriptor in {1, 2, *(stream.fileno() for stream in streams)}}
        flush()
        for stream in streams:
            if isinstance(stream, io.TextIOWrapper):
                # Line buffering is what Pulumi uses: output of child processes then appears in order. The encoding
                # is independent of the preview's own output, so that no program fails for what it prints.
                stream.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
        for descriptor in kept:
            os.dup2(file.fileno(), descriptor)

        def printed() -> str:
            flush()
            return _text(file)

        try:
            yield printed
        finally:
            flush()
            for descriptor, copy in kept.items():
                os.dup2(copy, descriptor)
                os.close(copy)


def _text(file: BinaryIO) -> str:
    size = file.seek(0, os.SEEK_END)
    # Read by offset, because the program may still write at the file's own position.
    first = os.pread(file.fileno(), _MOST if size <= _MOST else _MOST // 2, 0)
    text = first.decode(errors="replace")
    if size > _MOST:
        last = os.pread(file.fileno(), _MOST // 2, size - _MOST // 2)
        text += f"\n… {size - _MOST} bytes are left out …\n{last.decode(errors='replace')}"
    return text.strip()
