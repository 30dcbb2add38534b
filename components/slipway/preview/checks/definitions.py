"""The CustomResourceDefinitions that are known, and which of them the objects of a render need.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from slipway.preview.checks import structural
from slipway.preview.checks.fields import get, items, mapping, text
from slipway.preview.checks.objects import group_of, is_custom, kind_of
from slipway.preview.checks.published import Version, validator_of
from slipway.preview.model import Manifest, Placeholder

Origin = Literal["declared", "given", "unknown"]
"""Who knows a CRD: the program that declares it, the user who gives it, or nobody."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A kind that the cluster has to serve by a CRD. `crd` is the CRD's name; None if `origin` is `unknown`."""

    api_version: str
    kind: str
    crd: str | None
    origin: Origin


@dataclass(frozen=True, eq=False, kw_only=True)
class Definition:
    """One CRD."""

    name: str
    origin: Origin
    group: str
    kind: str
    schemas: dict[str, Any]
    """The schema of each version that is served; None if it is not known."""

    def served(self) -> list[str]:
        """The versions as an object writes them, the stable ones first."""
        ordered = sorted(self.schemas, key=lambda version: ("alpha" in version, "beta" in version, version))
        return [f"{self.group}/{version}" for version in ordered]

    def schema(self, api_version: str) -> Any:
        return self.schemas.get(api_version.rpartition("/")[2])

    @cache  # noqa: B019 (a definition lives as long as the process)
    def validator(self, api_version: str, version: Version) -> Any:
        """Judges an object of `api_version`. `version` is that of Kubernetes, whose metadata the object has."""
        return validator_of(version, structural.of_object(self.schema(api_version), version))


class Definitions:
    """The CRDs among the objects of a render, and `given` ones. The CRD that the program declares comes first."""

    def __init__(self, manifests: Iterable[Manifest] = (), given: Iterable[dict[str, Any]] = ()) -> None:
        declared = (m.body for m in manifests if (group_of(m), kind_of(m)) == (_GROUP, _KIND))
        known = [
            *(definition_of(body, "given") for body in given),
            *(definition_of(body, "declared") for body in declared),
        ]
        self._by_kind = {(one.group, one.kind): one for one in known if one}

    def of(self, manifest: Manifest) -> Definition | None:
        """The CRD of an object's kind."""
        return self._by_kind.get((group_of(manifest), kind_of(manifest)))

    def kinds(self, group: str) -> list[str]:
        """The kinds of a group that are known."""
        return [kind for of, kind in self._by_kind if of == group]

    def needed(self, manifests: Sequence[Manifest]) -> list[Need]:
        """The custom kinds of the objects, in alphabetical order."""
        return sorted(self._needed(manifests), key=lambda need: (need.api_version, need.kind))

    def _needed(self, manifests: Sequence[Manifest]) -> Iterator[Need]:
        kinds = {(text(m.body, "apiVersion") or "", kind_of(m)): m for m in manifests if is_custom(m) and kind_of(m)}
        for (api_version, kind), manifest in kinds.items():
            known = self.of(manifest)
            yield Need(
                api_version=api_version,
                kind=kind,
                crd=known.name if known else None,
                origin=known.origin if known else "unknown",
            )


def is_definition(body: dict[str, Any]) -> bool:
    """Whether an object is a CRD, of any version."""
    api_version = body.get("apiVersion")
    return isinstance(api_version, str) and api_version.startswith(f"{_GROUP}/") and body.get("kind") == _KIND


def definition_of(body: dict[str, Any], origin: Origin) -> Definition | None:
    """The CRD in an object; None if it has no group, no kind or no versions."""
    group, kind = text(body, "spec", "group"), text(body, "spec", "names", "kind")
    versions = [(text(one, "name"), one) for _, one in items(body, "spec", "versions")]
    if not group or not kind or not versions or any(name is None for name, _ in versions):
        return None
    schemas = {
        str(name): mapping(one, "schema", "openAPIV3Schema") or None
        for name, one in versions
        # Whether it is served may be unknown.
        if get(one, "served", kind=bool) is True or isinstance(one.get("served"), Placeholder)
    }
    name = text(body, "metadata", "name") or f"{kind}.{group}"
    return Definition(name=name, origin=origin, group=group, kind=kind, schemas=schemas)


_GROUP = "apiextensions.k8s.io"
_KIND = "CustomResourceDefinition"
