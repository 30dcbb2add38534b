"""Reads a pod as the scheduler does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.capacity.model import HostPort, Match, Shape, Spread, Term
from slipway.capacity.requests import UNASKED, completed, pod_request
from slipway.capacity.selectors import (
    Requirement,
    Selector,
    node_term,
    node_terms,
    selector_of,
    strings,
    tolerations_of,
)
from slipway.capacity.volumes import Volumes
from slipway.preview.checks.fields import get, items, mapping, text

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
# What the scheduler does for pods of a workload or a Service that have no constraints of their own.
# https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#internal-default-constraints
_DEFAULT_SPREAD = ((HOSTNAME, 3), (ZONE, 5))
_SYSTEM_PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Makes shapes. It holds what pods refer to by name.

    `priorities` are the priority classes, with the default one under "". `runtimes` are the RuntimeClasses.
    """

    priorities: Mapping[str, int] = field(default_factory=dict[str, int])
    runtimes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    volumes: Volumes = field(default_factory=Volumes)

    def shape(self, namespace: str, pod: Any, *, siblings: Selector | None = None) -> Shape:
        """The shape of a pod, or of a pod template. `siblings` selects the pods of its workload and its Services.

        Raises no error for what is unknown or malformed: it then counts as not given.
        """
        spec = completed(self._with_runtime(mapping(pod, "spec")))
        labels = {key: str(value) for key, value in mapping(pod, "metadata", "labels").items()}
        hard = tuple(_spread(spec, labels, namespace, "DoNotSchedule"))
        soft = tuple(_spread(spec, labels, namespace, "ScheduleAnyway"))
        has_own = bool(get(spec, "topologySpreadConstraints", kind=list))
        if not has_own and siblings is not None and not siblings.is_empty:
            here = Match(siblings, frozenset({namespace}))
            soft = tuple(Spread(key, here, skew) for key, skew in _DEFAULT_SPREAD)
        scored = pod_request(spec, at_least=UNASKED)
        weighed = pod_request(spec, at_least=UNASKED, of_pod=False)
        terms = mapping(spec, "affinity", "nodeAffinity")
        required = mapping(terms, "requiredDuringSchedulingIgnoredDuringExecution")
        return Shape(
            namespace=namespace,
            labels=labels,
            request=pod_request(spec),
            limit=pod_request(spec, "limits"),
            unset_requests=_unset(spec, "requests"),
            unset_limits=_unset(spec, "limits"),
            scored=(scored["cpu"], scored["memory"]),
            weighed=(weighed["cpu"], weighed["memory"]),
            priority=self._priority(spec),
            node_name=text(spec, "nodeName") or "",
            node_labels={key: str(value) for key, value in mapping(spec, "nodeSelector").items()},
            required=node_terms(required, "nodeSelectorTerms") if required else None,
            preferred=tuple(
                (_number(one, "weight", 1), node_term(mapping(one, "preference")))
                for _, one in items(terms, "preferredDuringSchedulingIgnoredDuringExecution")
            ),
            tolerations=tolerations_of(spec),
            ports=tuple(_ports(spec)),
            volumes=self.volumes.rules(namespace, spec),
            hard_spread=hard,
            soft_spread=soft,
            has_own_spread=has_own,
            affinity=tuple(_required(spec, "podAffinity", labels, namespace)),
            anti_affinity=tuple(_required(spec, "podAntiAffinity", labels, namespace)),
            preferred_affinity=(
                *_preferred(spec, "podAffinity", labels, namespace, 1),
                *_preferred(spec, "podAntiAffinity", labels, namespace, -1),
            ),
        )

    def _priority(self, spec: Any) -> int:
        stated = get(spec, "priority", kind=int)
        if isinstance(stated, int):
            return stated
        name = text(spec, "priorityClassName") or ""
        return {**_SYSTEM_PRIORITIES, **self.priorities}.get(name, 0)

    def _with_runtime(self, spec: dict[str, Any]) -> dict[str, Any]:
        """https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling"""
        runtime = self.runtimes.get(text(spec, "runtimeClassName") or "")
        if runtime is None:
            return spec
        labels = {**mapping(spec, "nodeSelector"), **mapping(runtime, "scheduling", "nodeSelector")}
        tolerations = [one for _, one in (*items(spec, "tolerations"), *items(runtime, "scheduling", "tolerations"))]
        overhead = mapping(spec, "overhead") or mapping(runtime, "overhead", "podFixed")
        return {**spec, "nodeSelector": labels, "tolerations": tolerations, "overhead": overhead}


