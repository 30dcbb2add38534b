"""A part of a volume can be mounted, and what could not be kept up to date is refused."""

from __future__ import annotations

import pytest

from slipway import Config, ConfigArgs, claim, empty_dir
from slipway.parts.arguments.refusal import Refusal
from slipway.testing import deploy
from tests.components.examples import NAMESPACE
from tests.components.rendering import container, deployment, pod


def test_a_folder_of_a_volume_is_mounted():
    (mount,) = container(mounts={"/uploads": claim("data", read_only=True).at("web/uploads")})["volumeMounts"]
    assert mount == {"name": "uploads", "mountPath": "/uploads", "readOnly": True, "subPath": "web/uploads"}


def test_two_parts_of_a_volume_are_one_volume():
    data = claim("data")
    found = pod(mounts={"/a": data.at("a"), "/b": data.at("b"), "/all": data})
    assert [one["name"] for one in found["volumes"]] == ["a"]
    assert {one["mountPath"]: one.get("subPath") for one in found["containers"][0]["volumeMounts"]} == {
        "/a": "a",
        "/b": "b",
        "/all": None,
    }


@pytest.mark.parametrize("path", ["/etc", "..", "a/../b", "a/.."])
def test_a_path_that_leads_out_of_the_volume_is_refused(path: str):
    with pytest.raises(Refusal, match=r"leads out of its volume: give a relative path without '..'"):
        empty_dir().at(path)


def test_what_is_read_by_a_part_is_followed_like_all_else():
    def program():
        config = Config("app", ConfigArgs(namespace=NAMESPACE, values={"a.toml": "x"}, rollout="restart"))
        deployment(mounts={"/etc/a.toml": config.values.volume().at("a.toml")})

    annotations = deploy(program).object("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert "configmap.checksum/app" in annotations, "else a change would restart nothing"


def test_a_part_of_what_changes_under_a_running_process_is_refused():
    def program():
        config = Config("app", ConfigArgs(namespace=NAMESPACE, values={"a.toml": "x"}, rollout="live"))
        with pytest.raises(Refusal, match=r"sub_path 'a.toml' of a config with rollout 'live' would never change"):
            config.values.volume().at("a.toml")

    deploy(program)
