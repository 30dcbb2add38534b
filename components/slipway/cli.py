"""The command line: `slipway preview`, `slipway apply` and so on."""

from __future__ import annotations

import signal
import sys

import typer


def main() -> None:
    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        help="Show what the stacks of a Pulumi program would get, and take them to their cluster.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    if sys.argv[1:2] == ["preview"]:
        # An import that is interrupted would show a traceback, or forget that it was.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from slipway.preview.cli import app as preview  # noqa: PLC0415

    app.registered_commands += preview.registered_commands
    if sys.argv[1:2] != ["preview"]:
        # A preview does not wait for what only the other commands need.
        from slipway.deploy.cli import app as deploy  # noqa: PLC0415

        app.registered_commands += deploy.registered_commands
    else:
        # With one command alone, typer would take its name for an argument.
        app.callback()(lambda: None)
    app(prog_name="slipway")
