"""The resources that the provider makes from a bundle's objects: their types, names and namespaces."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from slipway.preview.bundles.errors import BundleError
from slipway.preview.bundles.order import place
from slipway.preview.bundles.yaml_text import expand
from slipway.preview.manifests import is_namespaced
from slipway.preview.model import Secret

Object = dict[str, Any]

_NAMESPACE = "kubernetes:core/v1:Namespace"

# The provider knows without a cluster which kinds of these groups are namespaced.
_BUILT_IN = frozenset(
    "apps autoscaling batch extensions policy admissionregistration.k8s.io apiextensions.k8s.io apiregistration.k8s.io "
    "auditregistration.k8s.io authentication.k8s.io authorization.k8s.io certificates.k8s.io coordination.k8s.io "
    "discovery.k8s.io events.k8s.io flowcontrol.apiserver.k8s.io internal.apiserver.k8s.io networking.k8s.io "
    "node.k8s.io rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io settings.k8s.io storage.k8s.io "
    "storagemigration.k8s.io".split()
) | {""}


@dataclass(frozen=True, kw_only=True)
class Child:
    """A resource to register: its type token, its logical name, and its inputs with secrets wrapped."""

    type: str
    name: str
    body: Object


def children(objects: Iterable[Object], *, prefix: str, namespace: str, skip_await: bool = False) -> list[Child]:
    """The objects as the provider registers them, without duplicates, in its order.

    An object of a namespaced kind without a namespace gets `namespace`. If an object occurs twice, the last
    copy counts. Raises BundleError for an object without a kind, version or name.
    """
    expanded = expand(list(objects))
    scopes = _scopes(expanded)
    found: dict[tuple[str, ...], Child] = {}
    for given in expanded:
        body = _normal(given)
        group, kind = body["apiVersion"].rpartition("/")[0], body["kind"]
        metadata = body["metadata"]
        if not metadata.get("namespace") and _is_namespaced(body, scopes):
            metadata["namespace"] = namespace
        if skip_await:
            metadata["annotations"] = {**(metadata.get("annotations") or {}), "pulumi.com/skipAwait": "true"}
        where = str(metadata.get("namespace") or ""), str(metadata["name"])
        name = ":".join(filter(None, (prefix, "/".join(filter(None, where)))))
        found[group, kind, *where] = Child(type=token(body), name=name, body=_guarded(body))
    namespaces = {child.body["metadata"]["name"] for child in found.values() if child.type == _NAMESPACE}
    return sorted(found.values(), key=lambda child: place(child.body, set(scopes), namespaces))


def unplaced(found: Iterable[Child]) -> list[str]:
    """The kinds of objects without a namespace for which nothing says whether they are namespaced."""
    bodies = [child.body for child in found]
    scopes = _scopes(bodies)
    return sorted(
        {
            f"{body['apiVersion']}/{body['kind']}"
            for body in bodies
            if _is_namespaced(body, scopes) is None and not body["metadata"].get("namespace")
        }
    )


def _is_namespaced(body: Object, scopes: dict[tuple[str, str], bool]) -> bool | None:
    group, kind = body["apiVersion"].rpartition("/")[0], body["kind"]
    return is_namespaced(body["apiVersion"], kind) if group in _BUILT_IN else scopes.get((group, kind))


def _scopes(bodies: Iterable[Object]) -> dict[tuple[str, str], bool]:
    """Which kinds are namespaced, by the CustomResourceDefinitions among the objects."""
    return {_kind_of(crd): crd["spec"].get("scope") == "Namespaced" for crd in bodies if _is_crd(crd)}


def token(body: Object) -> str:
    """The type token of an object's resource: `kubernetes:core/v1:Pod`, `kubernetes:apps/v1:Deployment`."""
    version = body["apiVersion"]
    return f"kubernetes:{'core/v1' if version == 'v1' else version}:{body['kind']}"


def _normal(given: Object) -> Object:
    """A copy of the object. Raises BundleError if it lacks what every object must have."""
    version, kind = given.get("apiVersion"), given.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str) or not version or not kind:
        raise BundleError(f"an object has no kind or apiVersion: {_shown(given)}")
    metadata: object = given.get("metadata")
    if not isinstance(metadata, dict) or not _text(cast("Object", metadata).get("name")):
        raise BundleError(f"{version} {kind} has no metadata.name: {_shown(given)}")
    return {**given, "apiVersion": version.removeprefix("core/"), "metadata": dict(cast("Object", metadata))}


def _guarded(body: Object) -> Object:
    """Marks the data of a Secret secret, as the provider does, wherever the text came from."""
    if (body["apiVersion"], body["kind"]) != ("v1", "Secret"):
        return body
    return {key: Secret(value) if key in ("data", "stringData") else value for key, value in body.items()}


def _is_crd(body: Object) -> bool:
    return body.get("kind") == "CustomResourceDefinition" and isinstance(body.get("spec"), dict)


def _kind_of(crd: Object) -> tuple[str, str]:
    names: Object = crd["spec"].get("names") or {}
    return str(crd["spec"].get("group")), str(names.get("kind"))


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _shown(body: Object) -> str:
    text = json.dumps(body, default=str)
    return text if len(text) <= 100 else f"{text[:97]}..."
