"""Finds charts whose templates call `lookup`, which asks the cluster for existing objects."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

_CALL = re.compile(rb"\{\{[^}]*\blookup\b")
LOOKS_UP = (
    "its templates ask the cluster for objects (lookup), and find none here: a deployment may make something else"
)


def looks_up(chart: Path) -> bool:
    """Whether a chart (a folder or an archive), or a chart inside it, calls `lookup`."""
    return any(_CALL.search(text) for text in _templates(chart))


def _templates(chart: Path) -> Iterator[bytes]:
    if chart.is_dir():
        for file in chart.rglob("*"):
            if file.suffix == ".tgz":
                yield from _templates(file)
            elif file.is_file() and "templates" in file.relative_to(chart).parts:
                yield file.read_bytes()
    elif chart.is_file() and tarfile.is_tarfile(chart):
        with tarfile.open(chart) as archive:
            for member in archive:
                if "/templates/" in member.name and (text := archive.extractfile(member)):
                    yield text.read()
