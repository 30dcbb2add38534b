"""`python -m slipway`, which the command `slipway` is."""

import sys


def main() -> None:
    """Runs the command; says in one line what to install where the packages that it needs are not there."""
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
