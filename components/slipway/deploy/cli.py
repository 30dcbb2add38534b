"""The command line: `slipway image|release|diff|apply|up|adopt|down STACK`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from slipway.deploy import pulumi
from slipway.deploy.adopting import adopted
from slipway.deploy.applying import apply as apply_rendered
from slipway.deploy.applying import remove
from slipway.deploy.building import make
from slipway.deploy.differences import differences
from slipway.deploy.errors import DeployError
from slipway.deploy.images import builds, pushed, releases
from slipway.deploy.local_registry import with_local_registry
from slipway.deploy.nodes import nodes_of
from slipway.deploy.releases import lock
from slipway.deploy.rendered import Stack, find_stack, render, render_with_digests
from slipway.deploy.target import targets_of
from slipway.images.release import LOCK_FILE

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help=__doc__)

StackName = Annotated[str, typer.Argument(metavar="STACK", help="The stack, as in stacks/Pulumi.<stack>.yaml.")]
Folder = Annotated[Path, typer.Option("--project", "-C", help="A folder of the Pulumi project.")]

_console = Console(highlight=False, soft_wrap=True, markup=False)


@app.command()
def image(stack: StackName, project: Folder = Path()) -> None:
    """Build and push the images that the stack declares, unless they exist already.

    Without a registry, the images are loaded into the nodes of a cluster of kind, k3d or minikube.
    """
    with _one_line():
        found = _find(project, stack)
        rendered = render(found)
        registrations = rendered.registrations
        for build in builds(registrations):
            done = make(build, found.folder, rendered.build_secrets.get(build.urn, {}))
            if not build.push and (nodes := nodes_of(found)):
                nodes.load(build.reference)
                done += f", and loaded into the nodes of {nodes.context}"
            _console.print(f"{build.reference}: {done}")
        pushed(registrations)
        for release in releases(registrations):
            _console.print(f"{release.reference}: was released before")


@app.command()
def release(stack: StackName, project: Folder = Path()) -> None:
    """Write the stack's images into the image lock file, as their registry has them now.

    The file is images.lock.yaml beside the stack's file. Commit it: stacks that promote run these images.
    """
    with _one_line():
        found = _find(project, stack)
        released = pushed(render(found).registrations)
        if not released:
            raise DeployError(f"stack {stack!r} pushes no image that could be released: give it a registry")
        file = found.project.config_dir / LOCK_FILE
        lock(released, file)
        for one in released:
            _console.print(f"{one.reference} is in {file.relative_to(found.project.root)}")


@app.command()
def apply(
    stack: StackName,
    project: Folder = Path(),
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the rollout.")] = 300,
) -> None:
    """Deploy the stack with kubectl, wait for the rollout and print the addresses.

    Secrets come from the stack's file, if PULUMI_CONFIG_PASSPHRASE opens it, or from the
    environment: SLIPWAY_SECRET_API_TOKEN is the secret slipway:apiToken.
    """
    with _one_line():
        for line in apply_rendered(render_with_digests(_find(project, stack)), timeout, _console.print):
            _console.print(line)


@app.command()
def diff(stack: StackName, project: Folder = Path()) -> None:
    """Show what `apply` would change in the cluster, and which pods it would replace. Writes nothing."""
    with _one_line():
        differences(render_with_digests(_find(project, stack)), _console.print)


@app.command()
def adopt(stack: StackName, project: Folder = Path()) -> None:
    """After a `pulumi up` that took over objects of kubectl or Helm: hand the engine the fields that those declared.

    The engine can then remove them. `apply` does this by itself. Changes no object, only who owns its fields.
    """
    with _one_line():
        handed = adopted(render(find_stack(project, stack)), _console.print)
        _console.print(f"{handed} objects had fields of kubectl or Helm")


# Unknown options are passed to pulumi: `make up STACK=dev ARGS="--target …"`.
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(context_settings=_PASSED_ON)
def up(context: typer.Context, stack: StackName, project: Folder = Path()) -> None:
    """Deploy the stack with `pulumi up`. Unknown options are passed to it."""
    with _one_line():
        found = find_stack(project, stack)
        targets_of(found, _console.print)
        raise typer.Exit(pulumi.run(found, "up", context.args))


@app.command(context_settings=_PASSED_ON)
def down(context: typer.Context, stack: StackName, project: Folder = Path()) -> None:
    """Remove what `apply` or `up` has made of the stack, and wait until it is gone.

    Unknown options are passed to `pulumi destroy`. With any, only what `up` has made is removed.
    """
    with _one_line():
        found = find_stack(project, stack)
        # Without kubectl, nothing can have been applied from this machine. An option such as --preview-only would be
        # lost here, and everything deleted.
        by_kubectl = shutil.which("kubectl") and not context.args
        if by_kubectl and remove(found, _console.print):
            _console.print(f"{stack} is gone")
        elif pulumi.is_there() and pulumi.exists(found):
            if not by_kubectl:
                targets_of(found, _console.print)
            raise typer.Exit(pulumi.run(found, "destroy", context.args))
        elif context.args:
            raise DeployError(
                f"{context.args[0]} is for `pulumi destroy`, and pulumi has no stack {stack!r}: leave it out to remove "
                "what `apply` has made"
            )
        elif pulumi.is_there():
            _console.print(f"there is nothing of {stack}")
        else:
            _console.print(
                f"`apply` has made nothing of {stack}; what `up` has made, only pulumi knows, and it is not on the PATH"
            )


def _find(project: Path, name: str) -> Stack:
    """The stack. If it names no registry, it gets the one that its cluster offers."""
    stack, registry = with_local_registry(find_stack(project, name))
    if registry:
        _console.print(f"registry {registry}, as the cluster offers it")
    return stack


@contextmanager
def _one_line() -> Generator[None]:
    try:
        yield
    except DeployError as error:
        coloured = _is_terminal() and not os.environ.get("NO_COLOR")
        typer.secho(f"deploy: {error}", err=True, fg="red" if coloured else None)
        raise typer.Exit(1) from None


def _is_terminal() -> bool:
    return sys.stderr.isatty()
