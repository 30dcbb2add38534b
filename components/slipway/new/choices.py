"""The choices for a new project, checked before anything is written."""

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
"""The port of the generated service, and the default port of the user's own image."""

# The longest namespace is `<name>-staging`.
_LONGEST = LONGEST - len("-staging")
_EXPOSED = re.compile(r"^[ \t]*EXPOSE[ \t]+(\d+)(?:/tcp)?\s", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The choices for a project. Give `image`, `dockerfile` or neither, for a small example application."""

    folder: Path
    """The absolute path of the project. Its last part is the project's name."""
    requirement: str | None
    """The line of `requirements.txt`; None for this version of Slipway from the package index."""
    image: str | None
    dockerfile: Path | None
    worker: bool
    port: int

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def context(self) -> str | None:
        """The folder of the Dockerfile, relative to the project."""
        return os.path.relpath(self.dockerfile.parent, self.folder) if self.dockerfile else None


def check_folder(folder: Path) -> None:
    """Raise NewError for a folder that is not empty, and for a name that Kubernetes would refuse later."""
    name = folder.name
    try:
        check_name(name, "project", longest=_LONGEST)
        check_service_name(name)
    except ValueError as error:
        meant = re.sub(r"^[^a-z]+|[^a-z0-9]+$", "", re.sub(r"[^a-z0-9]+", "-", name.lower()))[:_LONGEST].rstrip("-")
        raise NewError(f"{error}{f'; did you mean {meant}?' if meant else ''}") from None
    if folder.exists() and not folder.is_dir():
        raise NewError(f"{folder} is a file: choose another name, or move it away")
    # A new Git repository counts as empty.
    there = sorted(one.name for one in folder.iterdir() if one.name != ".git") if folder.exists() else []
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise NewError(f"{folder} is not empty, it has {there[0]}{more}: choose another name, or empty it first")


def check_image(image: str) -> None:
    """Raise NewError for an invalid image reference."""
    if isinstance(fault := parse(image), str):
        raise NewError(f"--image {image!r}: {fault}")


def check_dockerfile(file: Path) -> None:
    """Raise NewError for a Dockerfile that cannot be built."""
    if file.is_dir():
        raise NewError(f"--dockerfile {file} is a folder: did you mean {file / 'Dockerfile'}?")
    if not file.is_file():
        raise NewError(f"--dockerfile {file} is not there: name the file that your image is built from")
    try:
        context_files(file.parent, file.name)
    except BuildContextError as error:
        raise NewError(f"--dockerfile {file}: {error}") from None


def exposed_port(dockerfile: Path) -> int | None:
    """The first port of the last EXPOSE with a port number; None if there is none."""
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
    """Whether the image's sources contain the project itself. Each change of the project would then be a new image."""
    if not choices.dockerfile:
        return False
    context = choices.dockerfile.parent.resolve()
    if not choices.folder.is_relative_to(context):
        return False
    inside = choices.folder.relative_to(context).as_posix()
    sent = context_files(context, choices.dockerfile.name)
    return any(one.kind == "file" and one.path.startswith(f"{inside}/") for one in sent)
