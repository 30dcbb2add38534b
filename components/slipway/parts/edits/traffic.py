"""Which edits of Services are refused: those after which nobody would answer for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slipway.parts.edits.objects import Body, namespace_of, part


def service_refused(was: Body, body: Body, there: Sequence[Body]) -> str | None:
    """A Service keeps its address, or its lack of one, and the names of its ports. It turns only to existing pods."""
    name = body["metadata"]["name"]
    before, now = part(was, "spec").get("clusterIP") == "None", part(body, "spec").get("clusterIP") == "None"
    if before != now:
        return (
            f"service {name!r} {'has no address' if before else 'has an address'} and cannot "
            f"{'get one' if before else 'lose it'}: it would be deleted and made anew; make a Service of another name, "
            f"move its callers, and then drop this one"
        )
    before_names, names = _names(was), _names(body)
    for port in sorted(before_names.keys() & names.keys()):
        if before_names[port] != names[port]:
            return (
                f"port {port[0]} of service {name!r} {_called(names[port])} and {_called(before_names[port], 'had')}, "
                f"and for about a second nobody would answer: keep it, in `spec` of the Service if need be, or make a "
                f"Service of another name, move its callers, and then drop this one"
            )
    selector = part(body, "spec", "selector")
    former = part(was, "spec", "selector")
    if not selector or not former or selector == former or namespace_of(was) != namespace_of(body):
        return None
    if any(_runs(one, selector) and namespace_of(one) == namespace_of(body) for one in there):
        return None
    return (
        f"service {name!r} would turn from the pods with {_told(former)} to those with {_told(selector)}, of which "
        f"there are none yet, and nobody would answer meanwhile: deploy the new workload beside the old one first, "
        f"then turn the Service, and then drop the old one"
    )


def _names(service: Body) -> Mapping[tuple[int, str], str | None]:
    """The names of its ports. A proxy finds the pods of a port by its name, and learns of both one after the other."""
    ports: Sequence[Body] = part(service, "spec").get("ports") or ()
    return {(int(one["port"]), one.get("protocol") or "TCP"): one.get("name") for one in ports}


def _called(port: str | None, has: str = "has") -> str:
    return f"{has} the name {port!r}" if port else f"{has} no name"


def _runs(workload: Body, selector: Body) -> bool:
    """Whether the object makes pods that the selector selects, or is such a pod."""
    labels = part(workload, "spec", "template", "metadata", "labels")
    if workload.get("kind") == "Pod":
        labels = part(workload, "metadata", "labels")
    return selector.items() <= labels.items()


def _told(selector: Body) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