def _ports(spec: Any) -> Iterator[HostPort]:
    """Init containers' ports count only in sidecars."""
    sidecars = [one for _, one in items(spec, "initContainers") if text(one, "restartPolicy") == "Always"]
    for container in (*(one for _, one in items(spec, "containers")), *sidecars):
        for _, port in items(container, "ports"):
            number = _number(port, "hostPort", 0)
            if number == 0 and get(spec, "hostNetwork", kind=bool) is True:
                number = _number(port, "containerPort", 0)
            if number:
                address = text(port, "hostIP") or ""
                yield HostPort(number, text(port, "protocol") or "TCP", "" if address == "0.0.0.0" else address)


def _spread(spec: Any, labels: Mapping[str, str], namespace: str, action: str) -> Iterator[Spread]:
    for _, one in items(spec, "topologySpreadConstraints"):
        if text(one, "whenUnsatisfiable") == action:
            selector = _of_same(one, labels, selector_of(one.get("labelSelector")))
            yield Spread(
                text(one, "topologyKey") or "",
                Match(selector, frozenset({namespace})),
                _number(one, "maxSkew", 1),
                min_domains=_number(one, "minDomains", 1),
                honors_affinity=text(one, "nodeAffinityPolicy") != "Ignore",
                honors_taints=text(one, "nodeTaintsPolicy") == "Honor",
            )


def _required(spec: Any, kind: str, labels: Mapping[str, str], namespace: str) -> Iterator[Term]:
    for _, one in items(spec, "affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution"):
        yield _term(one, labels, namespace)


def _preferred(
    spec: Any, kind: str, labels: Mapping[str, str], namespace: str, sign: int
) -> Iterator[tuple[int, Term]]:
    for _, one in items(spec, "affinity", kind, "preferredDuringSchedulingIgnoredDuringExecution"):
        yield sign * _number(one, "weight", 1), _term(mapping(one, "podAffinityTerm"), labels, namespace)


def _term(one: dict[str, Any], labels: Mapping[str, str], namespace: str) -> Term:
    selector = _of_same(one, labels, selector_of(one.get("labelSelector")))
    others = [
        Requirement(key, "NotIn", frozenset({labels[key]}))
        for key in strings(one, "mismatchLabelKeys")
        if key in labels
    ]
    named = frozenset(strings(one, "namespaces"))
    by_labels = one.get("namespaceSelector")
    if not named and by_labels is None:
        named = frozenset({namespace})
    match = Match(selector.also(others), named, None if by_labels is None else selector_of(by_labels))
    return Term(text(one, "topologyKey") or "", match)


def _of_same(one: Any, labels: Mapping[str, str], selector: Selector) -> Selector:
    """The selector, restricted to pods with the same values of `matchLabelKeys`."""
    keys = [key for key in strings(one, "matchLabelKeys") if key in labels]
    return selector.also(Requirement(key, "In", frozenset({labels[key]})) for key in keys)


def _unset(spec: Any, part: str) -> tuple[str, ...]:
    """For CPU and memory: which of them a container leaves open, which a quota may not allow."""
    holders = [one for _, one in (*items(spec, "containers"), *items(spec, "initContainers"))]
    own = mapping(spec, "resources", part)
    open_ = {key for key in UNASKED for one in holders if key not in mapping(one, "resources", part)}
    return tuple(sorted(key for key in open_ if key not in own))


def _number(node: Any, field_name: str, default: int) -> int:
    value = get(node, field_name, kind=int)
    return value if isinstance(value, int) else default
