"""Which edits of workloads are refused: a replaced workload loses its pods, and perhaps their data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slipway.parts.edits.objects import Body, differs, namespace_of, part
from slipway.parts.edits.storage import moved
from slipway.parts.quantities import parse_quantity

SPEC_DIGEST = "slipway/spec"
"""The annotation of a Pod with the digest of its spec."""

_REVISIONS = 10
"""The default of `revisionHistoryLimit` in Kubernetes."""


def selector_refused(was: Body, body: Body, there: Sequence[Body]) -> str | None:
    """The selector of a workload is fixed."""
    before, now = part(was, "spec").get("selector"), part(body, "spec").get("selector")
    # A label that is no longer declared is a change as well.
    if before is None or now is None or not (differs(before, now) or differs(now, before)):
        return None
    return _fixed(
        "selector",
        body,
        f"keep it{_stated(before)}, or give the workload another name: then the new pods are made first",
    )


def stateful_set_refused(was: Body, body: Body, there: Sequence[Body]) -> str | None:
    """The order and the claim templates of a StatefulSet are fixed too."""
    name = body["metadata"]["name"]
    before, now = _templates(was), _templates(body)
    if before and (elsewhere := moved(was, body)):
        return (
            f"statefulset {name!r} {elsewhere}: make a StatefulSet of another name there, copy the data, and then "
            f"drop this one"
        )
    for template in sorted({*before, *now}):
        old, new = before.get(template), now.get(template)
        if old is None or new is None or _content(old) != _content(new):
            change = f"is {_told(new)} and was {_told(old)}"
            return _fixed(f"claim template {template!r}", body, _orphan(was), change)
    if (old := _order(was)) != (new := _order(body)):
        return _fixed("order", body, _orphan(was), f"is {new} and was {old}")
    if differs(part(was, "spec").get("serviceName"), part(body, "spec").get("serviceName")):
        return _fixed("service_name", body, _orphan(was))
    return selector_refused(was, body, there)


def pod_refused(was: Body, body: Body, there: Sequence[Body]) -> str | None:
    """Almost nothing of a pod can change. A pod that serves requests is not deleted for an edit."""
    before = part(was, "metadata", "annotations").get(SPEC_DIGEST)
    now = part(body, "metadata", "annotations").get(SPEC_DIGEST)
    if before is None or now is None or before == now:
        return None
    name = body["metadata"]["name"]
    return (
        f"pod {name!r} serves requests and would be deleted before the new one is made: use a Deployment, or run "
        f"`kubectl delete pod {name}{_place(was)}`, with Pulumi also `pulumi refresh`, and deploy again"
    )


def replaced_by_the_provider(was: Body, body: Body) -> str | None:
    """What Kubernetes would change in place, but the provider replaces."""
    if body["kind"] != "StatefulSet":
        return None
    before = part(was, "spec").get("revisionHistoryLimit", _REVISIONS)
    now = part(body, "spec").get("revisionHistoryLimit", _REVISIONS)
    if not differs(before, now):
        return None
    return (
        f"revision_history_limit of statefulset {body['metadata']['name']!r} is {now} and was {before:.0f}, and the "
        f"provider would delete its pods for that: {_orphan(was)}"
    )


def _stated(selector: Mapping[str, Any]) -> str:
    labels = part(selector, "matchLabels")
    return f" with selector={dict(labels)}" if labels else ""


def _fixed(field: str, body: Body, way_out: str, change: str = "is not as it was") -> str:
    return (
        f"{field} of {body['kind'].lower()} {body['metadata']['name']!r} {change} when it was made, which Kubernetes "
        f"never changes: {way_out}"
    )


def _orphan(was: Body) -> str:
    return (
        f"leave it as it was, or run `kubectl delete statefulset {was['metadata']['name']} --cascade=orphan"
        f"{_place(was)}`, with Pulumi also `pulumi refresh`, and deploy again: its pods and claims stay, and a claim "
        f"keeps its size"
    )


def _place(was: Body) -> str:
    namespace = namespace_of(was)
    return f" --namespace {namespace}" if namespace else ""


def _order(body: Body) -> str:
    return "parallel" if part(body, "spec").get("podManagementPolicy") == "Parallel" else "ordered"


def _templates(body: Body) -> Mapping[str, Body]:
    """The claim templates by name."""
    templates: Sequence[Body] = part(body, "spec").get("volumeClaimTemplates") or ()
    return {one["metadata"]["name"]: one for one in templates}


def _content(template: Body) -> Mapping[str, Any]:
    """What is fixed in a claim template. The same quantity can be written in two ways, as 1Gi and 1024Mi."""
    spec, metadata = part(template, "spec"), part(template, "metadata")
    return {
        "size": parse_quantity(_size(template)),
        "class": spec.get("storageClassName"),
        "modes": [*(spec.get("accessModes") or ())],
        "labels": part(metadata, "labels"),
        "annotations": part(metadata, "annotations"),
    }


def _told(template: Body | None) -> str:
    if template is None:
        return "not there"
    content = _content(template)
    words = f"{_size(template)} of {content['class'] or 'the default class'}, {', '.join(content['modes'])}"
    return words + "".join(f", {what} {content[what]}" for what in ("labels", "annotations") if content[what])


def _size(template: Body) -> str:
    return part(template, "spec", "resources", "requests").get("storage", "0")
