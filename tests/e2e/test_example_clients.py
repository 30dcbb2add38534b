"""The client of examples/clients runs: in the cluster as a Job, and from outside with a kubeconfig."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
import yaml

from slipway.access.api_resources import VERBS
from tests.e2e.conftest import Note
from tests.e2e.example import WAYS, Example, Way, example, stand_in
from tests.e2e.reviews import Request, allowed
from tests.e2e.site import Site, base_images
from tests.e2e.waiting import until
from tests.repository import ROOT

CLIENTS = ROOT / "examples/clients"
PLACE = "clients-dev"
ACCOUNT = f"system:serviceaccount:{PLACE}:client"
WHAT = [
    *("pods", "pods/log", "services", "secrets", "configmaps", "events", "deployments.apps", "deployments.apps/scale"),
    *("replicasets.apps", "jobs.batch", "roles.rbac.authorization.k8s.io"),
]
NAMES = ["", "my-pod", "my-service", "my-deployment", "other"]


@pytest.mark.parametrize("way", WAYS)
def test_clients(way: Way, site: Site, tmp_path: Path, note: Note) -> None:
    _images(site)
    with example(site, "clients", tmp_path / "program", way=way, registry=f"{site.registry}/clients") as clients:
        clients.deploy("image")
        note(clients.update().stdout)
        _toured(site)
        _grants_exactly(site)
        _rolls(site)
        _fails(site, tmp_path)
        _changes(clients)


def _images(site: Site) -> None:
    """The base images of both Dockerfiles, and three versions of the image that runs."""
    [python] = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", (CLIENTS / "client/Dockerfile").read_text("utf-8"), re.MULTILINE)
    site.cluster("base-images", "--python", python)
    dockerfile = (CLIENTS / "my-image/Dockerfile").read_text("utf-8").replace("busybox:1.37", base_images()["GO_IMAGE"])
    for tag in ("latest", "1.0.0", "1.1.0"):
        stand_in(site, f"my-image:{tag}", dockerfile.replace("VERSION=1.0.0", f"VERSION={tag}"))


def _toured(site: Site) -> None:
    """The Job has succeeded, and its log shows what it did."""
    log = site.kubectl("logs", "--selector=app.kubernetes.io/name=tour", "--tail=-1", "--namespace", PLACE).stdout
    steps = [
        *("Pod my-pod: found", "Service my-service: found", "Deployment my-deployment: found"),
        *("Deployment restarts with my-image:latest", "Deployment is rolled out", "Deployment back to revision 1"),
        *("Deployment is rolled out", "revision 3, 3 of 3 updated", "ScalingReplicaSet"),
    ]
    assert re.search(".*".join(map(re.escape, steps)), log, re.DOTALL), log
    assert "\x1b" not in log, "a log is no terminal"


def _grants_exactly(site: Site) -> None:
    needed = {
        *(("get", kind, name) for kind, name in zip(("pods", "services", "deployments.apps"), NAMES[1:], strict=False)),
        ("patch", "deployments.apps", "my-deployment"),
        *(("list", kind, name) for kind in ("pods", "replicasets.apps", "events") for name in NAMES),
        *(("watch", "events", name) for name in NAMES),
    }
    requests = [Request(*one) for one in product(VERBS, WHAT, NAMES, [PLACE, "default"])]
    may = {one for one, yes in zip(requests, allowed(site, ACCOUNT, requests), strict=True) if yes}
    assert may == {Request(*one, PLACE) for one in needed}, "neither more nor less"


def _rolls(site: Site) -> None:
    """From outside: the table, forward, back, and the events of both."""
    with _start(site, "events") as events:
        try:
            forward = _client(site, "forward", "--image", "my-image:1.1.0")
            assert (forward.returncode, forward.stdout.splitlines()[-1]) == (0, "Deployment is rolled out"), forward
            status = _client(site, "status").stdout
            assert re.search(r"^Deployment +my-deployment +3/3 +revision 4, .* my-image:1.1.0$", status, re.MULTILINE)
            assert _images_of_pods(site) == {"my-image:1.1.0"}
            back = _client(site, "back")
            assert "Deployment back to revision 3, my-image:latest" in back.stdout, back
            assert back.returncode == 0, back
            assert _images_of_pods(site) == {"my-image:latest"}
        finally:
            events.send_signal(signal.SIGINT)
        seen, errors = events.communicate(timeout=30)
    assert events.returncode == 130
    assert errors == "client: stopped: a rollout that has begun goes on, see `status`\n"
    assert re.search(r"^ScalingReplicaSet +Deployment my-deployment: .*Scaled up", seen, re.MULTILINE), seen


def _fails(site: Site, tmp_path: Path) -> None:
    """Each error is one line, with its exit code."""
    _refused(site, 5, 'namespaces "none" not found: create it, or use', "--namespace", "none", "ensure")
    image = f"{site.registry}/none:1"
    _refused(site, 6, f"Deployment my-deployment: {image} cannot be pulled (", "forward", "--image", image)
    assert _client(site, "back").returncode == 0
    soon = '{"spec": {"progressDeadlineSeconds": 3, "minReadySeconds": 1}}'
    site.kubectl("patch", "deployment/my-deployment", "--patch", soon, "--namespace", PLACE)
    late = 'Deployment my-deployment: ReplicaSet "my-deployment-'
    _refused(site, 6, late, "forward", "--image", "registry.invalid/my-image:1")
    assert _client(site, "back").returncode == 0
    _refused(site, 7, "Deployment my-deployment: the controller has not seen", "forward", "--timeout", "0")
    site.kubectl("delete", "pod/my-pod", "--grace-period=1", "--namespace", PLACE)
    _refused(site, 5, f"Pod my-pod not found in namespace {PLACE}: create what is missing", "status")
    token = site.kubectl("create", "token", "client", "--namespace", PLACE).stdout.strip()
    account = _kubeconfig(site, tmp_path / "account", user={"token": token})
    _refused(site, 4, f'pods is forbidden: User "{ACCOUNT}" cannot create', "ensure", kubeconfig=account)
    assert _client(site, "ensure").stdout.splitlines()[0] == "Pod my-pod: created"
    nobody = _kubeconfig(site, tmp_path / "nobody", user={"token": "of-nobody"})
    _refused(site, 4, "the API server knows no such account (Unauthorized)", "status", kubeconfig=nobody)
    nowhere = _kubeconfig(site, tmp_path / "nowhere", server="https://127.0.0.1:1")
    _refused(site, 3, "no answer from the API server (", "status", kubeconfig=nowhere)
    _refused(site, 3, "no cluster is known (", "status", kubeconfig=tmp_path / "none")


def _changes(clients: Example) -> None:
    """A version takes the place of `latest`. The Job is as it was, so it does not run again."""

    def jobs() -> dict[str, str]:
        found = clients.site.items("jobs", "--namespace", PLACE)
        return {one["metadata"]["name"]: one["metadata"]["uid"] for one in found}

    before = jobs()
    # This pod is of the client, not of the program.
    clients.site.kubectl("delete", "pod/my-pod", "--grace-period=1", "--namespace", PLACE)
    clients.edit("my-image:latest", "my-image:1.0.0", file="Pulumi.dev.yaml")
    clients.update()
    assert _images_of_pods(clients.site) == {"my-image:1.0.0"}
    assert jobs() == before


def _images_of_pods(site: Site) -> set[str]:
    """The images of the Deployment's pods that are not ending."""

    def found() -> list[str]:
        pods = site.items("pods", "--namespace", PLACE, "--selector", "app.kubernetes.io/name=my-deployment")
        return [one["spec"]["containers"][0]["image"] for one in pods if "deletionTimestamp" not in one["metadata"]]

    until(lambda: len(found()) == 3, "there are three pods")
    return set(found())


