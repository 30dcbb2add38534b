"""Rules `workload/overlapping-selector` and `reference/not-listening`: a selector that selects too much.

What is not known is taken not to be selected: a false alarm is worse than a miss.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from slipway.preview.checks.fields import described, finding, get, items, mapping, shown, text
from slipway.preview.checks.objects import Objects, kind_of, name_of, namespace_of
from slipway.preview.checks.pods import PodTemplate, declared_ports, ends, pod_templates
from slipway.preview.checks.selectors import matches
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_SELECTING = {"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}


def check(objects: Objects) -> Iterator[Finding]:
    """Selectors of workloads that reach another's pods, and Services that lead to pods which do not serve."""
    pods = _Pods([t for t in pod_templates(objects.all) if kind_of(t.manifest) != "PodTemplate"])
    yield from _workloads(pods)
    for service in objects.of_kind("", "Service"):
        yield from _service(service, pods)


class _Pods:
    """The pods of a render by namespace and label, so that a large one takes no time in the square of its size."""

    def __init__(self, templates: Sequence[PodTemplate]) -> None:
        self.all = templates
        self._by_label: dict[tuple[str, str | None, str | None], list[PodTemplate]] = defaultdict(list)
        for template in templates:
            self._by_label[template.namespace, None, None].append(template)
            for key, value in (template.labels or {}).items():
                if isinstance(value, str):
                    self._by_label[template.namespace, key, value].append(template)

    def selected(self, namespace: str, selector: dict[str, Any]) -> list[PodTemplate]:
        """Those that a `LabelSelector` selects for certain."""
        if isinstance(namespace, Placeholder):
            return []
        wanted = mapping(selector, "matchLabels")
        pairs = [(key, value) for key, value in wanted.items() if isinstance(value, str)]
        places = [(namespace, key, value) for key, value in pairs] or [(namespace, None, None)]
        nearby = min((self._by_label.get(place, []) for place in places), key=len)
        return [t for t in nearby if matches(selector, t.labels, if_unknown=False)]


def _workloads(pods: _Pods) -> Iterator[Finding]:
    """https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector"""
    told: set[tuple[int, int]] = set()
    for template in pods.all:
        selector = _selector(template)
        if not selector:
            continue
        owner = template.manifest
        others = [t for t in pods.selected(template.namespace, selector) if not _same(t.manifest, owner)]
        # Of two that select each other, one finding is enough.
        others = [t for t in others if (id(t), id(template)) not in told]
        told.update((id(template), id(other)) for other in others)
        if others:
            yield _overlap(owner, selector, others)


def _same(one: Manifest, other: Manifest) -> bool:
    """Whether it is the same object; one that is declared twice is the matter of another rule."""
    return one is other or (kind_of(one) == kind_of(other) and name_of(one) == name_of(other))


def _selector(template: PodTemplate) -> dict[str, Any]:
    """The `LabelSelector` by which a workload finds its pods; empty where it has none, or it is not known."""
    body, kind = template.manifest.body, kind_of(template.manifest)
    if kind == "ReplicationController":
        # It selects by labels alone, and by those of its template where it says nothing.
        own = get(body, "spec", "selector", kind=dict)
        labels = template.labels if own is None else own
        return {"matchLabels": labels} if isinstance(labels, dict) and labels else {}
    if kind in _SELECTING or (kind == "Job" and get(body, "spec", "manualSelector", kind=bool) is True):
        selector = mapping(body, "spec", "selector")
        return selector if any(selector.get(part) for part in ("matchLabels", "matchExpressions")) else {}
    return {}


def _overlap(owner: Manifest, selector: dict[str, Any], others: Sequence[PodTemplate]) -> Finding:
    first = others[0].manifest
    # A pod that no workload has made is taken over; one that has its own controller is not, but is counted.
    harm = (
        "it takes them over and may delete them"
        if kind_of(first) == "Pod"
        else "both count and scale them as their own"
    )
    return finding(
        owner,
        Severity.ERROR,
        "workload/overlapping-selector",
        "spec.selector",
        f"the selector ({_written(selector)}) also selects the pods of {_listed(others)}, so that {harm}: give the "
        f"pods of {described(first)} another value of one of these labels",
    )


def _listed(templates: Sequence[PodTemplate]) -> str:
    names = list(dict.fromkeys(described(t.manifest) for t in templates))
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return (" and " if not more else ", ").join(names[:2]) + more


def _written(selector: dict[str, Any]) -> str:
    terms = [f"{key}={value}" for key, value in sorted(mapping(selector, "matchLabels").items())]
    for _, expression in items(selector, "matchExpressions"):
        values = ", ".join(map(str, get(expression, "values", kind=list) or ()))
        key, operator = text(expression, "key"), text(expression, "operator")
        terms.append(f"{key} {operator}{f' ({values})' if values else ''}")
    return ", ".join(terms)


def _service(service: Manifest, pods: _Pods) -> Iterator[Finding]:
    """A Service may lead to several workloads, as in a canary; but all of them have to serve.

    https://kubernetes.io/docs/concepts/services-networking/service/#services-in-kubernetes
    """
    labels = mapping(service.body, "spec", "selector")
    kind, address = (get(service.body, "spec", field, kind=str) for field in ("type", "clusterIP"))
    # Clients of a headless Service choose among its pods themselves.
    if not labels or kind == "ExternalName" or address == "None":
        return
    selected = pods.selected(namespace_of(service), {"matchLabels": labels})
    told: set[str] = set()
    for _, port in items(service.body, "spec", "ports"):
        target, protocol = port.get("targetPort") or port.get("port"), text(port, "protocol") or "TCP"
        listening = [t for t in selected if not ends(t) and _declares(t, target, protocol)]
        for other in selected if listening else ():
            whose, why = described(other.manifest), _why_not(other, target, protocol)
            if not why or whose in told:
                continue
            told.add(whose)
            yield finding(
                service,
                Severity.WARNING,
                "reference/not-listening",
                "spec.selector",
                f"besides the pods of {described(listening[0].manifest)} it selects those of {whose}, {why}, so "
                f"requests to port {shown(port.get('port'))} fail there: select by a label that only the pods have "
                "which serve",
            )


def _declares(template: PodTemplate, target: Any, protocol: str) -> bool:
    """Whether the pods declare that port; where that is not known, they do not."""
    return any(
        target in (name, number) and protocol == other for name, number, other in declared_ports([template]) or ()
    )


def _why_not(template: PodTemplate, target: Any, protocol: str) -> str | None:
    """Why requests to these pods fail; None where they do not, or where that is not known."""
    declares = _declares(template, target, protocol)
    if isinstance(target, str) and not declares:
        # A port that is asked for by its name leads to no pod which lacks the name.
        return None
    if ends(template):
        return "which run to their end"
    known = declared_ports([template]) is not None
    return f"which declare no port {target}/{protocol}" if known and not declares else None
