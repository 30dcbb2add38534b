"""Volumes of the network, of the node, of a driver and of several sources, by the one way to mount."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import Config, ConfigArgs, csi, existing_secret, host_path, nfs, projected
from slipway.parts.volumes import Volume
from slipway.preview.checks import check
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import container, deployed, deployment, pod


def config(name: str = "app", **own: Any) -> Config:
    fields: dict[str, Any] = {"values": {"a.toml": "x"}, "secrets": {"TOKEN": "t"}, "rollout": "restart", **own}
    return Config(name, ConfigArgs(namespace=NAMESPACE, **fields))


@pytest.mark.parametrize(
    ("volume", "source"),
    [
        (nfs("nfs.example.com", "/export"), {"nfs": {"server": "nfs.example.com", "path": "/export"}}),
        (host_path("/dev", type="Directory"), {"hostPath": {"path": "/dev", "type": "Directory"}}),
        (
            csi("vault.example.com", attributes={"role": "web"}, secret="login", read_only=True),
            {
                "csi": {
                    "driver": "vault.example.com",
                    "volumeAttributes": {"role": "web"},
                    "nodePublishSecretRef": {"name": "login"},
                    "readOnly": True,
                }
            },
        ),
    ],
)
def test_a_volume_of_elsewhere_is_mounted_like_any_other(volume: Volume, source: dict[str, Any]):
    (found,) = pod(mounts={"/data": volume})["volumes"]
    assert found == {"name": "data", **source}
    (mount,) = container(mounts={"/data": volume})["volumeMounts"]
    assert mount.get("readOnly") == (True if volume.read_only else None)


def test_the_checks_say_that_a_path_of_the_node_breaks_the_standards():
    findings = check(deployed(mounts={"/dev": host_path("/dev")}).manifests())
    assert [one for one in findings if one.rule.startswith("pod-security/") and "directory of the node" in one.message]


def test_several_objects_are_one_folder_and_each_is_followed():
    def program() -> None:
        one = config()
        files = projected(
            [one.values.volume(), one.secrets.volume(keys=["TOKEN"])],
            sources=[{"service_account_token": {"path": "token", "audience": "vault"}}],
        )
        other = existing_secret("ca", namespace=NAMESPACE, keys=["ca.crt"]).volume()
        deployment(mounts={"/etc/app": projected([files, other])})

    template = deploy(program).object("Deployment")["spec"]["template"]
    (volume,) = template["spec"]["volumes"]
    assert volume["projected"]["sources"] == [
        {"configMap": {"name": "app"}},
        {"secret": {"name": "app", "items": [{"key": "TOKEN", "path": "TOKEN"}]}},
        {"serviceAccountToken": {"path": "token", "audience": "vault"}},
        {"secret": {"name": "ca"}},
    ]
    assert set(template["metadata"]["annotations"]) == {"configmap.checksum/app", "secret.checksum/app"}
    (mount,) = template["spec"]["containers"][0]["volumeMounts"]
    assert mount["readOnly"] is True


def test_a_file_that_two_of_them_have_is_refused():
    told = refusal(lambda: projected([config().values.volume(), config("other").values.volume()]) and None)
    assert told == "file 'a.toml' is in two of the volumes: leave it out of one by volume(keys=[…])"


def test_a_part_of_one_that_is_live_is_refused():
    told = refusal(lambda: projected([config(rollout="live").values.volume()]).at("a.toml") and None)
    assert "of a config with rollout 'live' would never change" in told


@pytest.mark.parametrize("path", ["export", "/a/../b"])
def test_a_path_that_is_not_absolute_is_refused(path: str):
    for volume in (lambda: nfs("nfs.example.com", path), lambda: host_path(path)):
        assert f"path {path!r} is not absolute" in refusal(volume)
