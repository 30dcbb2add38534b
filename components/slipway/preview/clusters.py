"""Which cluster gets which object: the stack's own, or that of an explicit provider."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from slipway.preview.model import Manifest, Placeholder, Registration

PROVIDER = "pulumi:providers:kubernetes"
"""The type of an explicit provider."""


def cluster_of(provider: Registration) -> str | None:
    """The cluster of an explicit provider; None if the provider does not choose one.

    It is the provider's kubeconfig context. A provider with a kubeconfig of its own has another cluster than all
    others, and is called by its name in the program: the contexts of two kubeconfigs may have one name.
    https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/#inputs
    """
    context = provider.inputs.get("context")
    if has_own_kubeconfig(provider) or isinstance(context, Placeholder):
        return provider.name
    return str(context) if context else None


def has_own_kubeconfig(provider: Registration) -> bool:
    """Whether the provider takes its cluster from elsewhere than a context of the user's kubeconfig."""
    stated: Any = provider.inputs.get("kubeconfig")
    # The SDK fills in the user's own.
    own = stated not in (None, "", os.environ.get("KUBECONFIG"))
    return own or bool(provider.inputs.get("cluster"))


def by_cluster(manifests: Iterable[Manifest]) -> dict[str | None, list[Manifest]]:
    """The objects of each cluster, in their order: first of the stack's own, then by the clusters' names."""
    groups: dict[str | None, list[Manifest]] = {}
    for one in manifests:
        groups.setdefault(one.cluster, []).append(one)
    return dict(sorted(groups.items(), key=lambda group: group[0] or ""))
