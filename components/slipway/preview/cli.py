"""The command line: `slipway preview [STACK…]`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from slipway.preview.config import load_configs
from slipway.preview.model import Severity
from slipway.preview.project import ProjectError, find_project
from slipway.preview.runner import TIMEOUT, Runs
from slipway.preview.secrets import PassphraseError
from slipway.preview.streams import ended_by_interrupts, open_missing, tell

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def preview(  # noqa: PLR0917 (typer passes them by name)
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="[STACK]...", help="The stacks to preview; all by default.")
    ] = None,
    project: Annotated[Path, typer.Option("--project", "-C", help="A folder of the Pulumi project.")] = Path(),
    format_: Annotated[
        Literal["tree", "yaml", "json", "mermaid"],
        typer.Option("--format", "-f", help="What goes to standard output: a tree, manifests, or a diagram."),
    ] = "tree",
    out: Annotated[
        Path | None, typer.Option(help="Write the manifests to this folder too, one folder a stack.")
    ] = None,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Leave secrets in the manifests that are printed and written.")
    ] = False,
    crds: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Check custom resources by the CRDs in this file or folder too; - for standard input. Repeatable.",
        ),
    ] = None,
    fail_on: Annotated[
        Literal["error", "warning", "info"], typer.Option(help="Exit with 1 for findings at or above this severity.")
    ] = "error",
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Stacks at once.")] = os.cpu_count() or 1,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="End a program that runs for longer.")
    ] = TIMEOUT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No trees: only what was found, and the sums.")] = False,
) -> None:
    """Show what each stack of a Pulumi program would get, without an engine, a cluster or a secret.

    Runs the program itself, offline. If PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE is set,
    secrets that were encrypted with that passphrase are read. They are still not shown.

    Exits with 0 when nothing is wrong, 1 for findings at or above --fail-on, 2 when a program fails.
    """
    try:
        if open_missing():
            raise ProjectError("standard output is closed: let it go to a file, or to /dev/null")
        with ended_by_interrupts():
            found = find_project(project)
            configs = load_configs(found, stacks or ())
            runs = Runs(found, configs, jobs, timeout)
            # Import these while the programs run, to save time.
            from slipway.preview import render, report  # noqa: PLC0415
            from slipway.preview.crds import read_crds  # noqa: PLC0415
            from slipway.preview.result import result_of  # noqa: PLC0415

            with report.progress(f"Running {', '.join(configs)}"):
                given = read_crds(crds or [])
                ended = {
                    run.stack: result_of(run, configs[run.stack], show_secrets=show_secrets, crds=given) for run in runs
                }
        results = [ended[name] for name in configs]
        if out:
            # Write first: a report that is printed before a failed write would look like success.
            render.write([result for result in results if not result.failed], out, private=show_secrets)
        report.show(results, format_, quiet=quiet, written=bool(out))
    except (ProjectError, PassphraseError, OSError) as error:
        tell("preview", error)
        raise typer.Exit(2) from None
    failed = any(result.failed for result in results)
    worst = max((result.worst() or 0 for result in results), default=0)
    raise typer.Exit(2 if failed else 1 if worst >= Severity[fail_on.upper()] else 0)
