"""Every stack on a real cluster, from its sources to its answers."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any, cast

import grpc
import pytest

import stacks
from tests.e2e.project import TOKEN, Project, stack_project
from tests.e2e.site import Site
from tests.e2e.traffic import answer, fetch
from tests.e2e.waiting import until

SERVING = b"\x08\x01"
"""HealthCheckResponse{status: SERVING}"""


@pytest.fixture(scope="module", params=stacks.names())
def deployed(
    site: Site, image: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Project]:
    project = stack_project(site, tmp_path_factory.mktemp("stack"), request.param)
    project.deploy("image")
    project.deploy("apply")
    yield project
    project.deploy("down")
    left = site.kubectl("get", "namespace", f"hello-world-{project.stack}", "--ignore-not-found").stdout
    assert not left, f"down left {left}"


def _namespace(project: Project) -> str:
    return f"hello-world-{project.stack}"


def _address(project: Project) -> str:
    return project.site.get("service", "hello-world", "--namespace", _namespace(project))["spec"]["clusterIP"]


def test_the_service_answers_with_the_configured_greeting(deployed: Project) -> None:
    stated = deployed.preview()["manifests"]
    greeting = next(one["data"]["hello-world.data"] for one in stated if one["kind"] == "ConfigMap")
    until(lambda: answer(f"http://{_address(deployed)}:8080/") == greeting, "the service greets")


def test_the_grpc_health_probe_passes(deployed: Project) -> None:
    with grpc.insecure_channel(f"{_address(deployed)}:50021") as channel:
        check = cast("Any", channel).unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"", timeout=5) == SERVING


def test_private_needs_the_token(deployed: Project) -> None:
    url = f"http://{_address(deployed)}:8080/private"
    guarded = (401, 200) if deployed.guarded else (403, 403)
    assert (fetch(url)[0], fetch(url, token=TOKEN)[0]) == guarded


def test_the_namespace_enforces_restricted_and_the_pods_are_ready(deployed: Project) -> None:
    labels = deployed.site.get("namespace", _namespace(deployed))["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    pods = deployed.site.items("pods", "--namespace", _namespace(deployed))
    ready = [one["status"] for pod in pods for one in pod["status"]["conditions"] if one["type"] == "Ready"]
    assert ready == ["True"] * {"dev": 1, "staging": 2, "prod": 3}[deployed.stack]


def test_the_api_server_accepts_each_manifest_in_a_dry_run(deployed: Project) -> None:
    manifests = deployed.rendered()
    stream = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    told = deployed.site.kubectl(
        *("apply", "--server-side", "--dry-run=server", "--field-manager=slipway", "--force-conflicts", "-f-"),
        stdin=stream,
    )
    assert len(told.stdout.splitlines()) == len(manifests)
    assert "Warning" not in told.stderr, "pod security or a deprecation would warn"


def test_the_api_server_stores_what_the_preview_renders(deployed: Project) -> None:
    for rendered in deployed.rendered():
        metadata = rendered["metadata"]
        place = ("--namespace", metadata["namespace"]) if "namespace" in metadata else ()
        stored = deployed.site.get(rendered["kind"], metadata["name"], *place)
        assert not list(_differences(rendered, stored)), rendered["kind"]


def _differences(rendered: Any, stored: Any, path: str = "") -> Iterator[str]:
    """Where the stored object differs from the rendered one. Fields that the server added do not count."""
    match rendered, stored:
        case dict(), dict():
            for key, value in cast("dict[str, Any]", rendered).items():
                yield from _differences(value, cast("dict[str, Any]", stored).get(key), f"{path}.{key}")
        case list(), list() if len(cast("list[Any]", rendered)) == len(cast("list[Any]", stored)):
            for index, (item, other) in enumerate(
                zip(cast("list[Any]", rendered), cast("list[Any]", stored), strict=True)
            ):
                yield from _differences(item, other, f"{path}[{index}]")
        case _ if rendered != stored:
            yield f"{path}: {rendered!r} became {stored!r}"
        case _:
            pass


def test_a_difference_would_be_seen() -> None:
    rendered = {"spec": {"ports": [{"port": 80}], "hosts": ["a"]}, "type": "x"}
    stored = {"spec": {"ports": [{"port": 81, "protocol": "TCP"}], "hosts": ["a", "b"]}}
    assert list(_differences(rendered, stored)) == [
        ".spec.ports[0].port: 80 became 81",
        ".spec.hosts: ['a'] became ['a', 'b']",
        ".type: 'x' became None",
    ]
