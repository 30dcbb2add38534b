"""Nodes pull with the credentials that they are given, which nobody else sees."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from pulumi_kubernetes.core import v1 as core

from slipway import Login, Namespace, PullSecret, PullSecretArgs
from slipway.preview.model import Secret
from slipway.testing import Unknown, deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import awaited, deployment

PASSWORD = "t0p:s3cret"


def pull_secret(*registries: str, password: Any = PASSWORD) -> PullSecret:
    logins = {one: Login(username="shop", password=password) for one in registries or ("ghcr.io",)}
    return PullSecret("pull", PullSecretArgs(namespace=NAMESPACE, registries=logins))


def auths(*registries: str) -> dict[str, Any]:
    made = deploy(lambda: pull_secret(*registries)).object("Secret")
    assert made["type"] == "kubernetes.io/dockerconfigjson"
    return json.loads(base64.b64decode(made["data"][".dockerconfigjson"]))["auths"]


def test_each_registry_has_its_login():
    login = {"username": "shop", "password": PASSWORD, "auth": base64.b64encode(b"shop:t0p:s3cret").decode()}
    assert auths("ghcr.io", "registry.example.com:5000/team") == {
        "ghcr.io": login,
        "registry.example.com:5000/team": login,
    }


def test_docker_hub_is_looked_up_by_another_name():
    assert set(auths("docker.io")) == {"https://index.docker.io/v1/"}


def test_it_is_secret_before_the_provider_says_so(monkeypatch: pytest.MonkeyPatch):
    # The SDK's Secret hides its data by itself; a ConfigMap in its place shows what it was given.
    def shown(name: str, *, type: str, **own: Any) -> core.ConfigMap:
        return core.ConfigMap(name, **own)

    monkeypatch.setattr(core, "Secret", shown)
    (data,) = deploy(pull_secret).one("core/v1:ConfigMap").inputs["data"].values()
    assert isinstance(data, Secret)


def test_a_password_that_is_not_known_yet_leaves_it_unknown():
    def program() -> None:
        pull_secret(password=Namespace("other").resource.metadata["uid"])

    assert isinstance(deploy(program, preview=True).object("Secret")["data"], Unknown)


def test_a_workload_takes_its_name_and_is_made_after_it():
    recording = deploy(lambda: deployment(image_pull_secrets=[pull_secret().name]))
    assert recording.object("Deployment")["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "pull"}]
    assert "Secret pull" in awaited(recording, "apps/v1:Deployment"), "else the first pull is without it"


@pytest.mark.parametrize(
    ("registry", "words"),
    [
        ("https://ghcr.io", "did you mean 'ghcr.io'?"),
        ("ghcr.io/", "did you mean 'ghcr.io'?"),
        ("shop", "registry 'shop' names no host"),
        ("ghcr.io shop", "names no host"),
    ],
)
def test_a_registry_that_no_image_names_is_refused(registry: str, words: str):
    assert words in refusal(lambda: pull_secret(registry))


def test_no_error_shows_a_password():
    assert PASSWORD not in refusal(lambda: Login(username="shop", password=[PASSWORD]))  # type: ignore[arg-type]
