"""What is kept elsewhere is read like our own, once the operator has fetched it."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import ExternalSecret, ExternalSecretArgs, Remote
from slipway.preview.checks import check
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import awaited, deployment


def external(**own: Any) -> ExternalSecret:
    keys = {"TOKEN": Remote(key="shop/api", property="token", version="2"), "PASSWORD": "shop/database"}
    fields: dict[str, Any] = {"namespace": NAMESPACE, "store": "vault", "keys": keys, **own}
    return ExternalSecret("web", ExternalSecretArgs(**fields))


def test_each_key_says_where_it_is_kept():
    made = deploy(lambda: external(store_kind="ClusterSecretStore", refresh="90s")).object("ExternalSecret")
    assert made["apiVersion"] == "external-secrets.io/v1"
    assert made["spec"] == {
        "refreshInterval": "90s",
        "secretStoreRef": {"name": "vault", "kind": "ClusterSecretStore"},
        "target": {"name": "web"},
        "data": [
            {"secretKey": "TOKEN", "remoteRef": {"key": "shop/api", "property": "token", "version": "2"}},
            {"secretKey": "PASSWORD", "remoteRef": {"key": "shop/database"}},
        ],
    }


def test_raw_fields_come_last():
    made = deploy(lambda: external(spec={"target": {"deletionPolicy": "Retain"}})).object("ExternalSecret")
    assert made["spec"]["target"] == {"name": "web", "deletionPolicy": "Retain"}


def test_pods_read_it_and_are_made_after_it():
    recording = deploy(lambda: deployment(environment=external().secret.environment()))
    (container,) = recording.object("Deployment")["spec"]["template"]["spec"]["containers"]
    assert [one["valueFrom"]["secretKeyRef"]["name"] for one in container["env"]] == ["web", "web"]
    assert "ExternalSecret web" in awaited(recording, "apps/v1:Deployment")
    missing = [one for one in check(recording.manifests()) if one.rule == "reference/missing-secret"]
    assert not missing, "the operator makes it"


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"keys": {}}, "keys are empty"),
        ({"keys": {"a b": "c"}}, "secret key 'a b' is not valid"),
        ({"refresh": "hourly"}, "refresh 'hourly' is no duration"),
    ],
)
def test_what_cannot_be_is_refused(own: dict[str, Any], words: str):
    assert words in refusal(lambda: external(**own))
