"""Which nodes a pod's volumes allow, as far as the volumes are known.

https://kubernetes.io/docs/concepts/storage/persistent-volumes/#node-affinity
https://kubernetes.io/docs/concepts/storage/storage-classes/#allowed-topologies
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.capacity.model import VolumeRule
from slipway.capacity.selectors import NodeTerm, Requirement, node_terms, strings
from slipway.preview.checks.fields import items, mapping, text

_NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
_ZONE_CONFLICT = "node(s) had no available volume zone"
_NONE_TO_BIND = "node(s) didn't find available persistent volumes to bind"
_BETA = "failure-domain.beta.kubernetes.io"
TOPOLOGY_LABELS = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region", f"{_BETA}/zone", f"{_BETA}/region")


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """The claims (by namespace and name), persistent volumes and storage classes that are known."""

    claims: Mapping[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])
    persistent: Mapping[str, Any] = field(default_factory=dict[str, Any])
    classes: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def rules(self, namespace: str, spec: Any) -> tuple[VolumeRule, ...]:
        """The rules of the pod's claims, in the scheduler's order. A claim that is not known has none."""
        affinities: list[VolumeRule] = []
        zones: list[VolumeRule] = []
        for _, volume in items(spec, "volumes"):
            claim = self.claims.get((namespace, text(volume, "persistentVolumeClaim", "claimName") or ""))
            persistent = self.persistent.get(text(claim, "spec", "volumeName") or "")
            if persistent is not None:
                affinities += _affinity(persistent)
                zones += _zones(persistent)
            elif not text(claim, "spec", "volumeName"):
                affinities += self._allowed(claim)
        # The scheduler asks for the affinity of all volumes before it asks for the zones of any.
        return (*affinities, *zones)

    def _allowed(self, claim: Any) -> Iterator[VolumeRule]:
        """Where the class may make the volume of a claim that has none yet."""
        known = self.classes.get(text(claim, "spec", "storageClassName") or "")
        terms = [
            NodeTerm(
                tuple(
                    Requirement(text(one, "key") or "", "In", frozenset(strings(one, "values")))
                    for _, one in items(topology, "matchLabelExpressions")
                )
            )
            for _, topology in items(known, "allowedTopologies")
        ]
        if terms and text(known, "volumeBindingMode") == "WaitForFirstConsumer":
            yield VolumeRule(tuple(terms), _NONE_TO_BIND)


def _affinity(persistent: Any) -> Iterator[VolumeRule]:
    terms = node_terms(persistent, "spec", "nodeAffinity", "required", "nodeSelectorTerms")
    if terms:
        yield VolumeRule(terms, _NODE_CONFLICT)


def _zones(persistent: Any) -> Iterator[VolumeRule]:
    labels = mapping(persistent, "metadata", "labels")
    for key in TOPOLOGY_LABELS:
        value = text(labels, key)
        if value:
            values = frozenset(value.split("__"))
            now = key.replace(_BETA, "topology.kubernetes.io")
            terms = tuple(NodeTerm((Requirement(one, "In", values),)) for one in dict.fromkeys((key, now)))
            yield VolumeRule(terms, _ZONE_CONFLICT, in_zones_only=True)
