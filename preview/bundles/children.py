"""The resources that the provider makes of the objects of a bundle: their types, names and namespaces."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from preview.bundles.errors import BundleError
from preview.bundles.yaml_text import expand
from preview.manifests import is_namespaced
from preview.model import Secret

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Child:
    """A resource to register: its type token, its logical name and its inputs, with secret ones wrapped."""

    type: str
    name: str
    body: Object


def children(objects: Iterable[Object], *, prefix: str, namespace: str, skip_await: bool = False) -> list[Child]:
    """The objects as the provider registers them, each once, in the order in which they come.

    An object of a namespaced kind without a namespace gets `namespace`. One that comes twice counts
    as its last copy says. Raises BundleError for what has no kind, version or name.
    """
    expanded = expand(list(objects))
    scopes = {_kind_of(crd): crd.get("spec", {}).get("scope") == "Namespaced" for crd in expanded if _is_crd(crd)}
    found: dict[tuple[str, ...], Child] = {}
    for given in expanded:
        body = _normal(given)
        group, kind = body["apiVersion"].rpartition("/")[0], body["kind"]
        metadata = body["metadata"]
        if not metadata.get("namespace") and scopes.get((group, kind), is_namespaced(body["apiVersion"], kind)):
            metadata["namespace"] = namespace
        if skip_await:
            metadata["annotations"] = {**(metadata.get("annotations") or {}), "pulumi.com/skipAwait": "true"}
        place = str(metadata.get("namespace") or ""), str(metadata["name"])
        name = ":".join(filter(None, (prefix, "/".join(filter(None, place)))))
        found[group, kind, *place] = Child(type=token(body), name=name, body=_guarded(body))
    return list(found.values())


def unplaced(found: Iterable[Child]) -> list[str]:
    """The kinds of which nobody says whether they live in a namespace, where an object names none."""
    known = list(found)
    defined = {_kind_of(child.body) for child in known if _is_crd(child.body)}
    return sorted(
        {
            f"{version}/{kind}"
            for body in (child.body for child in known)
            if is_namespaced(version := body["apiVersion"], kind := body["kind"]) is None
            and (version.rpartition("/")[0], kind) not in defined
            and not body["metadata"].get("namespace")
        }
    )


def token(body: Object) -> str:
    """The type of the resource that an object is: `kubernetes:core/v1:Pod`, `kubernetes:apps/v1:Deployment`."""
    version = body["apiVersion"]
    return f"kubernetes:{'core/v1' if version == 'v1' else version}:{body['kind']}"


def made_name(name: str, urn: str) -> str:
    """What the provider calls what has no name, but with the same digits in every run."""
    return f"{name}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def _normal(given: Object) -> Object:
    """A copy with what every object has to have."""
    version, kind = given.get("apiVersion"), given.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str) or not version or not kind:
        raise BundleError(f"an object has no kind or apiVersion: {_shown(given)}")
    metadata: object = given.get("metadata")
    if not isinstance(metadata, dict) or not _text(cast("Object", metadata).get("name")):
        raise BundleError(f"{version} {kind} has no metadata.name: {_shown(given)}")
    return {**given, "apiVersion": version.removeprefix("core/"), "metadata": dict(cast("Object", metadata))}


def _guarded(body: Object) -> Object:
    """The provider marks what is in a Secret, wherever the text came from."""
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
