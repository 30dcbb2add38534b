"""`python -m client …`: see --help."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial

import urllib3
from kubernetes.client.exceptions import ApiException

from . import __doc__ as about
from . import rollout, show
from .cluster import Cluster, connect
from .errors import EXIT_CODES, NO_CLUSTER, ClientError, error_of
from .objects import IMAGE, ensure

COMMANDS = {
    "ensure": "find each of the three objects, or create it",
    "status": "print a table of their status",
    "forward": "give the Deployment --image, or restart its pods, and wait",
    "back": "give the Deployment its former revision, and wait",
    "events": "print their events as they come",
    "tour": "ensure, forward and back, then the status and the events of this",
}


def run(given: argparse.Namespace, cluster: Cluster) -> None:
    def roll(said: str) -> None:
        show.say(f"Deployment {said}")
        rollout.wait(cluster, given.timeout, partial(show.say, progress=True))
        show.say("Deployment is rolled out")

    steps = ("ensure", "forward", "back", "status", "events") if given.command == "tour" else (given.command,)
    since = cluster.now() if "events" in steps else ""
    for step in steps:
        match step:
            case "ensure":
                for line in ensure(cluster, given.image or IMAGE):
                    show.say(line)
            case "forward":
                roll(rollout.forward(cluster, given.image))
            case "back":
                roll(rollout.back(cluster))
            case "status":
                show.status(cluster)
            case _:
                show.events(cluster.events(since, given.seconds))


def parser() -> argparse.ArgumentParser:
    codes = "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items())
    made = argparse.ArgumentParser(prog="client", description=about, epilog=f"exit codes: {codes}")
    made.add_argument("--namespace", help="default: that of the context, or of the pod")
    made.add_argument("--context", help="default: the current context of the kubeconfig")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, does in COMMANDS.items():
        added = commands.add_parser(name, help=does, description=does)
        if name in ("ensure", "forward", "tour"):
            added.add_argument("--image", help=f"default: {IMAGE} for what is created, else the one that is there")
        if name in ("forward", "back", "tour"):
            added.add_argument("--timeout", type=float, default=300, help="seconds for each rollout (default: 300)")
        if name in ("events", "tour"):
            default = 1.0 if name == "tour" else float("inf")
            added.add_argument("--seconds", type=float, default=default, help=f"of events (default: {default:g})")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # else it tells of each retry
    try:
        try:
            run(given, connect(given.context, given.namespace))
        except ApiException as error:
            raise error_of(error) from None
        except urllib3.exceptions.HTTPError as error:
            said = f"no answer from the API server ({getattr(error, 'reason', None) or error})"
            raise ClientError(NO_CLUSTER, f"{said}: see whether it runs, or use --context") from None
    except ClientError as error:
        return _fail(error.code, str(error))
    except KeyboardInterrupt:
        return _fail(130, "stopped: a rollout that has begun goes on, see `status`")
    except BrokenPipeError:  # as in `client events | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def _fail(code: int, message: str) -> int:
    show.clear()
    print(f"client: {message}", file=sys.stderr)
    return code


def _stop(_: int, __: object) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)  # The first process of a container has no default handler.
    sys.exit(main())
