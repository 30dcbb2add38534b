"""The data types of the placement: nodes, the shapes of pods, and where pods go.

Amounts are integers: thousandths of a core for `cpu`, and base units (bytes, pieces) for all other resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slipway.capacity.selectors import Labels, NodeTerm, Selector, Taint, Toleration

Amounts = Mapping[str, int]


class CapacityError(Exception):
    """The question cannot be answered. The message is one line that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """`allocatable` is what pods may have of it. `group` is the entry of the nodes file that it comes from."""

    name: str
    allocatable: Amounts
    labels: Labels = field(default_factory=dict[str, str])
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False
    group: str = ""

    @property
    def zone(self) -> str:
        return self.labels.get("topology.kubernetes.io/zone", "")


@dataclass(frozen=True)
class Match:
    """Selects pods by namespace and labels. `namespaces` are names; `of_namespaces` selects more by their labels."""

    selector: Selector
    namespaces: frozenset[str]
    of_namespaces: Selector | None = None


@dataclass(frozen=True)
class Term:
    """One term of a pod's affinity or anti-affinity: in which domains the pods that match must, or must not, be."""

    topology: str
    match: Match


@dataclass(frozen=True)
class Spread:
    """One topology spread constraint."""

    topology: str
    match: Match
    max_skew: int
    min_domains: int = 1
    honors_affinity: bool = True
    honors_taints: bool = False


@dataclass(frozen=True)
class HostPort:
    """A port of the node. An empty address means all of its addresses."""

    port: int
    protocol: str = "TCP"
    address: str = ""

    def conflicts(self, other: HostPort) -> bool:
        same = (self.port, self.protocol) == (other.port, other.protocol)
        return same and (not self.address or not other.address or self.address == other.address)


@dataclass(frozen=True)
class VolumeRule:
    """What a volume asks of the pod's node: to match one of the terms, or else the reason is `reason`.

    If `in_zones_only`, nodes without any label of a zone or region pass.
    """

    terms: tuple[NodeTerm, ...]
    reason: str
    in_zones_only: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """All that the scheduler reads of a pod. Pods of one shape are alike for it.

    `scored` are the CPU and the memory for scores, where a container that asks for nothing counts as 0.1 cores and
    200 MiB. `weighed` are the same while the pod is not on a node yet: then the scheduler's LeastAllocated leaves the
    pod's own amounts out. `required` are the terms of the node affinity, None if there are none. Shapes are compared by
    identity, so make each shape once.
    """

    namespace: str
    labels: Labels
    request: Amounts
    limit: Amounts = field(default_factory=dict[str, int])
    scored: tuple[int, int] = (0, 0)
    weighed: tuple[int, int] = (0, 0)
    priority: int = 0
    node_name: str = ""
    node_labels: Labels = field(default_factory=dict[str, str])
    required: tuple[NodeTerm, ...] | None = None
    preferred: tuple[tuple[int, NodeTerm], ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    ports: tuple[HostPort, ...] = ()
    volumes: tuple[VolumeRule, ...] = ()
    hard_spread: tuple[Spread, ...] = ()
    soft_spread: tuple[Spread, ...] = ()
    has_own_spread: bool = False
    affinity: tuple[Term, ...] = ()
    anti_affinity: tuple[Term, ...] = ()
    preferred_affinity: tuple[tuple[int, Term], ...] = ()
    unset_limits: tuple[str, ...] = ()
    unset_requests: tuple[str, ...] = ()

    def admits(self, node: Node) -> bool:
        """Whether the node selector and the required node affinity allow the node."""
        labels = node.labels
        if any(labels.get(key) != value for key, value in self.node_labels.items()):
            return False
        return self.required is None or any(term.matches(node.name, labels) for term in self.required)

    def named_nodes(self) -> frozenset[str] | None:
        """The only nodes that the affinity allows by name, as in a DaemonSet's pods; None if it names none."""
        found: frozenset[str] = frozenset()
        for term in self.required or ():
            names = term.names()
            if names is None:
                return None
            found |= names
        return found or None


@dataclass(frozen=True, eq=False)
class Pod:
    """One pod to place. `workload` names what it belongs to, as in `Deployment shop/web`."""

    name: str
    workload: str
    shape: Shape


@dataclass(frozen=True)
class Pending:
    """A pod that no node takes, with the scheduler's message, or that is not even made (`made` is False)."""

    pod: Pod
    message: str
    made: bool = True
