"""Which project a test belongs to."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from slipway.preview.project import ProjectError, find_project

_OURS = Path(__file__).parent
_NO_PROJECT = "project"
"""What the SDK's own tests call a program that has no Pulumi.yaml."""


def folder_of_caller() -> Path:
    """The folder of the file that called into the kit; the working directory for what is in no file."""
    frame = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    while frame.f_back and Path(frame.f_code.co_filename).parent == _OURS:
        frame = frame.f_back
    file = Path(frame.f_code.co_filename)
    return file.absolute().parent if file.is_file() else Path.cwd()


@functools.cache
def project_of(folder: Path) -> tuple[Path, str]:
    """The root and the name of the nearest project at or above `folder`; where there is none, it is its own root.

    Raises ProjectError for a Pulumi.yaml that Pulumi would refuse.
    """
    if not any((above / f"Pulumi.{end}").exists() for above in (folder, *folder.parents) for end in ("yaml", "yml")):
        return folder, _NO_PROJECT
    found = find_project(folder)
    return found.root, found.name


__all__ = ["ProjectError", "folder_of_caller", "project_of"]
