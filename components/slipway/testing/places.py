"""Finds the project that a test belongs to."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from slipway.preview.project import ProjectError, find_project

_OURS = Path(__file__).parent
_NO_PROJECT = "project"
"""The project name without a Pulumi.yaml, as in the SDK's own tests."""


def folder_of_caller() -> Path:
    """The folder of the file that called `slipway.testing`; the working directory if the code is in no file."""
    frame = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    while frame.f_back and Path(frame.f_code.co_filename).parent == _OURS:
        frame = frame.f_back
    file = Path(frame.f_code.co_filename)
    return file.absolute().parent if file.is_file() else Path.cwd()


@functools.cache
def project_of(folder: Path) -> tuple[Path, str]:
    """The root and the name of the nearest project at or above `folder`. Without a project, `folder` is the root.

    Raises ProjectError for a Pulumi.yaml that Pulumi would refuse.
    """
    if not any((above / f"Pulumi.{end}").exists() for above in (folder, *folder.parents) for end in ("yaml", "yml")):
        return folder, _NO_PROJECT
    found = find_project(folder)
    return found.root, found.name


__all__ = ["ProjectError", "folder_of_caller", "project_of"]
