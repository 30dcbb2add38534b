"""Rules `workload/…`: workloads that contradict themselves.

https://kubernetes.io/docs/concepts/workloads/controllers/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slipway.preview.checks.fields import at, finding, get, hint, items, mapping, names, shown, text
from slipway.preview.checks.names import handler_ports
from slipway.preview.checks.objects import group_of, kind_of
from slipway.preview.checks.pods import PodTemplate, pod_templates
from slipway.preview.checks.selectors import matches
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_SELECTING = ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")


def check(manifests: Sequence[Manifest]) -> Iterator[Finding]:
    """Finds workloads whose own fields contradict each other."""
    for template in pod_templates(manifests):
        yield from _own_selector(template)
        yield from _restart_policy(template)
        yield from _rolling_update(template)
        yield from _volumes(template)
        yield from _handler_ports(template)


def _own_selector(template: PodTemplate) -> Iterator[Finding]:
    manifest = template.manifest
    if group_of(manifest) != "apps" or kind_of(manifest) not in _SELECTING:
        return
    selector = get(manifest.body, "spec", "selector", kind=dict)
    if not isinstance(selector, dict) or template.labels is None:
        return
    if not any(selector.get(part) for part in ("matchLabels", "matchExpressions")):
        message = "the selector is empty, which Kubernetes refuses: name the labels of the pods"
    elif not matches(selector, template.labels):
        message = (
            "the selector does not match the labels of its own pods "
            f"({_written(template.labels)}), which Kubernetes refuses: make it and "
            f"`{template.path}.metadata.labels` agree"
        )
    else:
        return
    yield finding(manifest, Severity.ERROR, "workload/selector-mismatch", "spec.selector", message)


def _written(labels: dict[str, object]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items())) or "none"


def _restart_policy(template: PodTemplate) -> Iterator[Finding]:
    """https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy"""
    kind, group = kind_of(template.manifest), group_of(template.manifest)
    policy = get(template.spec, "restartPolicy", kind=str)
    if not template.spec or isinstance(policy, Placeholder):
        return
    if group == "batch" and policy in (None, "", "Always"):
        message = (
            f"a {kind} whose pods always restart never ends, which Kubernetes refuses "
            "(Always is the default): set `Never` or `OnFailure`"
        )
    elif group == "apps" and policy in ("Never", "OnFailure"):
        message = f"`{policy}` is refused in a {kind}, which keeps its pods running: leave it out"
    else:
        return
    yield finding(
        template.manifest,
        Severity.ERROR,
        "workload/restart-policy",
        template.at("restartPolicy"),
        message,
    )


def _rolling_update(template: PodTemplate) -> Iterator[Finding]:
    """https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment"""
    if kind_of(template.manifest) != "Deployment":
        return
    rolling = mapping(template.manifest.body, "spec", "strategy", "rollingUpdate")
    none = (0, "0", "0%")
    # Both default to 25%, so only a written value can be zero.
    if rolling.get("maxSurge") in none and rolling.get("maxUnavailable") in none:
        yield finding(
            template.manifest,
            Severity.ERROR,
            "workload/stuck-rollout",
            "spec.strategy.rollingUpdate",
            "`maxSurge` and `maxUnavailable` are both 0, so no pod could ever be replaced and "
            "Kubernetes refuses it: let one of them be at least 1",
        )


def _volumes(template: PodTemplate) -> Iterator[Finding]:
    """https://kubernetes.io/docs/concepts/storage/volumes/"""
    volumes = names(template.spec, "volumes")
    claims: set[str] | None = set()
    if kind_of(template.manifest) == "StatefulSet":
        claims = _claim_templates(template.manifest)
    if volumes is None or claims is None:
        return
    known = volumes | claims
    for container in template.containers():
        for field in ("volumeMounts", "volumeDevices"):
            for index, mount in items(container.body, field):
                name = text(mount, "name")
                if name and name not in known:
                    yield finding(
                        template.manifest,
                        Severity.ERROR,
                        "workload/missing-volume",
                        at(container.path, field, index, "name"),
                        f"no volume of the pod is called `{name}`"
                        + (hint(name, known) or f": add it to `{template.at('volumes')}`"),
                    )


def _claim_templates(manifest: Manifest) -> set[str] | None:
    templates = get(manifest.body, "spec", "volumeClaimTemplates", kind=list)
    if isinstance(templates, Placeholder):
        return None
    found = [text(claim, "metadata", "name") for claim in templates or []]
    return None if None in found else {name for name in found if name}


def _handler_ports(template: PodTemplate) -> Iterator[Finding]:
    """https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"""
    for container in template.containers():
        known = port_names(container.body)
        for path, port in handler_ports(container):
            unknown = not isinstance(port, str) or isinstance(port, Placeholder) or port.isdigit()
            if known is None or unknown or port in known:
                continue
            yield finding(
                template.manifest,
                Severity.ERROR,
                "workload/missing-port",
                path,
                f"container `{container.name}` names no port {shown(port)}, so the call could "
                "never succeed" + (hint(str(port), known) or ": use a port's name or its number"),
            )


def port_names(container: object) -> set[str] | None:
    """The names of a container's ports; None if not all are known. Ports without a name are left out."""
    ports = get(container, "ports", kind=list)
    if isinstance(ports, Placeholder):
        return None
    found: set[str] = set()
    for port in ports or []:
        name = get(port, "name", kind=str)
        if isinstance(name, Placeholder):
            return None
        if name:
            found.add(name)
    return found
