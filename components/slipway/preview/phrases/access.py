"""Access: what a namespace enforces and allows, and who may do what."""

from __future__ import annotations

from typing import Any

from slipway.preview.model import Placeholder
from slipway.preview.phrases.values import at, each, first, joined, pairs, referred, words


def _namespace(inputs: dict[str, Any]) -> str:
    enforced = at(inputs, "metadata", "labels", "pod-security.kubernetes.io/enforce")
    return f"enforces {enforced}" if enforced else "enforces no pod security"


def _quota(inputs: dict[str, Any]) -> str:
    return joined(*pairs("{} {}", at(inputs, "spec", "hard")))


def _limit_range(inputs: dict[str, Any]) -> str:
    return first(each(_limit, inputs, "spec", "limits"))


def _limit(one: Any) -> str:
    parts = {"defaultRequest": "requests", "default": "limits", "min": "at least", "max": "at most"}
    said = [f"{word} {joined(*pairs('{} {}', part))}" for field, word in parts.items() if (part := at(one, field))]
    return f"{at(one, 'type')}: {joined(*said)}"


def _priority_class(inputs: dict[str, Any]) -> str:
    default, preempts = inputs.get("globalDefault"), inputs.get("preemptionPolicy")
    return joined(
        str(inputs.get("value")),
        "" if not default else "the default" if default is True else f"the default: {default}",
        "never preempts" if preempts == "Never" else "",
    )


def _service_account(inputs: dict[str, Any]) -> str:
    """https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting"""
    mounted = inputs.get("automountServiceAccountToken")
    if isinstance(mounted, Placeholder):
        return f"token mounted: {mounted}"
    return "token not mounted" if mounted is False else "token mounted unless a pod declines it"


def _role(inputs: dict[str, Any]) -> str:
    if inputs.get("aggregationRule") is not None:
        return "gathers the rules of other roles"
    return first(each(_rule, inputs, "rules")) or "allows nothing"


def _rule(rule: Any) -> str:
    of = words(rule, "resources") or words(rule, "nonResourceURLs")
    names = words(rule, "resourceNames")
    return f"{words(rule, 'verbs')} {of}{f' ({names})' if names else ''}"


def _binding(inputs: dict[str, Any]) -> str:
    return f"{referred(inputs.get('roleRef'))} to {first(each(_subject, inputs, 'subjects')) or 'nobody'}"


def _subject(one: Any) -> str:
    namespace = at(one, "namespace")
    return f"{at(one, 'kind')} {f'{namespace}/' if namespace else ''}{at(one, 'name')}"


PHRASES = {
    "kubernetes:core:LimitRange": _limit_range,
    "kubernetes:core:Namespace": _namespace,
    "kubernetes:core:ResourceQuota": _quota,
    "kubernetes:core:ServiceAccount": _service_account,
    "kubernetes:rbac.authorization.k8s.io:ClusterRole": _role,
    "kubernetes:rbac.authorization.k8s.io:ClusterRoleBinding": _binding,
    "kubernetes:rbac.authorization.k8s.io:Role": _role,
    "kubernetes:rbac.authorization.k8s.io:RoleBinding": _binding,
    "kubernetes:scheduling.k8s.io:PriorityClass": _priority_class,
}
