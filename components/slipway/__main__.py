"""The entry point of `python -m slipway` and of the command `slipway`."""

import signal
import sys


def main() -> None:
    """Runs the command. If a package that it needs is missing, prints one line that says what to install."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Else Ctrl-C during an import would show a traceback, or be lost.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from slipway.cli import main as command  # noqa: PLC0415 (what it imports may be missing)

        command()
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if not missing or missing.partition(".")[0] == "slipway":
            raise
        sys.stderr.write(f"slipway: the command needs {missing}, which is not here: pip install 'slipway[cli]'\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
