"""What somebody else makes is read like our own, and followed by nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slipway import Namespace, existing_config, existing_secret
from slipway.configuration.config_object import ConfigObject
from slipway.parts.volumes import EnvSource
from slipway.preview.config import StackConfig
from slipway.preview.model import StackRun
from slipway.preview.result import result_of
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import deployment


def secret(**own: Any) -> ConfigObject:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "keys": ["user", "password"], **own}
    return existing_secret("database", **fields)


def read(by: Callable[[], dict[str, Any]]) -> Recording:
    return deploy(lambda: deployment(**by()))


def test_its_keys_are_variables():
    recording = read(lambda: {"environment": secret().environment(prefix="DB_")})
    (container,) = recording.object("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [
        {"name": f"DB_{key}", "valueFrom": {"secretKeyRef": {"name": "database", "key": key}}}
        for key in ("password", "user")
    ]


def test_its_keys_are_files_of_which_a_part_can_be_mounted():
    config = read(
        lambda: {
            "mounts": {
                "/etc/db": secret().volume(keys=["password"]),
                "/etc/ca.crt": existing_config("ca", namespace=NAMESPACE, keys=["ca.crt"]).volume().at("ca.crt"),
            }
        }
    )
    volumes = config.object("Deployment")["spec"]["template"]["spec"]["volumes"]
    assert [one.get("secret") or one["configMap"] for one in volumes] == [
        {"secretName": "database", "items": [{"key": "password", "path": "password"}]},
        {"name": "ca"},
    ]


def test_nothing_of_it_is_made_or_followed():
    recording = read(lambda: {"environment": secret().environment()})
    assert {one["kind"] for one in recording.objects()} == {"Deployment"}
    template = recording.object("Deployment")["spec"]["template"]
    assert "annotations" not in template["metadata"], "its content is nowhere known"
    assert "revisionHistoryLimit" not in recording.object("Deployment")["spec"]


def test_it_can_be_named_as_often_as_it_is_read():
    recording = read(
        lambda: {"environment": {**secret(keys=["user"]).environment(), **secret(keys=["password"]).environment()}}
    )
    assert recording.one("slipway:index:ExistingSecret").outputs == {
        "kind": "Secret",
        "name": "database",
        "namespace": NAMESPACE,
    }, "the engine refuses a second one"


def test_a_key_that_it_was_not_said_to_have_is_refused():
    told = refusal(lambda: secret().environment(keys=["pasword"]))
    assert told == "Secret has no key 'pasword': it holds password, user"


def test_a_pod_of_another_namespace_cannot_read_it():
    told = refusal(lambda: deployment(environment=secret(namespace=Namespace("db")).environment()))
    assert "Secret 'database' is in namespace 'db'" in told


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"keys": []}, "Secret 'database' has no keys to read"),
        ({"keys": ["a/b"]}, "Secret key 'a/b' is not valid"),
        ({"keys": "password"}, "text counts as the list of its characters"),
    ],
)
def test_keys_that_there_cannot_be_are_refused(own: dict[str, Any], words: str):
    assert words in refusal(lambda: secret(**own))


def test_a_name_with_dots_is_one_that_others_give():
    assert deploy(lambda: existing_secret("sh.helm.v1", namespace=NAMESPACE, keys=["release"]))
    assert "'Database' is not a valid name" in refusal(lambda: existing_secret("Database", namespace="x", keys=["a"]))


def test_the_preview_looks_for_it_nowhere_else():
    def missing(program: Callable[[], object]) -> list[str]:
        run = StackRun(stack="dev", registrations=deploy(program).registrations, diagnostics=[])
        found = result_of(run, StackConfig(values={})).findings
        return [one.rule for one in found if one.rule.startswith("reference/missing-secret")]

    assert not missing(lambda: deployment(environment=secret().environment()))
    raw = EnvSource(value_from={"secret_key_ref": {"name": "database", "key": "user"}})
    assert missing(lambda: deployment(environment={"A": raw})), "what nobody says to be there may be a slip"
