"""`python -m cluster …`: see --help."""

import argparse
import json
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import cluster
from cluster import base_images, kind, native
from cluster.binaries import CONTAINERD, CONTROLLERS, Cache
from cluster.errors import ClusterError
from cluster.layout import Layout
from cluster.shell import run, tail_of


def say(line: str) -> None:
    print(line, flush=True)


def facts(layout: Layout) -> dict[str, Any]:
    """The facts about the cluster that `up` wrote for others. Raises ClusterError if no cluster is up."""
    if not layout.facts.exists():
        raise ClusterError("no cluster is up; `make cluster` makes one")
    return json.loads(layout.facts.read_text())


def up(layout: Layout, _: argparse.Namespace) -> int:
    (kind if kind.is_here(layout) or kind.is_available() else native).up(layout, say)
    return 0


def down(layout: Layout, _: argparse.Namespace) -> int:
    (kind if kind.is_here(layout) else native).down(layout, say)
    return 0


def status(layout: Layout, _: argparse.Namespace) -> int:
    return 0 if (kind if kind.is_here(layout) else native).status(layout, say) else 1


def home(layout: Layout, _: argparse.Namespace) -> int:
    say(native.home_in_use() or str(layout.home))
    return 0


def env(layout: Layout, _: argparse.Namespace) -> int:
    known = facts(layout)
    exports = {
        "KUBECONFIG": known["kubeconfig"],
        "DOCKER_HOST": known["docker_host"],
        "REGISTRY": known["registry"],
    }
    if known["provider"] == native.PROVIDER:
        # Debian's engine is too old for the usual BuildKit client.
        exports["DOCKER_BUILDKIT"] = "0"
    for name, value in exports.items():
        say(f"export {name}={shlex.quote(value)}")
    return 0


def logs(layout: Layout, given: argparse.Namespace) -> int:
    found = sorted(layout.logs.glob(f"{given.name or '*'}.log"))
    if not found:
        raise ClusterError(f"no log of {given.name or 'anything'} in {layout.logs}")
    for log in found:
        say(tail_of(log, given.lines))
    return 0


def restart(layout: Layout, given: argparse.Namespace) -> int:
    if kind.is_here(layout):
        raise ClusterError("a kind cluster's daemons are kind's to restart")
    native.restart(layout, given.name, say)
    return 0


def images(layout: Layout, given: argparse.Namespace) -> int:
    base_images.make(facts(layout)["docker_host"], go=given.go, runtime=given.runtime, python=given.python)
    return 0


def load(layout: Layout, given: argparse.Namespace) -> int:
    engine = {"DOCKER_HOST": facts(layout)["docker_host"]}
    with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
        run(["docker", "save", "--output", archive.name, *given.names], timeout=300, env=engine)
        if kind.is_here(layout):
            run(["kind", "load", "image-archive", "--name", kind.NAME, archive.name], timeout=300)
        else:
            ctr = Cache(layout, say).programs((CONTAINERD,))["ctr"]
            address = ["--address", layout.containerd_socket, "--namespace", "k8s.io"]
            run([ctr, *address, "images", "import", archive.name], timeout=300)
    return 0


def controllers(layout: Layout, _: argparse.Namespace) -> int:
    # What is being built goes where errors go: the output is for programs.
    cache = Cache(layout, lambda line: print(line, file=sys.stderr, flush=True))
    say(json.dumps({name: str(path) for name, path in cache.programs(CONTROLLERS).items()}))
    return 0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m cluster", description=cluster.__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, function: Callable[[Layout, argparse.Namespace], int], about: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(function=function)
        return added

    command("up", up, "make the cluster, or find it running")
    command("down", down, "end it and leave nothing behind")
    command("status", status, "how each part is; exit code 0 if all is well, else 1")
    command("home", home, "the folder of the cluster that this machine runs, or else the one that `up` would use")
    command("env", env, "the exports that point other tools at it, for eval")
    log = command("logs", logs, "the last lines of each part's log")
    log.add_argument("name", nargs="?")
    log.add_argument("-n", "--lines", type=int, default=12)
    again = command("restart", restart, "restart one daemon, as `status` names them")
    again.add_argument("name")
    base = command("base-images", images, "make base images, where none can be pulled")
    base.add_argument("--go", metavar="NAME", help="a Go toolchain, under this name")
    base.add_argument("--runtime", metavar="NAME", help="nearly nothing, and a user `nonroot`")
    base.add_argument("--python", metavar="NAME", help="a Python with pip, under this name")
    loaded = command("load", load, "give the node images of the engine, under their names, as if it had pulled them")
    loaded.add_argument("names", nargs="+", metavar="NAME")
    command("controllers", controllers, "build Traefik and cert-manager, and print their paths as JSON")
    given = parser.parse_args(argv)
    return given.function(Layout.from_environment(), given)


def _stop(number: int, _: object) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    # A terminated `up` must end what it started, as an interrupted one does.
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except ClusterError as failure:
        print(f"cluster: {failure}", file=sys.stderr)
        sys.exit(1)
    except (KeyboardInterrupt, subprocess.SubprocessError) as failure:
        print(f"cluster: stopped {failure}", file=sys.stderr)
        sys.exit(130)
