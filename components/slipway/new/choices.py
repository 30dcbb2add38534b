"""What was asked for, checked before anything is written."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from slipway.images.build_context import BuildContextError, context_files
from slipway.new.errors import NewError
from slipway.parts.names import LONGEST, check_name, check_service_name
from slipway.preview.checks.image_names import parse

PORT = 8080
"""What the generated service listens on, and what is taken for others' port where nothing says another."""

# The longest of the namespaces is `<name>-staging`.
_LONGEST = LONGEST - len("-staging")
_EXPOSED = re.compile(r"^[ \t]*EXPOSE[ \t]+(\d+)(?:/tcp)?\s", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """`image` and `dockerfile` exclude each other; without either a small application of its own is written."""

    folder: Path
    """Where the project goes: an absolute path, whose last part is the project's name."""
    requirement: str | None
    """The line of `requirements.txt`; None for this version of Slipway, from the package index."""
    image: str | None
    dockerfile: Path | None
    worker: bool
    port: int

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def context(self) -> str | None:
        """The folder of the Dockerfile, as the project sees it."""
        return os.path.relpath(self.dockerfile.parent, self.folder) if self.dockerfile else None


def check_folder(folder: Path) -> None:
    """Refuses a folder that holds something, and a name that Kubernetes would refuse later. Raises NewError."""
    name = folder.name
    try:
        check_name(name, "project", longest=_LONGEST)
        check_service_name(name)
    except ValueError as error:
        meant = re.sub(r"^[^a-z]+|[^a-z0-9]+$", "", re.sub(r"[^a-z0-9]+", "-", name.lower()))[:_LONGEST].rstrip("-")
        raise NewError(f"{error}{f'; did you mean {meant}?' if meant else ''}") from None
    if folder.exists() and not folder.is_dir():
        raise NewError(f"{folder} is a file: choose another name, or move it away")
    # A repository that was just made is as good as empty.
    there = sorted(one.name for one in folder.iterdir() if one.name != ".git") if folder.exists() else []
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise NewError(f"{folder} is not empty, it has {there[0]}{more}: choose another name, or empty it first")


def check_image(image: str) -> None:
    """Refuses what names no image. Raises NewError."""
    if isinstance(fault := parse(image), str):
        raise NewError(f"--image {image!r}: {fault}")


def check_dockerfile(file: Path) -> None:
    """Refuses what cannot be built. Raises NewError."""
    if file.is_dir():
        raise NewError(f"--dockerfile {file} is a folder: did you mean {file / 'Dockerfile'}?")
    if not file.is_file():
        raise NewError(f"--dockerfile {file} is not there: name the file that your image is built from")
    try:
        context_files(file.parent, file.name)
    except BuildContextError as error:
        raise NewError(f"--dockerfile {file}: {error}") from None


def exposed_port(dockerfile: Path) -> int | None:
    """The first port of its last EXPOSE, if that is a number."""
    found = _EXPOSED.findall(dockerfile.read_text(encoding="utf-8") + "\n")
    return int(found[-1]) if found else None


def requirement(slipway: str) -> str:
    """The line of `requirements.txt` that installs Slipway from a path, a URL or the index. Raises NewError."""
    path = Path(slipway)
    if path.exists():
        return f"slipway[cli,test] @ {path.resolve().as_uri()}"
    if re.match(r"[a-z+]+://", slipway):
        return f"slipway[cli,test] @ {slipway}"
    bounds = slipway.removeprefix("slipway")
    if re.fullmatch(r"((^|,) *(==|>=|<=|~=|!=|<|>) *[0-9][0-9a-z.*+!]* *)+", bounds):
        return f"slipway[cli,test]{bounds}"
    raise NewError(
        f"--slipway {slipway!r} is neither a path that is there, nor a URL, nor a version: give a wheel or a source "
        f"folder, a URL as in git+https://…, or bounds as in '>=0.1,<0.2'"
    )


def holds_itself(choices: Choices) -> bool:
    """Whether the sources that are built contain the project, whose every change would then be a new image."""
    if not choices.dockerfile:
        return False
    context = choices.dockerfile.parent.resolve()
    if not choices.folder.is_relative_to(context):
        return False
    inside = choices.folder.relative_to(context).as_posix()
    sent = context_files(context, choices.dockerfile.name)
    return any(one.kind == "file" and one.path.startswith(f"{inside}/") for one in sent)
