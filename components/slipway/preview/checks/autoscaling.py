"""Rules `autoscaling/…`: what keeps a HorizontalPodAutoscaler, or a ScaledObject of KEDA, from working.

https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from slipway.preview.checks.fields import at, described, finding, get, hint, items, text
from slipway.preview.checks.objects import Objects, name_of, namespace_of
from slipway.preview.checks.pods import REGULAR, PodTemplate, pod_templates
from slipway.preview.checks.scalers import Scaler, scalers
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_SCALABLE = {
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("", "ReplicationController"),
}


def check(objects: Objects) -> Iterator[Finding]:
    """Finds autoscalers that have no target, fight it or each other, or cannot compute their metric."""
    by_target: dict[tuple[str, ...], list[Scaler]] = defaultdict(list)
    for hpa in objects.of_kind("autoscaling", "HorizontalPodAutoscaler"):
        yield from _bounds(hpa)
    for scaler in scalers(objects):
        by_target[scaler.target].append(scaler)
        yield from _target(scaler, objects)
    for (namespace, *_), rivals in by_target.items():
        if not isinstance(namespace, Placeholder):
            yield from _same_target(rivals)


def _same_target(rivals: list[Scaler]) -> Iterator[Finding]:
    first = rivals[0]
    for other in rivals[1:]:
        if not other.takes_over(first):
            yield finding(
                other.manifest,
                Severity.ERROR,
                "autoscaling/same-target",
                "spec.scaleTargetRef",
                f"{described(first.manifest)} scales {first.kind} `{first.name}` already, and neither works while "
                "both do: put all metrics into one",
            )


def _bounds(hpa: Manifest) -> Iterator[Finding]:
    low = get(hpa.body, "spec", "minReplicas", kind=int)
    high = get(hpa.body, "spec", "maxReplicas", kind=int)
    low = 1 if low is None else low
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield finding(
            hpa,
            Severity.ERROR,
            "autoscaling/bounds",
            "spec.maxReplicas",
            f"maxReplicas {high} is below minReplicas {low}, which Kubernetes refuses: "
            "raise the one or lower the other",
        )


def _target(scaler: Scaler, objects: Objects) -> Iterator[Finding]:
    namespace, group, kind, name = scaler.target
    targets = objects.named(group, kind, name, namespace)
    built_in = (group, kind) in _SCALABLE | {("", k) for _, k in _SCALABLE}
    if built_in and not isinstance(namespace, Placeholder) and not objects.may_have(group, kind, name, namespace):
        yield _missing_target(scaler.manifest, objects, group, kind, name)
    for target in targets[:1]:
        yield from _fixed_replicas(scaler.manifest, target)
        for template in pod_templates(targets[:1]):
            yield from _requests(scaler, template, objects)


def _missing_target(hpa: Manifest, objects: Objects, group: str, kind: str, name: str) -> Finding:
    namespace = namespace_of(hpa)
    others = {name_of(m) or "" for m in objects.of_kind(group, kind, namespace)} - {""}
    path, way_out = "spec.scaleTargetRef.name", hint(name, others)
    for served, known in sorted(_SCALABLE):
        if known == kind and served != group and objects.named(served, kind, name, namespace):
            path, way_out = "spec.scaleTargetRef.apiVersion", f": set apiVersion to `{served}/v1`"
    return finding(
        hpa,
        Severity.ERROR if objects.all_known(namespace) else Severity.WARNING,
        "autoscaling/missing-target",
        path,
        f"nothing in this program provides {kind} {namespace}/{name} of group `{group or 'core'}`, "
        "so there is nothing to scale" + (way_out or ": correct `scaleTargetRef`"),
    )


def _fixed_replicas(hpa: Manifest, target: Manifest) -> Iterator[Finding]:
    """https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling"""
    replicas = get(target.body, "spec", "replicas", kind=int)
    if isinstance(replicas, int):
        off = " (and 0 turns the autoscaler off)" if replicas == 0 else ""
        yield finding(
            target,
            Severity.WARNING,
            "autoscaling/fixed-replicas",
            "spec.replicas",
            f"replicas is fixed at {replicas} while {described(hpa)} scales it, so each deployment "
            f'that touches it undoes the scaling{off}: set the resource option `ignore_changes=["spec.replicas"]`',
        )


def _requests(scaler: Scaler, template: PodTemplate, objects: Objects) -> Iterator[Finding]:
    hpa = scaler.manifest
    for each in scaler.utilizations():
        path, resource, container_name = each.path, each.resource, each.container
        if _is_given(resource, template.spec) or _is_defaulted(resource, template, objects):
            continue
        containers = [c for c in template.containers(REGULAR) if container_name in (None, text(c.body, "name"))]
        known = {c.name for c in template.containers()}
        if container_name and container_name not in known:
            yield finding(
                hpa,
                Severity.ERROR,
                "autoscaling/missing-container",
                at(path, "container"),
                f"{described(template.manifest)} has no container `{container_name}`, so its "
                f"{resource} cannot be measured" + (hint(container_name, known) or ": name one of its containers"),
            )
        without = [c.name for c in containers if not _is_given(resource, c.body)]
        if without:
            names = ", ".join(f"`{name}`" for name in without)
            yield finding(
                hpa,
                Severity.ERROR,
                "autoscaling/missing-request",
                path,
                f"the utilization of {resource} is a share of the request, which {names} of "
                f"{described(template.manifest)} lacks, so nothing can be computed: set "
                f"`resources.requests.{resource}` there",
            )


def _is_given(resource: str, body: dict[str, object]) -> bool:
    """Whether `body` sets a request for `resource`. Kubernetes copies a limit without a request into the request."""
    for part in ("requests", "limits"):
        values = get(body, "resources", part, kind=dict)
        if isinstance(values, Placeholder) or (values and values.get(resource) is not None):
            return True
    return False


def _is_defaulted(resource: str, template: PodTemplate, objects: Objects) -> bool:
    """Whether a LimitRange of the namespace sets a default for the request."""
    for limit_range in objects.of_kind("", "LimitRange", template.namespace):
        for _, limit in items(limit_range.body, "spec", "limits"):
            for part in ("default", "defaultRequest"):
                values = get(limit, part, kind=dict)
                if isinstance(values, Placeholder) or (values and resource in values):
                    return True
    return False
