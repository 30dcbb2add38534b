"""The command line: `slipway capacity [STACK…]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from slipway.capacity.asked import Asked, Scenario, scenarios
from slipway.capacity.cluster import Cluster
from slipway.capacity.model import CapacityError
from slipway.capacity.nodes import read_cluster
from slipway.preview.config import StackConfig, load_configs
from slipway.preview.project import Project, ProjectError, find_project
from slipway.preview.runner import TIMEOUT, Runs
from slipway.preview.secrets import PassphraseError
from slipway.preview.streams import emit, ended_by_interrupts, open_missing, tell

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

CONTEXT = "context"
"""The value of `--nodes` that asks the stack's own cluster."""


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def capacity(  # noqa: PLR0917 (typer passes them by name)
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="[STACK]...", help="The stacks to ask for; all by default.")
    ] = None,
    nodes: Annotated[
        str | None,
        typer.Option(
            "--nodes",
            "-n",
            metavar="FILE|context",
            help="A file with nodes, by hand or from `kubectl get nodes -o json` (- is standard input), or `context` "
            "for the cluster that the stack names. By default nodes.<stack>.yaml beside the stack's file.",
        ),
    ] = None,
    pods: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="What runs there already, from `kubectl get pods -A -o json` (- is standard input)."
        ),
    ] = None,
    project: Annotated[Path, typer.Option("--project", "-C", help="A folder of the Pulumi project.")] = Path(),
    model: Annotated[
        Literal["scheduler", "share"],
        typer.Option(help="Who chooses among the nodes that take a pod: kube-scheduler's scores, or the least share."),
    ] = "scheduler",
    lose: Annotated[int, typer.Option(min=0, metavar="N", help="Lose any N nodes, and any zone, at the maximum.")] = 0,
    smallest: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND", help="How many nodes of this kind of the file are enough, with the others as they are."
        ),
    ] = None,
    optimal: Annotated[
        bool, typer.Option("--optimal", help="Ask a solver whether any placement could hold it.")
    ] = False,
    format_: Annotated[
        Literal["text", "json"], typer.Option("--format", "-f", help="What goes to standard output.")
    ] = "text",
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCENARIO",
            help="Exit with 1 if it does not fit: declared, minimum, maximum (default), rollout, lost, or never.",
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="End a program that runs for longer.")
    ] = TIMEOUT,
) -> None:
    """Say whether each stack's pods fit on the nodes, before anything is deployed.

    Renders the stacks offline, as `slipway preview` does. Asks no cluster, unless --nodes is `context`.

    Exits with 0 when everything fits at the maximum, 1 when it does not, 2 when the question cannot be answered.
    """
    try:
        if open_missing():
            raise ProjectError("standard output is closed: let it go to a file, or to /dev/null")
        with ended_by_interrupts():
            found = find_project(project)
            configs = load_configs(found, stacks or ())
            asked = Asked(lose=lose, smallest=smallest or [], optimal=optimal)
            failing = scenarios(fail_on or [Scenario.MAXIMUM])
            clusters = _clusters(found, configs, nodes, pods)
            for cluster in clusters.values():
                asked.check(cluster)
            runs = Runs(found, configs, os.cpu_count() or 1, timeout)
            # Import these while the programs run, to save time.
            from slipway.capacity import asking, report  # noqa: PLC0415

            ended = {run.stack: (run, configs[run.stack], clusters[run.stack]) for run in runs}
            answers = asking.answers(ended, model=model, asked=asked)
        ordered = [answers[name] for name in configs]
        if format_ == "json":
            emit(sys.stdout, report.as_json(ordered))
        else:
            report.show(ordered)
    except ModuleNotFoundError as error:
        tell("capacity", f"{error.name} is not installed: pip install 'slipway[capacity]'")
        raise typer.Exit(2) from None
    except (CapacityError, ProjectError, PassphraseError, OSError) as error:
        tell("capacity", error)
        raise typer.Exit(2) from None
    raise typer.Exit(1 if any(one.fails(failing) for one in ordered) else 0)


def _clusters(
    project: Project, configs: dict[str, StackConfig], nodes: str | None, pods: str | None
) -> dict[str, Cluster]:
    """The nodes to place each stack's pods on."""
    if nodes == CONTEXT:
        from slipway.capacity.live import live_cluster  # noqa: PLC0415 (it imports Pulumi)

        if pods is not None:
            raise CapacityError(f"--pods {pods}: with `--nodes {CONTEXT}`, the cluster itself is asked: leave it out")
        return {stack: live_cluster(project, config, stack) for stack, config in configs.items()}
    if nodes is not None:
        # Standard input can be read only once.
        return dict.fromkeys(configs, read_cluster(nodes, pods))
    return {stack: _own(project, stack, pods) for stack in configs}


def _own(project: Project, stack: str, pods: str | None) -> Cluster:
    """The nodes in the file beside the stack's."""
    file = project.config_dir / f"nodes.{stack}.yaml"
    if not file.exists():
        raise CapacityError(
            f"there are no nodes for stack {stack!r}: write {project.shown(file)}, or give --nodes a file, or "
            f"`--nodes {CONTEXT}` for the cluster that the stack names"
        )
    return read_cluster(project.shown(file), pods, folder=project.root)
