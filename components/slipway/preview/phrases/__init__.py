"""One short phrase for what a reader looks for first in a resource, for the tree.

Each module beside this one is a family of kinds, and its `PHRASES` give each kind a function from the inputs to
the phrase. What is not known is shown as the stand-in that it is (`<computed>`, `[secret]`), or left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from slipway.preview.manifests import is_kept, leaves_replicas
from slipway.preview.model import Placeholder, Registration
from slipway.preview.phrases import (
    access,
    clusters,
    configuration,
    extensions,
    images,
    observation,
    scaling,
    storage,
    traffic,
    workloads,
)
from slipway.preview.phrases.values import at

_FAMILIES = (access, clusters, configuration, extensions, images, observation, scaling, storage, traffic, workloads)
_PHRASES: dict[str, Callable[[dict[str, Any]], str]] = {
    kind: tell for family in _FAMILIES for kind, tell in family.PHRASES.items()
}
_VERSION = re.compile("/[^:]*")


def title(registration: Registration) -> tuple[str, str]:
    """Its kind, and what it is called in the cluster or the registry (else in the program)."""
    kind = _token(registration).rpartition(":")[2]
    name = at(registration.inputs, "metadata", "name") or images.reference(registration) or registration.name
    return kind, str(name)


def detail(registration: Registration) -> str:
    """The phrase; empty where a resource has nothing that a reader would look for first."""
    if registration.read:
        # It exists already, and what it is like is not known from here.
        return f"read: {registration.options.get('id', registration.name)}"
    tell = _PHRASES.get(kind_of(_token(registration)))
    # What a component is, it tells by its outputs.
    told = registration.inputs if registration.custom else registration.outputs or {}
    if tell is None or isinstance(told.get("spec"), Placeholder):
        return str(told["spec"]) if tell else ""
    phrase = f"starts with {tell(told)}" if leaves_replicas(registration) else tell(told)
    return f"{phrase}, outlives the stack" if is_kept(registration.inputs) else phrase


def _token(registration: Registration) -> str:
    """Its type. The provider makes or takes over what outlives a stack by its resource for patches."""
    return registration.type.removesuffix("Patch") if is_kept(registration.inputs) else registration.type


def kind_of(type_token: str) -> str:
    """A type token without its version: `kubernetes:apps:Deployment` for `kubernetes:apps/v1:Deployment`."""
    return _VERSION.sub("", type_token)


def has_phrase(type_token: str) -> bool:
    """Whether the tree has a phrase for resources of this type."""
    return kind_of(type_token) in _PHRASES
