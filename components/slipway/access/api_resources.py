"""The built-in kinds of the Kubernetes API: their groups, scopes, subresources and verbs.

Kinds are written as for `kubectl create role --resource`: `pods`, `deployments.apps`, `deployments.apps/scale`.
A test compares this list with the API server of a real cluster (tests/e2e/test_access.py).
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from slipway.parts.arguments.refusal import near

READ: Final = ("get", "list", "watch")
WRITE: Final = (*READ, "create", "update", "patch", "delete")
VERBS: Final = (*WRITE, "deletecollection", "approve", "bind", "escalate", "impersonate", "sign", "use")
"""All verbs of Kubernetes authorization. https://kubernetes.io/docs/reference/access-authn-authz/authorization/"""
NAMELESS: Final = ("create", "deletecollection")
"""Verbs of requests without an object's name. No rule can limit them to named objects."""

_NAMESPACED: Mapping[str, str] = {
    "": "bindings configmaps endpoints events limitranges persistentvolumeclaims pods podtemplates "
    "replicationcontrollers resourcequotas secrets serviceaccounts services",
    "apps": "controllerrevisions daemonsets deployments replicasets statefulsets",
    "authorization.k8s.io": "localsubjectaccessreviews",
    "autoscaling": "horizontalpodautoscalers",
    "batch": "cronjobs jobs",
    "coordination.k8s.io": "leases",
    "discovery.k8s.io": "endpointslices",
    "events.k8s.io": "events",
    "networking.k8s.io": "ingresses networkpolicies",
    "policy": "poddisruptionbudgets",
    "rbac.authorization.k8s.io": "rolebindings roles",
    "resource.k8s.io": "resourceclaims resourceclaimtemplates",
    "storage.k8s.io": "csistoragecapacities",
}
_CLUSTER_WIDE: Mapping[str, str] = {
    "": "componentstatuses namespaces nodes persistentvolumes",
    "admissionregistration.k8s.io": "mutatingadmissionpolicies mutatingadmissionpolicybindings "
    "mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings "
    "validatingwebhookconfigurations",
    "apiextensions.k8s.io": "customresourcedefinitions",
    "apiregistration.k8s.io": "apiservices",
    "authentication.k8s.io": "selfsubjectreviews tokenreviews",
    "authorization.k8s.io": "selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews",
    "certificates.k8s.io": "certificatesigningrequests",
    "flowcontrol.apiserver.k8s.io": "flowschemas prioritylevelconfigurations",
    "networking.k8s.io": "ingressclasses ipaddresses servicecidrs",
    "node.k8s.io": "runtimeclasses",
    "rbac.authorization.k8s.io": "clusterrolebindings clusterroles",
    "resource.k8s.io": "deviceclasses resourceslices",
    "scheduling.k8s.io": "priorityclasses",
    "storage.k8s.io": "csidrivers csinodes storageclasses volumeattachments volumeattributesclasses",
}
_CHANGE: Final = ("get", "update", "patch")
_CONNECT: Final = ("get", "create")
_PARTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "approval": (_CHANGE, "certificatesigningrequests.certificates.k8s.io"),
    "attach": (_CONNECT, "pods"),
    "binding": (("create",), "pods"),
    "ephemeralcontainers": (_CHANGE, "pods"),
    "eviction": (("create",), "pods"),
    "exec": (_CONNECT, "pods"),
    "finalize": (("update",), "namespaces"),
    "log": (("get",), "pods"),
    "portforward": (_CONNECT, "pods"),
    "proxy": (("get", "create", "update", "patch", "delete"), "nodes pods services"),
    "resize": (_CHANGE, "pods"),
    "scale": (_CHANGE, "deployments.apps replicasets.apps replicationcontrollers statefulsets.apps"),
    "status": (_CHANGE, ""),
    "token": (("create",), "serviceaccounts"),
}
"""The verbs of each subresource, and the kinds that have it. Every kind may have `status`."""
CONNECTING: Final = ("attach", "exec", "portforward", "proxy")
"""Subresources whose `get` does more than read: it runs commands in a container or connects to it."""


@dataclass(frozen=True, kw_only=True, order=True)
class ApiResource:
    """A kind of object, or a subresource (`part`) of it, as RBAC rules name it."""

    group: str
    plural: str
    part: str | None = None

    def __str__(self) -> str:
        whole = f"{self.plural}.{self.group}" if self.group else self.plural
        return f"{whole}/{self.part}" if self.part else whole

    @property
    def in_rule(self) -> str:
        return f"{self.plural}/{self.part}" if self.part else self.plural

    @property
    def cluster_wide(self) -> bool:
        """Whether its objects live in no namespace. False for every custom kind, as its scope is not known here."""
        return self.plural in _CLUSTER_WIDE.get(self.group, "").split()

    @property
    def verbs(self) -> tuple[str, ...]:
        """The verbs that it has."""
        return _PARTS[self.part][0] if self.part else VERBS


def known() -> set[ApiResource]:
    """All built-in kinds, without their subresources."""
    return {
        ApiResource(group=group, plural=plural)
        for kinds in (_NAMESPACED, _CLUSTER_WIDE)
        for group, plurals in kinds.items()
        for plural in plurals.split()
    }


def parse(text: str) -> ApiResource:
    """Parses a kind such as `pods` or `deployments.apps/scale`. Accepts any custom kind.

    Raises ValueError for a kind or a subresource that Kubernetes does not serve.
    """
    whole, _, part = text.partition("/")
    plural, _, group = whole.partition(".")
    found = ApiResource(group=group, plural=plural)
    built_in = known()
    custom = "." in group and group not in {one.group for one in built_in}
    if found not in built_in and not (custom and plural):
        names = {f"{one}": one for one in built_in}
        meant = {str(one) for one in built_in if one.plural == plural} or {near(whole, names), near(plural, names)}
        ways = " or ".join(sorted(repr(way) for way in meant if way))
        raise ValueError(
            f"{text!r} is not a kind that Kubernetes serves: "
            + (f"did you mean {ways}?" if ways else "give its plural and its group, as in 'pods' or 'deployments.apps'")
        )
    if "/" in text:
        parts = [one for one, (_, kinds) in _PARTS.items() if one == "status" or whole in kinds.split()]
        # A custom kind can have only the subresources `status` and `scale`.
        parts += ["scale"] if custom else []
        if part not in parts:
            meant = near(part, parts)
            way = f"did you mean {f'{whole}/{meant}'!r}?" if meant else f"there is {', '.join(parts)}"
            raise ValueError(f"{text!r} is no part of {whole} that Kubernetes serves: {way}")
    return ApiResource(group=group, plural=plural, part=part or None)


def of_kind(api_group: str, kind: str) -> ApiResource:
    """The `ApiResource` of a kind, such as `Deployment` of the group `apps`."""
    word = kind.lower()
    if word.endswith("s") and word != "endpoints":
        word += "es"
    elif word.endswith("y"):
        word = f"{word[:-1]}ies"
    elif word != "endpoints":
        word += "s"
    return ApiResource(group=api_group, plural=word)
