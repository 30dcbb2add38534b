"""Draws the objects of a stack and their relations as a Mermaid flowchart, which GitHub shows in Markdown.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from slipway.preview.checks.objects import kind_of, name_of, namespace_of
from slipway.preview.clusters import by_cluster
from slipway.preview.model import Manifest
from slipway.preview.relations import CALLS, relations
from slipway.preview.result import Result

_SHAPES = {
    "Service": ("([", "])"),
    "Ingress": ("{{", "}}"),
    "HTTPRoute": ("{{", "}}"),
    "GRPCRoute": ("{{", "}}"),
    "ConfigMap": ("[/", "/]"),
    "Secret": ("[/", "/]"),
    "PersistentVolumeClaim": ("[(", ")]"),
    "PersistentVolume": ("[(", ")]"),
}
_BOX = ("[", "]")


def diagrams(results: Iterable[Result]) -> str:
    """Markdown with a diagram for each stack. A failed program has none, because half of a stack would mislead."""
    parts = [f"## {one.stack}\n\n```mermaid\n{diagram(one.manifests)}```\n" for one in results if not one.failed]
    return "\n".join(parts)


def diagram(manifests: list[Manifest]) -> str:
    """One flowchart. A namespace is a box around its objects, and so is the cluster of an explicit provider."""
    nodes = {id(one): f"o{number}" for number, one in enumerate(manifests, 1) if kind_of(one) != "Namespace"}
    boxes, arrows = itertools.count(1), list[str]()
    lines = ["flowchart LR"]
    for number, (cluster, there) in enumerate(by_cluster(manifests).items(), 1):
        inside = list(_boxes(there, nodes, boxes))
        if cluster:
            inside = [f'subgraph c{number}["Cluster {_escaped(cluster)}"]', *(f"  {line}" for line in inside), "end"]
        lines += [f"  {line}" for line in inside]
        arrows += _arrows(there, nodes)
    return "\n".join([*lines, *arrows]) + "\n"


def _boxes(manifests: list[Manifest], nodes: dict[int, str], numbers: Iterator[int]) -> Iterator[str]:
    namespaces = dict.fromkeys(namespace_of(one) for one in manifests if id(one) in nodes and one.namespace)
    for namespace in namespaces:
        yield f'subgraph n{next(numbers)}["Namespace {_escaped(namespace)}"]'
        yield from (f"  {_node(nodes[id(one)], one)}" for one in manifests if _is_in(one, namespace, nodes))
        yield "end"
    yield from (_node(nodes[id(one)], one) for one in manifests if id(one) in nodes and not one.namespace)


def _arrows(manifests: list[Manifest], nodes: dict[int, str]) -> Iterator[str]:
    for relation in relations(manifests):
        one, other = nodes.get(id(relation.one)), nodes.get(id(relation.other))
        if one and other:
            arrow = "==>" if relation.verb == CALLS else "-->"
            yield f"  {one} {arrow}|{relation.verb}| {other}"


def _is_in(one: Manifest, namespace: str, nodes: dict[int, str]) -> bool:
    return id(one) in nodes and bool(one.namespace) and namespace_of(one) == namespace


def _node(node: str, one: Manifest) -> str:
    opening, closing = _SHAPES.get(kind_of(one), _BOX)
    # A name that only a deployment knows: the name in the program.
    name = name_of(one) or f"{one.urn.rpartition('::')[2]} …"
    return f'{node}{opening}"{_escaped(kind_of(one))}<br>{_escaped(name)}"{closing}'


def _escaped(text: str) -> str:
    """Text inside of quotes. Mermaid writes special characters as entities with `#` in the place of `&`."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
