"""What people see. Colours and a line that is rewritten are for terminals alone."""

import os
import sys
from collections.abc import Iterable

from . import rollout
from .cluster import Cluster, Json
from .errors import MISSING, ClientError
from .objects import NAMES, find

GREEN, YELLOW, RED = 32, 33, 31


def say(text: str, *, progress: bool = False) -> None:
    """Prints a line. On a terminal, it takes the place of a line of progress."""
    clear()
    print(text, end="" if progress and sys.stdout.isatty() else "\n", flush=True)


def clear() -> None:
    """Clears a line of progress."""
    if sys.stdout.isatty():
        print("\r\x1b[K", end="", flush=True)


def status(cluster: Cluster) -> None:
    """The table of the three. Raises ClientError if one is missing."""
    found = {kind: find(cluster, kind) for kind in NAMES}
    say(f"{'KIND':10}  {'NAME':13}  {'READY':7}  DETAILS")
    for kind, body in found.items():
        ready, details, colour = _state(kind, body) if body else ("missing", "", RED)
        say(f"{kind:10}  {NAMES[kind]:13}  {_coloured(f'{ready:7}', colour)}  {details}".rstrip())
    if missing := [f"{kind} {NAMES[kind]}" for kind, body in found.items() if not body]:
        said = f"{', '.join(missing)} not found in namespace {cluster.namespace}"
        raise ClientError(MISSING, f"{said}: create what is missing with `ensure`")


def events(changes: Iterable[Json]) -> None:
    """The events of the three, and of the pods and ReplicaSets that the Deployment makes."""
    for event in (change["object"] for change in changes if change["type"] != "DELETED"):
        of, message = event["involvedObject"], " ".join(event.get("message", "").split())
        if of["name"].startswith(tuple(NAMES.values())):
            text = f"{event['reason']:18} {of['kind']} {of['name']}: {message}"
            say(_coloured(text, YELLOW if event["type"] == "Warning" else None))


def _state(kind: str, body: Json) -> tuple[str, str, int | None]:
    spec, state = body["spec"], body["status"]
    if kind == "Service":
        ports = ", ".join(f"{one['port']} to {one['targetPort']}" for one in spec["ports"])
        return "-", f"{spec['clusterIP']}, {ports}", None
    if kind == "Pod":
        states: list[Json] = state.get("containerStatuses", [])
        ready, wanted = sum(one["ready"] for one in states), len(spec["containers"])
        reasons = [one["state"].get("waiting", {}).get("reason", state["phase"]) for one in states]
        details = ", ".join([*reasons, *(one["image"] for one in spec["containers"])])
        return f"{ready}/{wanted}", details, GREEN if ready == wanted else YELLOW
    done, words = rollout.progress(body)
    images = ", ".join(one["image"] for one in spec["template"]["spec"]["containers"])
    ready = f"{state.get('readyReplicas', 0)}/{spec['replicas']}"
    return ready, f"revision {rollout.revision(body)}, {words}, {images}", GREEN if done else YELLOW


def _coloured(text: str, colour: int | None) -> str:
    plain = colour is None or not sys.stdout.isatty() or os.environ.get("NO_COLOR")
    return text if plain else f"\x1b[{colour}m{text}\x1b[0m"
