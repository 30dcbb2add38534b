"""Rules `pod-security/…`: the pod security standards `baseline` and `restricted`, in full.

https://kubernetes.io/docs/concepts/security/pod-security-standards/. That page lags behind in places (image
volumes, newer sysctls, user namespaces); there these rules follow the admission controller itself:
https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/pod-security-admission/policy
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from slipway.preview.checks.fields import at, finding, hint, mapping, shown, text
from slipway.preview.checks.objects import Objects
from slipway.preview.checks.pod_security import host, kernel, rights
from slipway.preview.checks.pod_security.violation import Violation
from slipway.preview.checks.pods import PodTemplate, pod_templates
from slipway.preview.checks.published import Version
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_CONTROLS: tuple[Callable[[PodTemplate, Version], Iterator[Violation]], ...] = (
    *host.CONTROLS,
    *kernel.CONTROLS,
    *rights.CONTROLS,
)

_LEVELS = ("privileged", "baseline", "restricted")
"""From the laxest standard to the strictest."""

_MODES = ("enforce", "warn", "audit")
_PREFIX = "pod-security.kubernetes.io/"


def check(objects: Objects, version: Version) -> Iterator[Finding]:
    """Finds pods that break the standards, and Namespace labels with a standard that does not exist.

    A finding is an error if the pod's Namespace is in the same render and enforces the broken standard,
    because the cluster will refuse the pods. There is no finding if the Namespace has chosen a laxer
    standard. Otherwise it is a warning.
    """
    for namespace in objects.of_kind("", "Namespace"):
        yield from _labels(namespace)
    for template in pod_templates(objects.all):
        labels = _pod_security_labels(objects, template)
        enforced = labels.get("enforce")
        chosen = [_LEVELS.index(labels[mode]) for mode in _MODES if labels.get(mode) in _LEVELS]
        strictest = max(chosen, default=_LEVELS.index("restricted"))
        policy_version = _policy_version(labels, version)
        for control in _CONTROLS:
            for violation in control(template, policy_version):
                refused = enforced in ("restricted", violation.level)
                if not refused and _LEVELS.index(violation.level) > strictest:
                    continue
                consequence = (
                    f", and namespace `{template.namespace}` enforces `{enforced}`, so the cluster "
                    "will refuse these pods"
                )
                yield finding(
                    template.manifest,
                    Severity.ERROR if refused else Severity.WARNING,
                    f"pod-security/{violation.rule}",
                    violation.path,
                    f"{violation.what}, which the `{violation.level}` standard forbids"
                    f"{consequence if refused else ''}: {violation.way_out}",
                )


def _labels(namespace: Manifest) -> Iterator[Finding]:
    labels = mapping(namespace.body, "metadata", "labels")
    for mode in _MODES:
        level, pinned = (text(labels, f"{_PREFIX}{mode}{suffix}") for suffix in ("", "-version"))
        wrong: list[tuple[str, str, str]] = []
        if level and level not in _LEVELS:
            wrong.append(("", level, hint(level, _LEVELS) or f": choose {', '.join(_LEVELS)}"))
        if pinned and pinned != "latest" and not re.fullmatch(r"v\d+\.\d+", pinned):
            wrong.append(("-version", pinned, ": write latest, or one such as v1.36"))
        for suffix, value, way_out in wrong:
            path = at("metadata.labels", f"{_PREFIX}{mode}{suffix}")
            message = (
                f"{shown(value)} is no {'version' if suffix else 'standard'}, so the namespace is refused{way_out}"
            )
            yield finding(namespace, Severity.ERROR, "pod-security/label", path, message)


def _pod_security_labels(objects: Objects, template: PodTemplate) -> dict[str, str]:
    """The pod security labels of the template's Namespace, without their prefix.

    https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    if isinstance(template.namespace, Placeholder):
        return {}
    for namespace in objects.named("", "Namespace", template.namespace):
        labels = mapping(namespace.body, "metadata", "labels")
        return {key.removeprefix(_PREFIX): text(labels, key) or "" for key in labels if key.startswith(_PREFIX)}
    return {}


def _policy_version(labels: dict[str, str], version: Version) -> Version:
    match = re.fullmatch(r"v(\d+)\.(\d+)", labels.get("enforce-version") or "latest")
    return min((int(match[1]), int(match[2])), version) if match else version
