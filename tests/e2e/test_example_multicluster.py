"""One service on two clusters: each has its share, and the one that does not answer is left as it is."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import threading
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import Note
from tests.e2e.example import Example, stand_in
from tests.e2e.scheduler import Api, Body, ControlPlane, RefusedError, control_plane, node_of
from tests.e2e.site import Site
from tests.e2e.traffic import answer
from tests.e2e.waiting import until
from tests.repository import ROOT

SECOND = "second"
NAMESPACE = "multicluster"
CONTROLLERS = ("deployment-controller", "replicaset-controller", "garbage-collector-controller", "namespace-controller")
NODE: Body = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "simulated"},
    "status": {
        "allocatable": {"cpu": "8", "memory": "16Gi", "pods": "100"},
        "conditions": [{"type": "Ready", "status": "True"}],
    },
}


@pytest.fixture
def second(site: Site, tmp_path: Path) -> Generator[ControlPlane]:
    """A control plane with a node that is only an object, and with something that reports the node's pods."""
    folder = tmp_path / SECOND
    folder.mkdir()
    over = threading.Event()
    with control_plane(site, folder, CONTROLLERS) as made:
        made.api.make(NODE)
        kubelet = threading.Thread(target=_report_pods, args=(made.api.another(), over))
        kubelet.start()
        try:
            yield made
        finally:
            over.set()
            kubelet.join()


def _report_pods(api: Api, over: threading.Event) -> None:
    while not over.wait(0.3):
        try:
            for pod in api.ask("GET", "/api/v1/pods")["items"]:
                _report(api, pod)
        except (OSError, ValueError, http.client.HTTPException, RefusedError):
            api.reconnect()  # The API server is stopped, or the pod is gone already.
    api.close()


def _report(api: Api, pod: Body) -> None:
    """Reports that a new pod is ready, as a kubelet would, and that a pod to be deleted has ended."""
    path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
    if "deletionTimestamp" in pod["metadata"]:
        api.ask("DELETE", path, {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})
    elif node_of(pod) and pod["status"]["phase"] == "Pending":
        conditions = [{"type": one, "status": "True"} for one in ("PodScheduled", "ContainersReady", "Ready")]
        status = {"status": {"phase": "Running", "conditions": conditions}}
        api.ask("PATCH", f"{path}/status", status, "application/strategic-merge-patch+json")


@pytest.fixture
def multicluster(site: Site, second: ControlPlane, tmp_path: Path) -> Generator[Example]:
    """The example, whose contexts are the cluster under test and the second one, in one kubeconfig."""
    folder = tmp_path / "program"
    shutil.copytree(ROOT / "examples/multicluster", folder)
    kubeconfig = os.pathsep.join([site.environment["KUBECONFIG"], str(second.kubeconfig)])
    both = replace(site, environment={**site.environment, "KUBECONFIG": kubeconfig})
    made = Example(site=both, folder=folder, stack="prod")
    made.edit("prod-eu", site.context, file="Pulumi.prod.yaml")
    made.edit("prod-us", SECOND, file="Pulumi.prod.yaml")
    yield made
    made.deploy("down")


def test_multicluster(image: str, second: ControlPlane, multicluster: Example, note: Note) -> None:
    stand_in(multicluster.site, "registry.example.com/hello-world:1.0.0", f"FROM {image}")
    note(multicluster.update().stdout)
    first, other = multicluster.site, replace(multicluster.site, context=SECOND)
    assert (_replicas(first), _replicas(other)) == (4, 2), "each has its share of the pods"
    hello = multicluster.url(NAMESPACE, "hello")
    until(lambda: answer(hello) == "Hello from eu.\n", "the first one answers")

    before = _versions(other)
    second.stop()
    multicluster.edit("Hello from", "Greetings from")
    ended = multicluster.update(check=False)
    note(ended.stderr)
    assert ended.returncode == 1
    assert re.fullmatch(r"deploy: second is out of reach: .+; apply again when it answers, .+\n", ended.stderr)
    until(lambda: answer(hello) == "Greetings from eu.\n", "the first one has changed")
    second.start()
    assert _versions(other) == before, "the second one is as it was"

    multicluster.update()
    assert _greetings(other) >= {"Greetings from us.\n"}, "the next run repairs it"

    multicluster.deploy("down")
    assert [_left(one) for one in (first, other)] == ["", ""]


def _replicas(site: Site) -> int:
    return site.get("deployment", "hello", "--namespace", NAMESPACE)["status"]["readyReplicas"]


def _versions(site: Site) -> dict[str, str]:
    """The generation of each object of the stack, which only a change of its declaration increases."""
    found = site.items("namespaces,deployments,services,configmaps,ingresses", "--all-namespaces")
    return {one["metadata"]["uid"]: str(one["metadata"].get("generation") or one.get("data")) for one in found}


def _greetings(site: Site) -> set[str]:
    found = site.items("configmaps", "--namespace", NAMESPACE)
    return {one["data"]["hello-world.data"] for one in found if "hello-world.data" in one.get("data", {})}


def _left(site: Site) -> str:
    return site.kubectl("get", "namespace", NAMESPACE, "--ignore-not-found", "--output=name").stdout
