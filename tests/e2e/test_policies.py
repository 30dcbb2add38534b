"""What the policies of a program allow, as an evaluator judges them that is not ours.

The network of the test cluster enforces no policy. cyclonus, which others use to test network plugins, reads the
policies as they are rendered, and says of each pair of pods whether one may call the other.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

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
from tests.e2e.modules import go
from tests.recorder import ROOT, Program, record

PORTS = (("TCP", 8080), ("TCP", 9090), ("UDP", 53), ("TCP", 53))
OUTSIDE = {"office": "10.2.0.7", "guest": "10.1.0.7", "internet": "192.0.2.1"}
Call = tuple[str, str, str, int]


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program in tests/e2e/policies, built."""
    folder, built = ROOT / "tests" / "e2e" / "policies", tmp_path_factory.mktemp("evaluator") / "policies"
    go("mod", "download", folder=folder)
    go("build", "-buildvcs=false", "-o", str(built), ".", folder=folder)
    return built


def shop() -> tuple[dict[str, Deployment], dict[str, Service]]:
    """web and other in one namespace, api in another one, with two ports each."""
    places = {"web": Namespace("front"), "api": Namespace("back")}
    places["other"] = places["web"]
    ports = [Port(name="http", number=8080), Port(name="admin", number=9090)]
    apps = {
        name: Deployment(name, DeploymentArgs(namespace=place, image="example.com/app:1", replicas=1, ports=ports))
        for name, place in places.items()
    }
    numbers = {"http": 80, "admin": 81}
    return apps, {name: Service(name, ServiceArgs(workload=app, ports=numbers)) for name, app in apps.items()}


def peers(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each Deployment's pods, a name server, a pod that nobody speaks of, and addresses outside, by name."""
    found = {
        one["metadata"]["name"]: inside(one["metadata"]["namespace"], one["spec"]["template"]["metadata"]["labels"])
        for one in objects
        if one["kind"] == "Deployment"
    }
    more = {"dns": inside("kube-system", {"k8s-app": "kube-dns"}), "system": inside("kube-system", {"app": "x"})}
    return {**found, **more, **{name: {"Internal": None, "IP": ip} for name, ip in OUTSIDE.items()}}


def inside(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    # Every API server gives a namespace this label.
    of_namespace = {"kubernetes.io/metadata.name": namespace}
    return {
        "Internal": {"PodLabels": labels, "NamespaceLabels": of_namespace, "Namespace": namespace},
        "IP": "10.244.0.9",
    }


def allowed(evaluator: Path, program: Program) -> set[Call]:
    """All calls that the policies of a program let through on both sides, of pods to others or to addresses."""
    objects = record(program).objects()
    known = peers(objects)
    calls = [
        (caller, callee, protocol, port)
        for caller, callee, (protocol, port) in product(known, known, PORTS)
        if caller != callee and not {caller, callee} <= set(OUTSIDE)
    ]
    asked = {
        "policies": [one for one in objects if one["kind"] == "NetworkPolicy"],
        "questions": [
            {"From": known[caller], "To": known[callee], "Port": port, "Protocol": protocol}
            for caller, callee, protocol, port in calls
        ],
    }
    ended = subprocess.run([str(evaluator)], input=json.dumps(asked), capture_output=True, text=True, check=True)
    answers = json.loads(ended.stdout)
    assert len(answers) == len(calls) > 100
    return {call for call, answer in zip(calls, answers, strict=True) if answer["Egress"] and answer["Ingress"]}


def of_ours(calls: set[Call]) -> set[Call]:
    """Those that web, api or other makes or gets."""
    return {call for call in calls if {"web", "api", "other"} & set(call[:2])}


def closed() -> tuple[dict[str, Deployment], dict[str, Service]]:
    apps, services = shop()
    for place in ("front", "back"):
        NetworkPolicy(place, NetworkPolicyArgs.deny_all(place))
    return apps, services


def resolving(*callers: str) -> Iterator[Call]:
    return ((caller, "dns", protocol, 53) for caller in callers for protocol in ("TCP", "UDP"))


def test_without_policies_everyone_calls_everyone(evaluator: Path) -> None:
    assert ("internet", "api", "TCP", 9090) in allowed(evaluator, shop)


def test_a_closed_namespace_lets_nothing_through_but_questions_to_the_name_servers(evaluator: Path) -> None:
    assert of_ours(allowed(evaluator, closed)) == set(resolving("web", "api", "other"))


def test_a_connection_lets_its_caller_call_its_port_and_nothing_else(evaluator: Path) -> None:
    def program() -> None:
        apps, services = closed()
        Connection("web-to-api", ConnectionArgs(caller=apps["web"], callee=services["api"], port="http"))

    expected = {("web", "api", "TCP", 8080), *resolving("web", "api", "other")}
    assert of_ours(allowed(evaluator, program)) == expected


def test_a_connection_alone_closes_what_it_does_not_open(evaluator: Path) -> None:
    def program() -> None:
        apps, services = shop()
        Connection("web-to-api", ConnectionArgs(caller=apps["web"], callee=services["api"], port="http"))

    calls = allowed(evaluator, program)
    assert {call for call in calls if call[0] == "web"} == {("web", "api", "TCP", 8080), *resolving("web")}
    assert {call for call in calls if call[1] == "api"} == {("web", "api", "TCP", 8080)}
    assert ("internet", "web", "TCP", 8080) in calls, "who calls web is for others to say"
    assert ("api", "internet", "TCP", 8080) in calls, "whom api calls is for others to say"


def test_namespaces_addresses_and_numbers_are_allowed_as_they_are_said(evaluator: Path) -> None:
    def program() -> None:
        apps, _ = closed()
        callers = Allow(
            namespaces=["back"], cidrs=["10.0.0.0/8"], excepted=["10.1.0.0/16", "10.244.0.0/16"], ports=[9090]
        )
        NetworkPolicy(
            "web", NetworkPolicyArgs(of=apps["web"], ingress=[callers], egress=[Allow(anyone=True)], dns=False)
        )
        NetworkPolicy(
            "api", NetworkPolicyArgs(of=apps["api"], egress=[Allow(workloads=[apps["web"]], ports=["admin"])])
        )

    calls = of_ours(allowed(evaluator, program))
    assert {call for call in calls if call[1] == "web"} == {("api", "web", "TCP", 9090), ("office", "web", "TCP", 9090)}
    to_outside = {("web", outside, protocol, port) for outside in OUTSIDE for protocol, port in PORTS}
    assert {call for call in calls if call[0] == "web" and call[1] in OUTSIDE} == to_outside
    assert {call for call in calls if call[0] == "api"} == {("api", "web", "TCP", 9090), *resolving("api")}
