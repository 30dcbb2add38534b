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
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    # Each command imports only its own modules, so that it starts quickly.
    if asked not in {"new", "capacity"}:
        from slipway.preview.cli import app as preview  # noqa: PLC0415

        app.registered_commands += preview.registered_commands
    if asked not in {"new", "preview"}:
        from slipway.capacity.cli import app as capacity  # noqa: PLC0415

        app.registered_commands += capacity.registered_commands
    if asked not in {"preview", "capacity"}:
        from slipway.new.cli import app as new  # noqa: PLC0415

        app.registered_commands += new.registered_commands
    if asked not in {"preview", "capacity", "new"}:
        from slipway.deploy.cli import app as deploy  # noqa: PLC0415

        app.registered_commands += deploy.registered_commands
    else:
        # If there is only one command, typer would read the command's name as an argument.
        app.callback()(lambda: None)
    # What reads only may end at once. The others have something to clean up or to tell.
    if asked not in {"preview", "capacity"} and signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app(prog_name="slipway")
