"""Reads nodes: from a short file that is written by hand, or from what kubectl prints."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from slipway.capacity.cluster import Body, Cluster, node_of
from slipway.capacity.model import CapacityError, Node
from slipway.capacity.requests import amount
from slipway.capacity.selectors import Taint
from slipway.capacity.shapes import HOSTNAME, ZONE
from slipway.preview.near import hint
from slipway.preview.project import ProjectError
from slipway.preview.yaml_file import YamlFile

_MOST_PODS = 110
"""The kubelet's default for the pods on a node."""
_KEYS = ("name", "count", "cpu", "memory", "pods", "ephemeral-storage", "resources", "labels", "taints", "zones")
_TAINT = re.compile(r"([^=:]+)(?:=([^=:]*))?:(NoSchedule|NoExecute|PreferNoSchedule)")


def read_cluster(given: str, pods: str | None = None, folder: Path = Path()) -> Cluster:
    """The nodes in the file `given`, or in standard input if it is `-`, and what runs on them.

    `folder` is where the file's name begins. Both files may have lists of any kinds, as
    `kubectl get nodes,pods,pv,pvc -A -o json` prints them. Raises CapacityError for a file that has no nodes.
    """
    if pods == "-" and given == "-":
        raise CapacityError("standard input cannot be the nodes and the pods: give one of them as a file")
    where = "standard input" if given == "-" else given
    content = _text(given, folder)
    if not content.lstrip().startswith("{"):
        nodes, objects = _short(given, folder), list[Body]()
    else:
        nodes, objects = _split(_objects(where, content))
    if pods is not None:
        objects = [*objects, *_objects(pods, _text(pods))]
    if not nodes:
        raise CapacityError(
            f"{where} has no nodes: give what `kubectl get nodes -o json` prints, or a file of your own"
        )
    return Cluster(
        nodes=nodes,
        objects=[one for one in objects if one.get("kind") != "Pod"],
        pods=[one for one in objects if one.get("kind") == "Pod"],
        where=where,
    )


def _text(given: str, folder: Path = Path()) -> str:
    try:
        return sys.stdin.read() if given == "-" else (folder / given).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CapacityError(f"{given} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _objects(where: str, content: str) -> list[Body]:
    try:
        read: Any = json.loads(content)
        return items_of(read)
    except (ValueError, TypeError, KeyError):
        raise CapacityError(f"{where} is not what `kubectl get -o json` prints") from None


def items_of(read: Mapping[str, Any]) -> list[Body]:
    """The objects of a list as kubectl prints it, or the only object. Raises TypeError or KeyError for other data."""
    listed: Any = read["items"] if str(read["kind"]).endswith("List") else [read]
    if not all(isinstance(one, dict) for one in listed):
        raise TypeError
    of_list = str(read["kind"]).removesuffix("List")
    # `kubectl get nodes` gives each item its kind, the API does not.
    return [{"kind": of_list, **one} for one in cast("list[Body]", listed)]


def _split(objects: list[Body]) -> tuple[list[Node], list[Body]]:
    return [node_of(one) for one in objects if one["kind"] == "Node"], [one for one in objects if one["kind"] != "Node"]


def _short(given: str, folder: Path) -> list[Node]:
    try:
        if given == "-":
            raise CapacityError(
                "standard input is not what `kubectl get nodes -o json` prints: give a file by its name"
            )
        file = YamlFile(folder / given, folder)
        entries = file.data.get("nodes")
        if not isinstance(entries, list):
            raise file.refusal("it has no list of nodes: write `nodes:`, and below it an entry for each kind of node")
        found: list[Node] = []
        for number, entry in enumerate(cast("list[Any]", entries)):
            found += _Entry(file, number, entry).nodes(taken={node.group for node in found})
        return found
    except ProjectError as error:
        raise CapacityError(str(error)) from None


class _Entry:
    """One kind of node in a short file."""

    def __init__(self, file: YamlFile, number: int, entry: Any) -> None:
        self._file, self._number = file, number
        if not isinstance(entry, dict):
            raise file.refusal("a node is not keys and values: write `cpu:` and `memory:`", "nodes", number)
        self._entry = cast("dict[str, Any]", entry)
        for key in self._entry:
            if key not in _KEYS:
                raise self._refusal(f"a node has no {key!r}: {hint(key, _KEYS)}", key)

    def _refusal(self, said: str, *path: str) -> ProjectError:
        return self._file.refusal(said, "nodes", self._number, *path)

    def nodes(self, taken: set[str]) -> list[Node]:
        group = str(self._entry.get("name") or f"node-{self._number + 1}")
        if group in taken:
            raise self._refusal(f"two kinds of node are named {group}: name them apart", "name")
        count = self._entry.get("count", 1)
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise self._refusal(f"count is {count!r}: give a number of nodes, 1 or more", "count")
        zones = self._strings("zones")
        allocatable = {
            "cpu": self._amount("cpu", self._required("cpu")),
            "memory": self._amount("memory", self._required("memory")),
            "pods": self._amount("pods", self._entry.get("pods", _MOST_PODS)),
            # Most disks are large, and most pods do not say how much of it they need.
            "ephemeral-storage": self._amount("ephemeral-storage", self._entry.get("ephemeral-storage", "1Pi")),
        }
        for resource, quantity in self._mapping("resources").items():
            allocatable[resource] = self._amount(resource, quantity, "resources")
        labels = {key: str(value) for key, value in self._mapping("labels").items()}
        taints = tuple(self._taint(one) for one in self._strings("taints"))
        names = [group if count == 1 else f"{group}-{number + 1}" for number in range(count)]
        return [
            Node(
                name=name,
                allocatable=allocatable,
                labels={
                    "kubernetes.io/os": "linux",
                    HOSTNAME: name,
                    **({ZONE: zones[number % len(zones)]} if zones else {}),
                    **labels,
                },
                taints=taints,
                group=group,
            )
            for number, name in enumerate(names)
        ]

    def _required(self, key: str) -> Any:
        if key not in self._entry:
            raise self._refusal(f"a node has no {key}: write how much of it pods may have (its allocatable {key})")
        return self._entry[key]

    def _amount(self, key: str, quantity: Any, *path: str) -> int:
        number = amount(key, quantity)
        if number is None or number < 0:
            example = {"cpu": "'3900m' or 4", "memory": "'15Gi'"}.get(key, "a number")
            raise self._refusal(f"{key} is {quantity!r}, which is not a quantity: write {example}", *path, key)
        return number

    def _mapping(self, key: str) -> dict[str, Any]:
        given: Any = self._entry.get(key) or {}
        if not isinstance(given, dict):
            raise self._refusal(f"{key} holds {given!r}: write keys and values", key)
        return {str(name): value for name, value in cast("dict[Any, Any]", given).items()}

    def _strings(self, key: str) -> list[str]:
        given: Any = self._entry.get(key) or []
        if not isinstance(given, list):
            raise self._refusal(f"{key} holds {given!r}: write a list", key)
        return [str(one) for one in cast("list[Any]", given)]

    def _taint(self, written: str) -> Taint:
        parts = _TAINT.fullmatch(written)
        if parts is None:
            raise self._refusal(
                f"taint {written!r} is not understood: write key=value:effect, where the effect is NoSchedule, "
                "NoExecute or PreferNoSchedule",
                "taints",
            )
        return Taint(parts[1], parts[2] or "", parts[3])
