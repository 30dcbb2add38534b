"""Nodes are read from a short file, or from what kubectl prints; a mistake is told with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from slipway.capacity.model import CapacityError
from slipway.capacity.nodes import read_cluster
from slipway.capacity.selectors import Taint

SHORT = """
nodes:
  - name: general
    count: 3
    cpu: 3900m
    memory: 15Gi
    zones: [a, b]
  - name: gpu
    cpu: 8
    memory: 60Gi
    pods: 30
    resources: {nvidia.com/gpu: 2}
    labels: {pool: gpu}
    taints: ["nvidia.com/gpu=present:NoSchedule", "spot:NoExecute"]
"""


def read(folder: Path, text: str, name: str = "nodes.yaml") -> Any:
    (folder / name).write_text(text, encoding="utf-8")
    return read_cluster(name, folder=folder)


def test_a_short_file_gives_nodes_by_their_kinds(tmp_path: Path) -> None:
    nodes = read(tmp_path, SHORT).nodes
    assert [(node.name, node.zone, node.group) for node in nodes] == [
        ("general-1", "a", "general"),
        ("general-2", "b", "general"),
        ("general-3", "a", "general"),
        ("gpu", "", "gpu"),
    ]
    general, gpu = nodes[0], nodes[3]
    assert (general.allocatable["cpu"], general.allocatable["memory"]) == (3900, 15 * 1024**3)
    assert (general.allocatable["pods"], gpu.allocatable["pods"], gpu.allocatable["nvidia.com/gpu"]) == (110, 30, 2)
    assert general.labels["kubernetes.io/hostname"] == "general-1"
    assert gpu.labels["pool"] == "gpu"
    assert gpu.taints == (Taint("nvidia.com/gpu", "present", "NoSchedule"), Taint("spot", "", "NoExecute"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nodes:\n  - memory: 1Gi\n", "nodes.yaml:2: a node has no cpu: write how much"),
        (
            "nodes:\n  - cpu: 1\n    memory: 1Gb\n",
            "nodes.yaml:3: memory is '1Gb', which is not a quantity: write '15Gi'",
        ),
        ("nodes:\n  - cpus: 1\n", "nodes.yaml:2: a node has no 'cpus': did you mean cpu?"),
        ("nodes:\n  - {cpu: 1, memory: 1Gi, count: 0}\n", "nodes.yaml:2: count is 0: give a number of nodes"),
        (
            "nodes:\n  - {cpu: 1, memory: 1Gi, taints: [x]}\n",
            "nodes.yaml:2: taint 'x' is not understood: write key=value",
        ),
        ("nodes:\n  - {cpu: 1, memory: 1Gi, taints: x}\n", "nodes.yaml:2: taints holds 'x': write a list"),
        ("nodes: 3\n", "nodes.yaml:1: it has no list of nodes"),
        ("nodes: []\n", "nodes.yaml has no nodes"),
        ("nodes: [3]\n", "nodes.yaml:1: a node is not keys and values"),
        (
            "nodes:\n  - &a {name: a, cpu: 1, memory: 1Gi}\n  - *a\n",
            "two kinds of node are named a",
        ),
        ('{"kind": "List"}', "nodes.yaml is not what `kubectl get -o json` prints"),
        ('{"kind": "PodList", "items": []}', "nodes.yaml has no nodes"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_way_out(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(CapacityError) as refused:
        read(tmp_path, text)
    assert told in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CapacityError, match=r"none\.yaml cannot be read: No such file"):
        read_cluster("none.yaml", folder=tmp_path)


def test_what_kubectl_prints_is_read_with_what_runs_there(tmp_path: Path) -> None:
    node = {
        "kind": "Node",
        "metadata": {"name": "one", "labels": {"topology.kubernetes.io/zone": "a"}},
        "spec": {"unschedulable": True, "taints": [{"key": "spot", "effect": "NoSchedule"}]},
        "status": {"allocatable": {"cpu": "2", "memory": "1024Ki", "pods": "5", "nvidia.com/gpu": "1"}},
    }
    pod: dict[str, Any] = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"nodeName": "one", "containers": []}}
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": "c"}}
    (tmp_path / "nodes.json").write_text(json.dumps({"kind": "List", "items": [node, claim]}), encoding="utf-8")
    pods = tmp_path / "pods.json"
    # As the API itself answers, without a kind for each item.
    pods.write_text(
        json.dumps({"kind": "PodList", "items": [{key: pod[key] for key in ("metadata", "spec")}]}), encoding="utf-8"
    )
    cluster = read_cluster("nodes.json", str(pods), folder=tmp_path)
    (found,) = cluster.nodes
    assert (found.name, found.zone, found.unschedulable) == ("one", "a", True)
    assert dict(found.allocatable) == {"cpu": 2000, "memory": 1024**2, "pods": 5, "nvidia.com/gpu": 1}
    assert found.taints == (Taint("spot", "", "NoSchedule"),)
    assert [one["metadata"]["name"] for one in (*cluster.objects, *cluster.pods)] == ["c", "p"]
