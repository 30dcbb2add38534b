"""The command line: `python -m deploy image|apply|up|down STACK`."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy import pulumi
from deploy.applying import apply as apply_rendered
from deploy.applying import remove
from deploy.errors import DeployError
from deploy.images import builds, make
from deploy.rendered import find_stack, render
from deploy.target import target

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help=__doc__)

StackName = Annotated[str, typer.Argument(metavar="STACK", help="The stack, as in stacks/Pulumi.<stack>.yaml.")]
Folder = Annotated[Path, typer.Option("--project", "-C", help="A folder of the Pulumi project.")]

_console = Console(highlight=False, soft_wrap=True, markup=False)


@app.command()
def image(stack: StackName, project: Folder = Path()) -> None:
    """Build and push the images that the stack declares, where they are not there yet."""
    with _one_line():
        found = find_stack(project, stack)
        for build in builds(render(found).registrations):
            _console.print(f"{build.reference}: {make(build, found.folder)}")


@app.command()
def apply(
    stack: StackName,
    project: Folder = Path(),
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the rollout.")] = 300,
) -> None:
    """Deploy the stack with kubectl, wait for the rollout and print the addresses.

    Secrets come from the stack's file, under the passphrase in PULUMI_CONFIG_PASSPHRASE, or from
    the environment: SLIPWAY_SECRET_API_TOKEN is the secret slipway:apiToken.
    """
    with _one_line():
        for line in apply_rendered(render(find_stack(project, stack)), timeout, _console.print):
            _console.print(line)


@app.command()
def up(stack: StackName, project: Folder = Path()) -> None:
    """Deploy the stack with `pulumi up`."""
    with _one_line():
        found = find_stack(project, stack)
        target(found)
        raise typer.Exit(pulumi.run(found, "up"))


@app.command()
def down(stack: StackName, project: Folder = Path()) -> None:
    """Remove what `apply` or `up` has made of the stack, and wait till it is gone."""
    with _one_line():
        found = find_stack(project, stack)
        if remove(found, _console.print):
            _console.print(f"{stack} is gone")
        elif pulumi.exists(found):
            raise typer.Exit(pulumi.run(found, "destroy"))
        else:
            _console.print(f"there is nothing of {stack}")


@contextmanager
def _one_line() -> Generator[None]:
    try:
        yield
    except DeployError as error:
        typer.secho(f"deploy: {error}", err=True, fg="red" if sys.stderr.isatty() else None)
        raise typer.Exit(1) from None
