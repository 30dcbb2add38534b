"""Finds the objects of one render by kind, namespace and name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from slipway.preview.checks.fields import get, leaves, text
from slipway.preview.model import Manifest, Placeholder

BUILT_IN_GROUPS = frozenset(
    {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)
"""The API groups with a dot that Kubernetes itself serves. Any other group belongs to an extension."""

GATEWAY_API = "gateway.networking.k8s.io"
"""An extension that Kubernetes itself defines. Its objects refer to others, and make neither pods nor Secrets."""


def group_of(manifest: Manifest) -> str:
    """The API group; empty for the core group and if it cannot be read."""
    api_version = text(manifest.body, "apiVersion") or ""
    return api_version.rpartition("/")[0]


def kind_of(manifest: Manifest) -> str:
    """The kind; empty if it cannot be read."""
    return text(manifest.body, "kind") or ""


def name_of(manifest: Manifest) -> str | None:
    """The name; None if it is unknown before a deployment."""
    return text(manifest.body, "metadata", "name")


def namespace_of(manifest: Manifest) -> str | Placeholder:
    """The namespace, `default` if none is written."""
    return get(manifest.body, "metadata", "namespace", kind=str) or "default"


def is_custom(manifest: Manifest) -> bool:
    """Whether an extension (a CRD or an aggregated API) defines the kind, not Kubernetes."""
    group = group_of(manifest)
    return "." in group and group not in BUILT_IN_GROUPS


def same_namespace(one: str, other: str) -> bool:
    """Whether two namespaces are the same. An unknown namespace counts as the same as any other."""
    return one == other or isinstance(one, Placeholder) or isinstance(other, Placeholder)


Existing = tuple[str, str, str]
"""The kind, the name and the namespace of an object that somebody else makes."""


class Objects:
    """Looks up the objects of one render."""

    def __init__(
        self, manifests: Sequence[Manifest], *, complete: bool = True, existing: Collection[Existing] = ()
    ) -> None:
        self.all = manifests
        self._existing = existing
        self._complete = complete
        self._by_kind: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
        for manifest in manifests:
            self._by_kind[group_of(manifest), kind_of(manifest)].append(manifest)

    def of_kind(self, group: str, kind: str, namespace: str | None = None) -> Iterator[Manifest]:
        """The objects of a kind; if `namespace` is given, only those in it."""
        for manifest in self._by_kind.get((group, kind), ()):
            if namespace is None or same_namespace(namespace_of(manifest), namespace):
                yield manifest

    def named(self, group: str, kind: str, name: str, namespace: str | None = None) -> list[Manifest]:
        """The objects of a kind with that name; if `namespace` is given, only those in it."""
        return [m for m in self.of_kind(group, kind, namespace) if name_of(m) == name]

    def may_have(self, group: str, kind: str, name: str, namespace: str | None = None) -> bool:
        """Whether the render has that object, or one of the kind with an unknown name, which could be it."""
        return any(name_of(m) in (None, name) for m in self.of_kind(group, kind, namespace))

    def exists(self, kind: str, name: str, namespace: str) -> bool:
        """Whether the program says that somebody else makes that object."""
        return any(
            (kind, name) == (one, called) and same_namespace(where, namespace) for one, called, where in self._existing
        )

    def all_known(self, namespace: str) -> bool:
        """Whether the program makes no other workloads in `namespace` than the rendered ones.

        A chart that is not rendered may make others, and so may an object of an extension.
        """
        return self._complete and not any(same_namespace(n, namespace) for n in self._custom)

    def custom_mentions(self, namespace: str, name: str) -> bool:
        """Whether an extension's object in `namespace` mentions `name`, and so may make an object of that name.

        cert-manager's `Certificate` names the Secret that it makes (`spec.secretName`). An `ExternalSecret`
        has the same name as its Secret.
        """
        return any(name in words for n, words in self._custom.items() if same_namespace(n, namespace))

    @cached_property
    def _custom(self) -> dict[str, set[str]]:
        words: dict[str, set[str]] = defaultdict(set)
        for manifest in (m for m in self.all if is_custom(m) and group_of(m) != GATEWAY_API):
            words[namespace_of(manifest)].update(value for _, value in leaves(manifest.body) if isinstance(value, str))
        return words
