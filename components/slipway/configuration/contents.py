"""What a ConfigMap or a Secret is to hold, as it is given and as it is read."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import pulumi

Content = pulumi.Input[str] | bytes | Path
Contents = dict[str, pulumi.Input[str] | bytes]
"""By key, with files read."""

MOST_BYTES = 1024 * 1024
"""What the API server takes in one ConfigMap or Secret."""


def read(contents: Mapping[str, Content], what: str) -> Contents:
    """The contents with files read and text told from bytes; refuses what is too large."""
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
