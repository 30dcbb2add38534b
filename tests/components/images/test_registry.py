"""A registry is asked as Docker asks it, with the login that Docker has, and no more than it says is told."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

import dxf
import pulumi
import pytest

from slipway.images import registry
from slipway.images.registry import RegistryError, find_digest, is_offline
from slipway.testing import deploy
from tests.certificates import self_signed
from tests.registry import DIGEST, Registry, serving

PASSWORD = "pass:word that no error shows"


@pytest.fixture(autouse=True)
def no_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.fixture
def local() -> Generator[Registry]:
    with serving(Registry(images={"team/app:1": DIGEST})) as served:
        yield served


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Registry]:
    """One that wants HTTPS and a login, as a registry that is not on loopback does."""
    certificate = tmp_path / "registry.pem"
    made = self_signed("localhost")
    certificate.write_text(made.key + made.certificate)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setattr(registry, "_is_loopback", _never)
    with serving(Registry(images={"team/app:1": DIGEST}, login=f"me:{PASSWORD}"), certificate) as served:
        yield served


def _never(host: str) -> bool:
    return not host


def _log_in(folder: Path, host: str, login: str) -> None:
    entry = {"auth": base64.b64encode(login.encode()).decode()}
    (folder / "config.json").write_text(json.dumps({"auths": {host: entry}}))


@pytest.mark.parametrize("version", ["1", DIGEST])
def test_what_a_registry_has_is_found_by_tag_and_by_digest(local: Registry, version: str) -> None:
    assert find_digest(f"{local.host}/team/app", version) == DIGEST
    assert local.asked == [f"/v2/team/app/manifests/{version}"], "one question, of the manifest alone"


@pytest.mark.parametrize(("path", "version"), [("team/app", "2"), ("team/other", "1"), ("team/app", f"{DIGEST[:-1]}0")])
def test_what_it_has_not_is_none(local: Registry, path: str, version: str) -> None:
    assert find_digest(f"{local.host}/{path}", version) is None


def test_the_login_of_docker_is_used(guarded: Registry, tmp_path: Path) -> None:
    _log_in(tmp_path, guarded.host, f"me:{PASSWORD}")
    assert find_digest(f"{guarded.host}/team/app", "1") == DIGEST
    assert find_digest(f"{guarded.host}/team/app", "2") is None


@pytest.mark.parametrize("login", [None, f"me:no {PASSWORD}"])
def test_without_a_login_that_it_takes_the_way_out_is_told(
    guarded: Registry, tmp_path: Path, login: str | None
) -> None:
    if login:
        _log_in(tmp_path, guarded.host, login)
    with pytest.raises(
        RegistryError, match=f"{guarded.host} asks for a login .* {guarded.host}/team/app:1: `docker l"
    ) as told:
        find_digest(f"{guarded.host}/team/app", "1")
    assert PASSWORD not in str(told.value)


def test_a_digest_that_is_not_told_is_the_manifests_own(local: Registry) -> None:
    local.manifest = b'{"schemaVersion": 2}'
    assert find_digest(f"{local.host}/team/app", "1") == f"sha256:{hashlib.sha256(local.manifest).hexdigest()}"


def test_a_registry_that_does_not_say_is_not_one_that_has_nothing(local: Registry) -> None:
    local.status = 503
    with pytest.raises(RegistryError, match=r"does not say whether it has .*/team/app:1 \(answers 503\)"):
        find_digest(f"{local.host}/team/app", "1")


def test_a_registry_that_is_not_there_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(RegistryError, match=rf"{host} does not say .*/team/app@{DIGEST} \(cannot be asked: Conn"):
        find_digest(f"{host}/team/app", DIGEST)


@pytest.mark.parametrize(
    ("repository", "path"),
    [("alpine", "library/alpine"), ("docker.io/library/alpine", "library/alpine"), ("grafana/loki", "grafana/loki")],
)
def test_docker_hub_is_asked_at_its_own_address(monkeypatch: pytest.MonkeyPatch, repository: str, path: str) -> None:
    asked: list[tuple[str, str]] = []

    class Hub(dxf.DXF):
        def __init__(self, host: str, repo: str, *_: object, **__: object) -> None:
            asked.append((host, repo))

        def head_manifest_and_response(self, alias: str) -> Any:
            return DIGEST, None

    monkeypatch.setattr(dxf, "DXF", Hub)
    assert find_digest(repository, "3") == DIGEST
    assert asked == [("registry-1.docker.io", path)]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("127.0.0.1:5000", True),
        ("127.8.9.10", True),
        ("[::1]:5000", True),
        ("localhost.example.com", False),
        ("registry.example.com:5000", False),
        ("10.0.0.1:5000", False),
    ],
)
def test_only_loopback_is_asked_in_clear(host: str, loopback: bool) -> None:
    assert registry._is_loopback(host) is loopback  # pyright: ignore[reportPrivateUsage]


def test_under_mocks_and_in_the_offline_preview_no_registry_is_asked() -> None:
    seen: list[bool] = []
    deploy(lambda: (seen.append(is_offline()), pulumi.export("a", "b")))
    assert seen == [True]