def _client(site: Site, *arguments: str, kubeconfig: Path | None = None) -> subprocess.CompletedProcess[str]:
    with _start(site, *arguments, kubeconfig=kubeconfig) as process:
        output, errors = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def _start(site: Site, *arguments: str, kubeconfig: Path | None = None) -> subprocess.Popen[str]:
    place = [] if "--namespace" in arguments else ["--namespace", PLACE]
    environment = {**os.environ, **site.environment, **({"KUBECONFIG": str(kubeconfig)} if kubeconfig else {})}
    # A shell that runs the tests in the background has them ignore Ctrl-C, and what they start as well.
    command = ["env", "--default-signal=INT", sys.executable, "-m", "client"]
    return subprocess.Popen(
        [*command, *place, *arguments],
        cwd=CLIENTS,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _refused(site: Site, code: int, begins: str, *arguments: str, kubeconfig: Path | None = None) -> None:
    ended = _client(site, *arguments, kubeconfig=kubeconfig)
    assert re.fullmatch(rf"client: {re.escape(begins)}.+\n", ended.stderr), ended
    assert ended.returncode == code, ended


def _kubeconfig(site: Site, file: Path, *, user: dict[str, str] | None = None, server: str | None = None) -> Path:
    """The cluster's kubeconfig with another user, or another server."""
    config = yaml.safe_load(site.kubectl("config", "view", "--raw", "--minify", "--flatten").stdout)
    if user:
        config["users"][0]["user"] = user
    if server:
        config["clusters"][0]["cluster"]["server"] = server
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return file
