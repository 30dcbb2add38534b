"""What the policies of a program allow, as an evaluator judges them that is not ours.

The network of the test cluster enforces no policy. The Network Config Analyzer of np-guard reads them as they are
rendered, beside the workloads, and says who may call whom.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from slipway import (
    Allow,
    Connection,
    ConnectionArgs,
    Deployment,
    DeploymentArgs,
    Namespace,
    NetworkPolicy,
    NetworkPolicyArgs,
    Port,
    Service,
    ServiceArgs,
)
from slipway.testing import deploy
from slipway.testing.deployed import Program

NCA = "network-config-analyzer==2.1.0"
NAMES = "src_ns: [back,front] src_pods: [*] dst_ns: [kube-system] dst_pods: [*] conn: {protocols:TCP, UDP,dst_ports:53}"
CALL = "src_ns: [front] src_pods: [web] dst_ns: [back] dst_pods: [api] conn: {protocols:TCP,dst_ports:8080}"


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, in an environment of its own: what it depends on is no matter of ours."""
    home = tmp_path_factory.mktemp("analyzer")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    install = [home / "bin/pip", "install", "--quiet", "--disable-pip-version-check", NCA]
    ended = subprocess.run(install, capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.skip(f"{NCA} could not be installed: {ended.stderr.strip()[-200:]}")
    return home / "bin/nca"


def shop() -> tuple[dict[str, Deployment], dict[str, Service]]:
    """web and shelf in one namespace, api and stock in another one, with two ports each."""
    places = {name: Namespace(name) for name in ("front", "back")}
    ports = [Port(name="http", number=8080), Port(name="admin", number=9090)]
    apps = {
        name: Deployment(
            name, DeploymentArgs(namespace=places[place], image="example.com/app:1", replicas=1, ports=ports)
        )
        for name, place in {"web": "front", "shelf": "front", "api": "back", "stock": "back"}.items()
    }
    numbers = {"http": 80, "admin": 81}
    return apps, {name: Service(name, ServiceArgs(workload=app, ports=numbers)) for name, app in apps.items()}


def closed() -> tuple[dict[str, Deployment], dict[str, Service]]:
    apps, services = shop()
    for place in ("front", "back"):
        NetworkPolicy(place, NetworkPolicyArgs.deny_all(place))
    return apps, services


def connect(apps: dict[str, Deployment], services: dict[str, Service]) -> None:
    Connection("web-to-api", ConnectionArgs(caller=apps["web"], callee=services["api"], port="http"))


def allowed(analyzer: Path, folder: Path, program: Program) -> set[str]:
    """What of ours may call what, as the analyzer has it; what kube-system does without us is left out."""
    objects = deploy(program).objects()
    for one in objects:
        if one["kind"] == "Namespace":
            # Every API server gives a namespace this label.
            one["metadata"]["labels"]["kubernetes.io/metadata.name"] = one["metadata"]["name"]
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects), encoding="utf-8")
    command = [analyzer, "--connectivity", "-r", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    found = {line for line in ended.stdout.splitlines() if line.startswith("src")}
    assert found, ended.stdout + ended.stderr
    free = ("src: 0.0.0.0/0 dst_ns: [kube-system]", "src_ns: [kube-system]")
    return {line for line in found if not line.startswith(free)}


def test_without_policies_everyone_calls_everyone(analyzer: Path, tmp_path: Path) -> None:
    assert "src: 0.0.0.0/0 dst_ns: [back,front] dst_pods: [*] conn: All connections" in allowed(
        analyzer, tmp_path, shop
    )


def test_a_closed_namespace_lets_through_questions_to_the_name_servers_alone(analyzer: Path, tmp_path: Path) -> None:
    assert allowed(analyzer, tmp_path, closed) == {NAMES}


def test_a_connection_lets_its_caller_call_its_port_and_nothing_else(analyzer: Path, tmp_path: Path) -> None:
    assert allowed(analyzer, tmp_path, lambda: connect(*closed())) == {NAMES, CALL}


def test_a_connection_alone_closes_what_it_does_not_open(analyzer: Path, tmp_path: Path) -> None:
    calls = allowed(analyzer, tmp_path, lambda: connect(*shop()))
    assert CALL in calls
    named = "[front] src_pods: [web]", "[front] src_pods: [*]"
    of_web = {line for line in calls if any(one in line for one in named) and "kube-system" not in line}
    assert of_web == {CALL}, "web calls api and nobody else"
    whole = ("dst_ns: [back] dst_pods: [api", "dst_ns: [back] dst_pods: [*]", "dst_ns: [back,front]")
    to_api = {line for line in calls if any(one in line for one in whole)}
    # A pod always reaches itself.
    itself = "src_ns: [back] src_pods: [api] dst_ns: [back] dst_pods: [*] conn: All connections"
    assert to_api == {CALL, itself}, "nobody else calls api"


def test_namespaces_addresses_and_numbers_are_allowed_as_they_are_said(analyzer: Path, tmp_path: Path) -> None:
    def program() -> None:
        apps, _ = closed()
        callers = Allow(namespaces=["back"], cidrs=["10.0.0.0/8"], excepted=["10.128.0.0/9"], ports=[9090])
        NetworkPolicy("web", NetworkPolicyArgs(of=apps["web"], ingress=[callers]))
        NetworkPolicy(
            "api", NetworkPolicyArgs(of=apps["api"], egress=[Allow(workloads=[apps["web"]], ports=["admin"])])
        )

    assert allowed(analyzer, tmp_path, program) == {
        NAMES,
        "src: 10.0.0.0/9 dst_ns: [front] dst_pods: [web] conn: {protocols:TCP,dst_ports:9090}",
        "src_ns: [back] src_pods: [api] dst_ns: [front] dst_pods: [web] conn: {protocols:TCP,dst_ports:9090}",
    }
