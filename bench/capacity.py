"""How long `slipway capacity` takes to place 5,000 pods on 500 nodes, and how its memory grows, as ratios.

    python bench/capacity.py [ROUNDS]

Every round runs each command once, in a process of its own. `read` imports NumPy and parses the input: the nodes as
kubectl prints them, and the manifests of 50 Deployments with a topology spread constraint each. `place` does that and
places all pods, with each of the two models. `memory` is the most memory that the placement takes, of four times the
pods on four times the nodes, over one times.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PYTHON = str(ROOT / ".venv/bin/python")
READ = """
import json, pathlib, sys
import numpy
folder = pathlib.Path(sys.argv[1])
nodes, objects = (json.loads((folder / name).read_text()) for name in ("nodes.json", "objects.json"))
"""
PLACE = """
import tracemalloc
from slipway.capacity.cluster import Cluster, node_of
from slipway.capacity.asked import Scenario
from slipway.capacity.demand import Demand
from slipway.capacity.scenarios import Question
from slipway.capacity.scores import Model
from slipway.preview.model import Manifest
if len(sys.argv) > 3:
    tracemalloc.start()
manifests = [Manifest(urn=str(number), body=body) for number, body in enumerate(objects)]
demand = Demand(manifests, Cluster(nodes=[node_of(one) for one in nodes["items"]]))
outcome = Question(demand, Model(sys.argv[2])).outcome(Scenario.MAXIMUM)
assert outcome.fits and outcome.pods == 10 * len(nodes["items"]), (outcome.pods, len(outcome.pending))
if len(sys.argv) > 3:
    print(tracemalloc.get_traced_memory()[1])
"""
NODES, DEPLOYMENTS = 500, 50
BOUNDS = {("scheduler", "read"): 10.0, ("share", "read"): 10.0}
MEMORY_BOUND = 4.5


def node(number: int) -> dict[str, Any]:
    name, zone = f"node-{number}", "abc"[number % 3]
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": zone}
    allocatable = {"cpu": "7910m", "memory": "30Gi", "pods": "110", "ephemeral-storage": "95Gi"}
    conditions = [
        {"type": kind, "status": "False", "reason": "KubeletHas"} for kind in ("MemoryPressure", "DiskPressure")
    ]
    images = [{"names": [f"registry.example.com/image-{one}:1"], "sizeBytes": 1_000_000 * one} for one in range(20)]
    status = {"allocatable": allocatable, "capacity": allocatable, "conditions": conditions, "images": images}
    return {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {"name": name, "labels": labels},
        "spec": {},
        "status": status,
    }


def deployment(number: int, replicas: int) -> dict[str, Any]:
    name = f"web-{number}"
    labels = {"matchLabels": {"app": name}}
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": labels,
    }
    asked = {"cpu": f"{200 + 10 * (number % 30)}m", "memory": "1Gi"}
    container = {"name": name, "image": "registry.example.com/web:1", "resources": {"requests": asked}}
    template = {
        "metadata": {"labels": labels["matchLabels"]},
        "spec": {"containers": [container], "topologySpreadConstraints": [spread]},
    }
    spec = {"replicas": replicas, "selector": labels, "template": template}
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    }


def write_input(folder: Path, nodes: int) -> None:
    listed = {"kind": "List", "items": [node(number) for number in range(nodes)]}
    replicas = 10 * nodes // DEPLOYMENTS
    (folder / "nodes.json").write_text(json.dumps(listed), encoding="utf-8")
    objects = [deployment(number, replicas) for number in range(DEPLOYMENTS)]
    (folder / "objects.json").write_text(json.dumps(objects), encoding="utf-8")


def run(code: str, *arguments: str) -> tuple[float, str]:
    started = time.perf_counter()
    ended = subprocess.run([PYTHON, "-c", code, *arguments], check=True, capture_output=True, text=True)
    return time.perf_counter() - started, ended.stdout


def main(rounds: int = 9) -> int:
    missed = 0
    commands = {"read": (READ,), "scheduler": (READ + PLACE, "scheduler"), "share": (READ + PLACE, "share")}
    times: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as large, tempfile.TemporaryDirectory() as small:
        write_input(Path(large), NODES)
        write_input(Path(small), NODES // 4)
        for name in (*commands, *(list(commands) * rounds)):
            code, *model = commands[name]
            times[name].append(run(code, large, *model)[0])
        most = [int(run(READ + PLACE, folder, "scheduler", "memory")[1]) for folder in (large, small)]
    for name, taken in times.items():
        del taken[0]  # The first round brings the files into memory.
        sys.stdout.write(f"{name:10} median {statistics.median(taken):.2f} s\n")
    for (name, peer), bound in BOUNDS.items():
        ratio = statistics.median(a / b for a, b in zip(times[name], times[peer], strict=True))
        missed += ratio > bound
        sys.stdout.write(f"{name} / {peer}: {ratio:.2f} ({'within' if ratio <= bound else 'OVER'} {bound})\n")
    ratio = most[0] / most[1]
    missed += ratio > MEMORY_BOUND
    verdict = "within" if ratio <= MEMORY_BOUND else "OVER"
    sys.stdout.write(f"memory of 4 times as much: {ratio:.2f} ({verdict} {MEMORY_BOUND}), {most[0] / 2**20:.0f} MiB\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
