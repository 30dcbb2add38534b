"""Rules `reference/…` for what selects pods: Services, disruption budgets and network policies.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from slipway.preview.checks.fields import at, described, finding, get, hint, items, mapping, shown
from slipway.preview.checks.objects import Objects, namespace_of, same_namespace
from slipway.preview.checks.pods import PodTemplate, declared_ports, pod_templates
from slipway.preview.checks.selectors import labels_match, matches
from slipway.preview.model import Finding, Manifest, Placeholder, Severity


def check(objects: Objects) -> Iterator[Finding]:
    """Finds selectors that select no pod, and target ports that no container has."""
    templates = list(pod_templates(objects.all))
    for service in objects.of_kind("", "Service"):
        yield from _service(service, objects, templates)
    for budget in objects.of_kind("policy", "PodDisruptionBudget"):
        yield from _budget(budget, objects, templates)
    for policy in objects.of_kind("networking.k8s.io", "NetworkPolicy"):
        yield from _policy(policy, objects, templates)


def _service(service: Manifest, objects: Objects, templates: Sequence[PodTemplate]) -> Iterator[Finding]:
    selector = get(service.body, "spec", "selector", kind=dict)
    # Without a selector somebody else manages the endpoints; an ExternalName Service has none.
    if not isinstance(selector, dict) or not selector:
        return
    if get(service.body, "spec", "type", kind=str) == "ExternalName":
        return
    nearby = [t for t in templates if same_namespace(t.namespace, namespace_of(service))]
    selected = [t for t in nearby if labels_match(selector, t.labels)]
    if not selected:
        yield _selects_nothing(service, objects, nearby, "spec.selector", selector)
        return
    for index, port in items(service.body, "spec", "ports"):
        yield from _target_port(service, at("spec", "ports", index), port, selected)


def _budget(budget: Manifest, objects: Objects, templates: Sequence[PodTemplate]) -> Iterator[Finding]:
    selector = get(budget.body, "spec", "selector", kind=dict)
    if not isinstance(selector, dict) or not selector:
        return
    nearby = [t for t in templates if same_namespace(t.namespace, namespace_of(budget))]
    if not any(matches(selector, t.labels) for t in nearby):
        wanted = mapping(selector, "matchLabels")
        yield _selects_nothing(budget, objects, nearby, "spec.selector", wanted)


def _policy(policy: Manifest, objects: Objects, templates: Sequence[PodTemplate]) -> Iterator[Finding]:
    """Others may well make the pods that a policy is for, so that it is never an error."""
    selector = get(policy.body, "spec", "podSelector", kind=dict)
    if not isinstance(selector, dict) or not any(selector.values()):
        return
    nearby = [t for t in templates if same_namespace(t.namespace, namespace_of(policy))]
    if not any(matches(selector, t.labels) for t in nearby):
        found = _selects_nothing(policy, objects, nearby, "spec.podSelector", mapping(selector, "matchLabels"))
        certain = found.severity == Severity.ERROR
        yield replace(found, severity=Severity.WARNING if certain else Severity.INFO)


def _selects_nothing(
    manifest: Manifest,
    objects: Objects,
    nearby: Sequence[PodTemplate],
    path: str,
    wanted: dict[str, Any],
) -> Finding:
    namespace = namespace_of(manifest)
    # An operator or another program may make the pods, and this render cannot know that.
    certain = bool(nearby) and objects.all_known(namespace)
    message = f"it selects no pod of this program in namespace `{namespace}`"
    if nearby:
        closest = max(nearby, key=lambda t: _agreement(wanted, t))
        message += f": {_difference(wanted, closest)}"
    else:
        message += ": correct the selector, unless somebody else makes these pods"
    severity = Severity.ERROR if certain else Severity.WARNING
    return finding(manifest, severity, "reference/selects-nothing", path, message)


def _agreement(wanted: dict[str, Any], template: PodTemplate) -> int:
    return sum((template.labels or {}).get(key) == value for key, value in wanted.items())


def _difference(wanted: dict[str, Any], template: PodTemplate) -> str:
    labels, whose = template.labels or {}, f"the pods of {described(template.manifest)}"
    for key, value in wanted.items():
        if labels.get(key) != value:
            has = f"have {shown(labels[key])}" if key in labels else "have no such label"
            return f"it wants `{key}` to be {shown(value)} and {whose} {has}"
    return f"make it agree with the labels of {whose}"


def _target_port(
    service: Manifest, path: str, port: dict[str, Any], selected: Sequence[PodTemplate]
) -> Iterator[Finding]:
    target = port.get("targetPort") or port.get("port")
    protocol = get(port, "protocol", kind=str) or "TCP"
    declared = declared_ports(selected)
    if isinstance(target, Placeholder) or isinstance(protocol, Placeholder) or declared is None:
        return
    whose = ", ".join(sorted({described(t.manifest) for t in selected}))
    if isinstance(target, str):
        names = {name for name, _, other in declared if other == protocol and name}
        if target not in names and any(True for t in selected for _ in t.containers()):
            yield finding(
                service,
                Severity.ERROR,
                "reference/missing-port",
                at(path, "targetPort"),
                f"no container of {whose} names a {protocol} port `{target}`"
                + (hint(target, names) or f": use one of {', '.join(sorted(names)) or 'the port numbers'}"),
            )
    elif isinstance(target, int) and (target, protocol) not in {(number, other) for _, number, other in declared}:
        # A headless Service resolves to the pods themselves, so its ports do not matter.
        if get(service.body, "spec", "clusterIP", kind=str) == "None":
            return
        others = ", ".join(f"{number}/{other}" for _, number, other in sorted(declared, key=lambda one: one[1:]))
        yield finding(
            service,
            # A container may listen on undeclared ports. If it declares others, one of those is probably meant.
            Severity.WARNING if declared else Severity.INFO,
            "reference/undeclared-port",
            at(path, "targetPort" if port.get("targetPort") else "port"),
            f"no container of {whose} declares port {target}/{protocol} (declared: {others or 'none'}), so nothing "
            "says that one listens there: name the port that one does, or declare it",
        )
