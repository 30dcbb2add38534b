"""Every stack, on a real cluster, from its sources to its answer."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from stacks import STACKS
from tests.e2e.project import TOKEN, Project, stack_project
from tests.e2e.site import Site
from tests.e2e.traffic import fetch

SERVING = b"\x08\x01"
"""HealthCheckResponse{status: SERVING}"""


@pytest.fixture(scope="module", params=list(STACKS))
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
    assert fetch(f"http://{_address(deployed)}:8080/") == (200, greeting)


def test_the_grpc_health_probe_passes(deployed: Project) -> None:
    with grpc.insecure_channel(f"{_address(deployed)}:50021") as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
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
    manifests = [one for one in deployed.preview()["manifests"] if one["kind"] != "Secret"]
    stream = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    told = deployed.site.kubectl(
        *("apply", "--server-side", "--dry-run=server", "--field-manager=slipway", "--force-conflicts", "-f-"),
        stdin=stream,
    )
    assert len(told.stdout.splitlines()) == len(manifests)
    assert "Warning" not in told.stderr, "pod security or a deprecation would warn"


def test_the_api_server_stores_what_the_preview_renders(deployed: Project) -> None:
    for rendered in deployed.preview()["manifests"]:
        metadata = rendered["metadata"]
        if rendered["kind"] == "Secret" or "config" in str(rendered["kind"]).lower():
            # Their names carry a digest, which for a secret only the deployment knows.
            stored = _stored_by_keys(deployed, rendered)
        else:
            place = ("--namespace", metadata["namespace"]) if "namespace" in metadata else ()
            stored = deployed.site.get(rendered["kind"], metadata["name"], *place)
        assert not list(_differences(rendered, stored)), rendered["kind"]


def _stored_by_keys(project: Project, rendered: dict[str, Any]) -> dict[str, Any]:
    """The one object of this kind with the same keys."""
    found = project.site.items(rendered["kind"], "--namespace", _namespace(project))
    same = [one for one in found if sorted(one.get("data", {})) == sorted(rendered.get("data", {}))]
    assert len(same) == 1
    return same[0]


def _differences(rendered: Any, stored: Any, path: str = "") -> Iterator[str]:
    """Where what is stored is not what was rendered; what the server added is no difference."""
    if rendered in ("<computed>", "[secret]") or ("<computed>" in str(rendered) and isinstance(rendered, str)):
        if not stored:
            yield f"{path} is empty"
    elif isinstance(rendered, dict):
        known: dict[str, Any] = rendered
        for key, value in known.items():
            yield from _differences(value, stored.get(key) if isinstance(stored, dict) else None, f"{path}.{key}")
    elif isinstance(rendered, list):
        items: list[Any] = rendered
        if not isinstance(stored, list) or len(items) != len(stored):  # pyright: ignore[reportUnknownArgumentType]
            yield f"{path}: {items} became {stored}"
        else:
            for index, item in enumerate(items):
                yield from _differences(item, stored[index], f"{path}[{index}]")
    elif rendered != stored:
        yield f"{path}: {rendered!r} became {stored!r}"


def test_a_difference_would_be_seen(tmp_path: Path) -> None:
    rendered = {"spec": {"ports": [{"port": 80}]}, "data": "[secret]"}
    assert list(_differences(rendered, {"spec": {"ports": [{"port": 81}]}, "data": ""})) == [
        ".spec.ports[0].port: 80 became 81",
        ".data is empty",
    ]
