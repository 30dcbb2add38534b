"""On which nodes pods may run, and beside which workloads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.workload import Workload, WorkloadResource, workload_of

_TOLERATION = re.compile(
    r"(?P<key>[^=:\s]+)(=(?P<value>[^=:\s]*))?(:(?P<effect>NoSchedule|PreferNoSchedule|NoExecute))?"
)
_SAME_NODE = "kubernetes.io/hostname"
_REQUIRED: Final = "required_during_scheduling_ignored_during_execution"


@checked
@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the scheduler may place pods. Raises ValueError for a wrong toleration, or a label without values.

    - `nodes`: labels that the node must have, each with its accepted value or values, as in
      `{"kubernetes.io/arch": ["amd64", "arm64"]}`.
    - `tolerations`: taints that the pods tolerate, written as for `kubectl taint`: "dedicated=gpu:NoSchedule". Without
      a value, any value is tolerated. Without an effect, any effect is.
    - `affinity`: the pods run only on a node that has a pod of each of these workloads.
    - `anti_affinity`: the pods never share a node with pods of these workloads.
    - `priority`: the name of a PriorityClass.
    https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
    """

    nodes: Mapping[str, str | Sequence[str]] = field(default_factory=dict[str, "str | Sequence[str]"])
    tolerations: Sequence[str] = ()
    affinity: Sequence[Workload | WorkloadResource] = ()
    anti_affinity: Sequence[Workload | WorkloadResource] = ()
    priority: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        for one in self.tolerations:
            if not _TOLERATION.fullmatch(one):
                raise ValueError(
                    f"toleration {one!r} is not a taint: write key=value:effect, as in 'dedicated=gpu:NoSchedule', "
                    f"with the effect NoSchedule, PreferNoSchedule or NoExecute"
                )
        for label, values in self.nodes.items():
            if not values:
                raise ValueError(f"nodes {label!r} has no values, so no node would do: give one, or leave it out")

    def rendered(self) -> core.PodSpecPatchArgsDict:
        """The fields of the pod's spec."""
        affinity: dict[str, Any] = {}
        if self.nodes:
            terms = [{"match_expressions": [_among(*one) for one in self.nodes.items()]}]
            affinity["node_affinity"] = {_REQUIRED: {"node_selector_terms": terms}}
        if self.affinity:
            affinity["pod_affinity"] = {_REQUIRED: [_beside(one) for one in self.affinity]}
        if self.anti_affinity:
            affinity["pod_anti_affinity"] = {_REQUIRED: [_beside(one) for one in self.anti_affinity]}
        spec: core.PodSpecPatchArgsDict = {}
        if affinity:
            spec["affinity"] = cast("core.AffinityPatchArgsDict", affinity)
        if self.tolerations:
            spec["tolerations"] = [_tolerated(one) for one in self.tolerations]
        if self.priority is not None:
            spec["priority_class_name"] = self.priority
        return spec


def _among(label: str, values: str | Sequence[str]) -> core.NodeSelectorRequirementPatchArgsDict:
    return {"key": label, "operator": "In", "values": [values] if isinstance(values, str) else list(values)}


def _beside(other: Workload | WorkloadResource) -> core.PodAffinityTermPatchArgsDict:
    workload = workload_of(other)
    return {
        "topology_key": _SAME_NODE,
        "label_selector": {"match_labels": workload.selector},
        "namespaces": [workload.place.name],
    }


def _tolerated(written: str) -> core.TolerationPatchArgsDict:
    found = _TOLERATION.fullmatch(written)
    assert found
    toleration: core.TolerationPatchArgsDict = {"key": found["key"]}
    if found["value"] is None:
        toleration["operator"] = "Exists"
    else:
        toleration["value"] = found["value"]
    if found["effect"]:
        toleration["effect"] = found["effect"]
    return toleration
