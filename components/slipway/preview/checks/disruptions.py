"""Rules `disruption/…`: budgets by which no node can ever be drained.

https://kubernetes.io/docs/tasks/run-application/configure-pdb/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from slipway.preview.checks.fields import described, finding, get
from slipway.preview.checks.objects import Objects, group_of, kind_of, namespace_of
from slipway.preview.checks.pods import PodTemplate, pod_templates
from slipway.preview.checks.selectors import matches
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_COUNTED = {("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet"), ("", "ReplicationController")}


def check(objects: Objects) -> Iterator[Finding]:
    """Budgets that let no pod be evicted, and pods that two of them guard."""
    templates = list(pod_templates(objects.all))
    guards: dict[int, Manifest] = {}
    for budget in objects.of_kind("policy", "PodDisruptionBudget"):
        selector, namespace = get(budget.body, "spec", "selector", kind=dict), namespace_of(budget)
        # Null selects nothing; an empty one all.
        if selector is None or isinstance(selector, Placeholder) or isinstance(namespace, Placeholder):
            continue
        guarded = [
            t
            for t in templates
            if t.namespace == namespace and kind_of(t.manifest) != "PodTemplate"
            if matches(selector, t.labels, if_unknown=False)
        ]
        yield from _never(budget, guarded, objects)
        twice = [t for t in guarded if id(t) in guards and described(guards[id(t)]) != described(budget)]
        for template in twice[:1]:
            yield finding(
                budget,
                Severity.ERROR,
                "disruption/two-budgets",
                "spec.selector",
                f"{described(guards[id(template)])} guards the pods of {described(template.manifest)} already, and "
                "Kubernetes evicts no pod that two budgets guard: keep one of them",
            )
        guards |= {id(t): budget for t in guarded}


def _never(budget: Manifest, guarded: Sequence[PodTemplate], objects: Objects) -> Iterator[Finding]:
    most, least = (_stated(budget, field) for field in ("maxUnavailable", "minAvailable"))
    if most in (0, "0%"):
        said, path = f"maxUnavailable is {most}", "spec.maxUnavailable"
    elif least == "100%":
        said, path = "minAvailable is 100%", "spec.minAvailable"
    else:
        replicas = _replicas(guarded, objects) if isinstance(least, int) else None
        if not isinstance(least, int) or replicas is None or not 0 < replicas <= least:
            return
        said, path = f"minAvailable is {least} of {replicas}", "spec.minAvailable"
    yield finding(
        budget,
        Severity.WARNING,
        "disruption/never",
        path,
        f"{said}, so no pod may ever be evicted and a node that runs one cannot be drained: "
        "let one be unavailable, or run one more",
    )


def _stated(budget: Manifest, field: str) -> Any:
    spec = get(budget.body, "spec", kind=dict)
    value = spec.get(field) if isinstance(spec, dict) else None
    return None if isinstance(value, Placeholder) else value


def _replicas(guarded: Sequence[PodTemplate], objects: Objects) -> int | None:
    """How many pods there are in all; None where that is not known, as somebody else may decide."""
    if not guarded or not objects.all_known(guarded[0].namespace):
        return None
    if any(objects.of_kind("autoscaling", "HorizontalPodAutoscaler", guarded[0].namespace)):
        return None
    counts: list[int] = []
    for template in guarded:
        manifest = template.manifest
        replicas = get(manifest.body, "spec", "replicas", kind=int)
        if not isinstance(replicas, int) or (group_of(manifest), kind_of(manifest)) not in _COUNTED:
            return None
        counts.append(replicas)
    return sum(counts)
