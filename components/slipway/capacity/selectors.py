"""Selectors of labels and of nodes, as the scheduler reads them.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.preview.checks.fields import get, items, mapping, text

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Requirement:
    """One condition on a label. `operator` is In, NotIn, Exists, DoesNotExist, Gt or Lt."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Labels) -> bool:
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value in self.values
            case "NotIn":
                return value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
            case "Gt" | "Lt":
                return self._compares(value)
            case _:
                return False

    def _compares(self, value: str | None) -> bool:
        try:
            given, (limit,) = int(value or ""), map(int, self.values)
        except ValueError:
            return False
        return given > limit if self.operator == "Gt" else given < limit


@dataclass(frozen=True)
class Selector:
    """A `LabelSelector`. An empty one selects everything; an absent one (`nothing`) selects nothing."""

    requirements: frozenset[Requirement] = frozenset()
    nothing: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.requirements and not self.nothing

    def matches(self, labels: Labels) -> bool:
        return not self.nothing and all(one.holds(labels) for one in self.requirements)

    def also(self, more: Iterable[Requirement]) -> Selector:
        """The selector with more conditions. One that selects nothing stays so."""
        return self if self.nothing else Selector(self.requirements | frozenset(more))


NOTHING = Selector(nothing=True)


def selector_of(given: Any) -> Selector:
    """The selector that a `LabelSelector` means."""
    if given is None:
        return NOTHING
    equal = {Requirement(key, "In", frozenset({str(value)})) for key, value in mapping(given, "matchLabels").items()}
    return Selector(frozenset(equal | set(requirements_of(given, "matchExpressions"))))


def requirements_of(node: Any, field: str) -> list[Requirement]:
    """The conditions in a list of expressions."""
    return [
        Requirement(text(one, "key") or "", text(one, "operator") or "", frozenset(strings(one, "values")))
        for _, one in items(node, field)
    ]


def strings(node: Any, *steps: str) -> list[str]:
    """The list of strings at `steps`; empty if it is absent or unknown."""
    values = get(node, *steps, kind=list)
    return [str(one) for one in values] if isinstance(values, list) else []


@dataclass(frozen=True)
class NodeTerm:
    """One `nodeSelectorTerm`: conditions on a node's labels, and on its name."""

    labels: tuple[Requirement, ...] = ()
    fields: tuple[Requirement, ...] = ()

    def matches(self, name: str, labels: Labels) -> bool:
        if not self.labels and not self.fields:
            return False
        named = {"metadata.name": name}
        return all(one.holds(labels) for one in self.labels) and all(one.holds(named) for one in self.fields)

    def names(self) -> frozenset[str] | None:
        """The only names of nodes that the term allows; None if it does not name nodes."""
        named = [one.values for one in self.fields if one.key == "metadata.name" and one.operator == "In"]
        return named[0].intersection(*named[1:]) if named else None


def node_terms(node: Any, *steps: str) -> tuple[NodeTerm, ...]:
    """The terms of the list at `steps`. A node matches if it matches any of them."""
    return tuple(node_term(one) for _, one in items(node, *steps))


def node_term(one: Any) -> NodeTerm:
    return NodeTerm(tuple(requirements_of(one, "matchExpressions")), tuple(requirements_of(one, "matchFields")))


@dataclass(frozen=True)
class Taint:
    """https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"""

    key: str
    value: str
    effect: str


@dataclass(frozen=True)
class Toleration:
    """An empty key tolerates every taint, and an empty effect tolerates all effects."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""

    def tolerates(self, taint: Taint) -> bool:
        if self.effect not in ("", taint.effect) or self.key not in ("", taint.key):
            return False
        return self.operator == "Exists" or (self.operator == "Equal" and self.value == taint.value)


def tolerations_of(spec: Any) -> tuple[Toleration, ...]:
    return tuple(
        Toleration(
            text(one, "key") or "",
            text(one, "operator") or "Equal",
            text(one, "value") or "",
            text(one, "effect") or "",
        )
        for _, one in items(spec, "tolerations")
    )


def untolerated(taints: Iterable[Taint], tolerations: Iterable[Toleration], effects: Iterable[str]) -> list[Taint]:
    """The taints with one of these effects that no toleration covers."""
    return [taint for taint in taints if taint.effect in effects and not any(t.tolerates(taint) for t in tolerations)]
