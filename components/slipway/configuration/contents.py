"""The contents of a ConfigMap or a Secret, as the program gives them and after files are read."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import pulumi

Content = pulumi.Input[str] | bytes | Path
Contents = dict[str, pulumi.Input[str] | bytes]
"""Contents by key, after files are read."""

MOST_BYTES = 1024 * 1024
"""The most bytes that the API server accepts in one ConfigMap or Secret."""


def read(contents: Mapping[str, Content], what: str) -> Contents:
    """The contents with files read, and with UTF-8 bytes as text.

    Raises ValueError for a file that cannot be read, and for contents that are too large. `what` is the word for the
    object in the error.
    """
    found: Contents = {}
    size = 0
    for key, content in contents.items():
        value = _file(content, f"{what} key {key!r}") if isinstance(content, Path) else content
        if isinstance(value, bytes):
            with contextlib.suppress(UnicodeDecodeError):
                value = value.decode()
        if isinstance(value, (str, bytes)):
            size += len(value.encode() if isinstance(value, str) else value)
            if size > MOST_BYTES:
                raise ValueError(
                    f"{what} exceeds {MOST_BYTES:,} bytes at key {key!r}, the most that Kubernetes takes in one "
                    f"object: split it, or put large files into the image or a volume"
                )
        found[key] = value
    return found


def _file(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{what}: cannot read {str(path)!r} ({error.strerror}): name a readable file") from None
