"""Rule `autoscaling/vertical`: a VerticalPodAutoscaler beside what measures by the requests that it sets.

https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/known-limitations.md
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from slipway.preview.checks.fields import described, finding, get, items, mapping, text
from slipway.preview.checks.objects import Objects, namespace_of
from slipway.preview.checks.pods import REGULAR, pod_templates
from slipway.preview.checks.scalers import Scaler, Utilization, scalers
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_EVERY = "*"


def check(objects: Objects) -> Iterator[Finding]:
    """Finds vertical autoscalers that change what another autoscaler of the workload depends on."""
    horizontal: dict[tuple[str, ...], list[Scaler]] = defaultdict(list)
    for scaler in scalers(objects):
        horizontal[scaler.target].append(scaler)
    before: dict[tuple[str, ...], Manifest] = {}
    for vpa in objects.of_kind("autoscaling.k8s.io", "VerticalPodAutoscaler"):
        target = _target(vpa)
        # Without a mode, it is one that changes pods.
        mode = get(vpa.body, "spec", "updatePolicy", "updateMode", kind=str)
        if target is None or mode == "Off" or isinstance(mode, Placeholder):
            continue
        if (other := before.setdefault(target, vpa)) is not vpa:
            *_, kind, name = target
            yield _found(
                vpa,
                f"{described(other)} sets the requests of {kind} `{name}` already, and each undoes what the other "
                "does: keep one of them",
            )
        for scaler in horizontal[target]:
            yield from _beside(vpa, scaler, objects)


def _beside(vpa: Manifest, scaler: Scaler, objects: Objects) -> Iterator[Finding]:
    namespace, group, kind, name = scaler.target
    templates = pod_templates(objects.named(group, kind, name, namespace))
    containers = [each.name for template in templates for each in template.containers(REGULAR)]
    shared = sorted({one.resource for one in scaler.utilizations() if _sets(vpa, one, containers)})
    if shared:
        what = " and ".join(shared)
        yield _found(
            vpa,
            f"{described(scaler.manifest)} measures the {what} of {kind} `{name}` as a share of the requests, which "
            f"this sets: leave {what} out of `controlledResources`, or scale on another metric",
        )


def _found(vpa: Manifest, message: str) -> Finding:
    return finding(vpa, Severity.WARNING, "autoscaling/vertical", "spec.targetRef", message)


def _target(vpa: Manifest) -> tuple[str, ...] | None:
    reference = mapping(vpa.body, "spec", "targetRef")
    namespace, kind, name = namespace_of(vpa), text(reference, "kind"), text(reference, "name")
    if kind is None or name is None or isinstance(namespace, Placeholder):
        return None
    return namespace, (text(reference, "apiVersion") or "").rpartition("/")[0], kind, name


def _sets(vpa: Manifest, measured: Utilization, containers: list[str]) -> bool:
    """Whether it sets the request for the resource of a container that is measured."""
    stated = items(vpa.body, "spec", "resourcePolicy", "containerPolicies")
    policies = {text(policy, "containerName"): policy for _, policy in stated}
    names = [measured.container] if measured.container else containers or [_EVERY]
    return any(_controls(policies.get(name, policies.get(_EVERY, {})), measured.resource) for name in names)


def _controls(policy: dict[str, Any], resource: str) -> bool:
    resources = get(policy, "controlledResources", kind=list)
    if isinstance(resources, Placeholder) or get(policy, "mode", kind=str) == "Off":
        return False
    # Without a list, it controls both.
    return resources is None or resource in resources
