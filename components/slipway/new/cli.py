"""The command line: `slipway new NAME`."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from slipway.new import choices as choosing
from slipway.new.choices import PORT, Choices, holds_itself
from slipway.new.errors import NewError
from slipway.new.project import files_of
from slipway.new.writing import write

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def new(
    name: Annotated[
        str | None,
        typer.Argument(help="The project's name, or a path that ends with it; `.` is this folder, if it is empty."),
    ] = None,
    *,
    image: Annotated[
        str | None, typer.Option(metavar="REF", help="An image that there is already; nothing is built.")
    ] = None,
    dockerfile: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Build this one, with its folder as the context.")
    ] = None,
    worker: Annotated[bool, typer.Option("--worker", help="Nobody calls it: no port and no Service.")] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="What your image listens on; else EXPOSE says it, or 8080.")
    ] = None,
    slipway: Annotated[
        str | None,
        typer.Option(metavar="SPEC", help="Where to install Slipway from: a wheel, a folder, a URL, or '>=0.1,<0.2'."),
    ] = None,
) -> None:
    """Start a project of your own: an app, three stacks, tests and CI.

    Without --image and --dockerfile it comes with a small service, which you replace. It asks for
    what it cannot guess, and for nothing where there is no terminal.
    """
    try:
        made = _chosen(name, image, dockerfile, port, slipway, worker=worker)
        files = files_of(made)
        write(made.folder, files)
    except (NewError, OSError) as error:
        coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        typer.secho(f"new: {error}", err=True, fg="red" if coloured else None)
        raise typer.Exit(1) from None
    _tell(made, files)


def _chosen(
    name: str | None, image: str | None, dockerfile: Path | None, port: int | None, slipway: str | None, *, worker: bool
) -> Choices:
    """Check all options, and only then ask for missing ones. Raises NewError."""
    if image and dockerfile:
        raise NewError(f"--image {image} and --dockerfile {dockerfile} exclude each other: is it built here or not?")
    if port and worker:
        raise NewError(f"--port {port} and --worker exclude each other: nobody calls a worker")
    if port and not image and not dockerfile:
        raise NewError(f"--port {port} is for an image of yours: name it by --image or --dockerfile")
    if image:
        choosing.check_image(image)
    if dockerfile:
        choosing.check_dockerfile(dockerfile)
        port = port or choosing.exposed_port(dockerfile)
    requirement = choosing.requirement(slipway) if slipway else None
    if name is None:
        if not _somebody_there():
            raise NewError("the name is missing: slipway new <name>")
        name = str(typer.prompt("Name"))
    folder = Path(os.path.abspath(name))
    choosing.check_folder(folder)
    if (image or dockerfile) and not port and not worker and _somebody_there():
        port = int(typer.prompt("Port that it listens on", default=PORT, type=int))
        if not 1 <= port <= 65535:
            raise NewError(f"port {port} is none: 1 to 65535 are")
    return Choices(
        folder=folder,
        requirement=requirement,
        image=image,
        dockerfile=dockerfile.resolve() if dockerfile else None,
        worker=worker,
        port=port or PORT,
    )


# A line about each part, the most important first.
_PARTS = {
    "stacks/": "the environments: base.py is what they share",
    "app/": "a small one to start from, with its Dockerfile",
    "tests/": "what must hold in every environment",
    "Makefile": "preview, test, apply, up, down",
    ".github/workflows/ci.yml": "tests and previews every pull request, without a credential",
}


def _tell(choices: Choices, files: Iterable[str]) -> None:
    where = os.path.relpath(choices.folder)
    typer.echo(f"{choices.name} is in {where}: one program for dev, staging and prod")
    for part, text in _PARTS.items():
        if any(file.startswith(part) for file in files):
            typer.echo(f"  {part:<26}{text}")
    if holds_itself(choices):
        ignored = f"{choices.context}/.dockerignore"
        typer.echo(f"The sources hold {choices.name} too: name it in {ignored}, or each change of it is a new image.")
    typer.echo("Next:")
    if where != ".":
        typer.echo(f"  cd {shlex.quote(where)}")
    typer.echo("  make preview")
    typer.echo("  make test")
    typer.echo("  make apply      (when stacks/Pulumi.dev.yaml names your cluster)")


def _somebody_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
