"""What only BuildKit can, pulumi-docker-build builds; pulumi-docker stays the default."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from slipway import Image, ImageArgs
from slipway.preview.model import Secret
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import write_context
from tests.components.rendering import awaited, deployment
from tests.registry import DIGEST

REPOSITORY = "registry.example.com/team/web"
BUILD = "docker-build:index:Image"
BOTH = ["linux/amd64", "linux/arm64"]
TOKEN = "t0ps3cret-token"


@pytest.fixture
def context(tmp_path: Path) -> str:
    return write_context(tmp_path)


def image(context: str, **own: Any) -> Image:
    fields: dict[str, Any] = {"repository": REPOSITORY, "context": context, **own}
    return Image("web", ImageArgs(**fields))


def made(context: str, **own: Any) -> Recording:
    return deploy(lambda: image(context, **own))


def tag(context: str, **own: Any) -> str:
    return ImageArgs(repository=REPOSITORY, context=context, **own).release().tag


@pytest.mark.parametrize("own", [{"platforms": BOTH}, {"secrets": {"npm": TOKEN}}, {"ssh": ["default"]}])
def test_it_builds_where_it_is_needed_and_nowhere_else(context: str, own: dict[str, Any]) -> None:
    recording = made(context, **own)
    assert recording.count(BUILD) == 1
    assert not recording.count("docker:index/image:Image")
    assert not made(context).count(BUILD), "nothing changes for who asks for none of it"


def test_it_is_built_as_it_was_told(context: str) -> None:
    Path(context, "Dockerfile").write_text("ARG BASE=alpine:3\nFROM $BASE AS final\n")
    own: dict[str, Any] = {"target": "final", "build_args": {"A": "1"}, "network": "none"}
    own |= {"extra_hosts": {"proxy": "192.0.2.1"}, "cache_from": ["example.com/web:main"]}
    own |= {"registry_mirror": "mirror.example.com", "ssh": ["default", "deploy=/keys/deploy"]}
    inputs = made(context, platforms=BOTH, **own).one(BUILD).inputs
    name = f"{REPOSITORY}:{tag(context, platforms=BOTH, target='final', build_args={'A': '1'})}"
    base = "mirror.example.com/docker.io/library/alpine:3"
    assert inputs == {
        "tags": [name],
        "context": {"location": context},
        "dockerfile": {"location": f"{context}/Dockerfile"},
        "platforms": BOTH,
        "target": "final",
        "buildArgs": {"A": "1", "BASE": base, "BUILDKIT_INLINE_CACHE": "1"},
        "ssh": [{"id": "default"}, {"id": "deploy", "paths": ["/keys/deploy"]}],
        "cacheFrom": [{"registry": {"ref": "example.com/web:main"}}],
        "addHosts": ["proxy:192.0.2.1"],
        "network": "none",
        "push": True,
        "load": False,
        "buildOnPreview": False,
    }


def test_a_preview_never_builds_or_pushes(context: str) -> None:
    assert made(context, platforms=BOTH).one(BUILD).inputs["buildOnPreview"] is False, "its default is to build"


def test_it_is_pushed_or_kept_by_the_engine(context: str) -> None:
    kept = made(context, secrets={"npm": TOKEN}, skip_push=True).one(BUILD).inputs
    assert (kept["push"], kept["load"]) == (False, True)


def test_a_destroy_leaves_the_image_in_its_registry(context: str) -> None:
    assert made(context, platforms=BOTH).one(BUILD).options["retainOnDelete"], "another stack may run it"


def test_the_platforms_are_a_part_of_the_content_in_any_order(context: str) -> None:
    assert tag(context, platforms=BOTH) == tag(context, platforms=BOTH[::-1])
    assert len({tag(context), tag(context, platforms=BOTH), tag(context, platforms=["linux/arm64"])}) == 3
    assert tag(context, platforms=["linux/amd64"]) == tag(context), "the same sources for the same platform"


def test_how_a_build_gets_in_makes_no_other_image(context: str) -> None:
    plain = tag(context)
    assert tag(context, secrets={"npm": TOKEN}) == tag(context, secrets={"npm": "other"}) == plain
    assert tag(context, ssh=["default"]) == plain


@pytest.mark.parametrize("given", [str, pulumi.Output.secret], ids=["text", "Output"])
def test_the_value_of_a_secret_is_secret_and_builds_nothing_anew(
    context: str, given: Callable[[str], pulumi.Input[str]]
) -> None:
    inputs = deploy(lambda: image(context, secrets={"npm": given(TOKEN)})).one(BUILD).inputs
    assert inputs["ignoreSecretsInDiffCalculation"] == ["npm"]
    secrets = inputs.pop("secrets")
    assert isinstance(secrets, Secret) or isinstance(secrets["npm"], Secret), "the state keeps it encrypted"
    assert TOKEN not in repr(inputs)


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "deployment"])
def test_what_runs_it_knows_its_name_at_once_and_still_waits_for_the_build(context: str, *, preview: bool) -> None:
    recording = deploy(lambda: deployment(image=image(context, platforms=BOTH).ref), preview=preview)
    (container,) = recording.object("Deployment")["spec"]["template"]["spec"]["containers"]
    assert [container["image"]] == recording.one(BUILD).inputs["tags"]
    assert awaited(recording, "apps/v1:Deployment") == ["Image web"]


def test_it_runs_by_its_digest_if_that_is_asked(context: str) -> None:
    recording = deploy(lambda: image(context, platforms=BOTH, pin_digest=True), states={BUILD: {"digest": DIGEST}})
    (name,) = recording.one(BUILD).inputs["tags"]
    assert (recording.one("slipway:index:Image").outputs or {})["ref"] == f"{name}@{DIGEST}"


def test_without_its_package_it_is_refused_with_what_to_install(context: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pulumi_docker_build", None)
    assert "pip install 'slipway[docker-build]'" in refusal(lambda: image(context, platforms=BOTH))
    assert made(context).count("docker:index/image:Image"), "all others do not need it"


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"platform": "linux/amd64, linux/arm64"}, "give platforms=['linux/amd64', 'linux/arm64']"),
        ({"platform": "linux/arm64", "platforms": BOTH}, "exclude each other: list it in platforms"),
        ({"platforms": ["arm64"]}, "platform 'arm64' is not one: give a system and a CPU"),
        ({"platforms": ["linux/arm64", "linux/arm64"]}, "names one twice"),
        ({"platforms": BOTH, "skip_push": True}, "and skip_push exclude each other: an engine keeps the image of one"),
        ({"pin_digest": True, "skip_push": True}, "an image gets its digest when it is pushed"),
        ({"secrets": {"a b": TOKEN}}, "secret id 'a b' is not one"),
        ({"secrets": {"a,src=/etc/passwd": TOKEN}}, "is not one"),
        ({"ssh": ["deploy"]}, "ssh 'deploy' is not 'default', for the SSH agent, nor an id with a path"),
        ({"ssh": ["default", "=x"]}, "ssh '=x' is not"),
        ({"ssh": ["default"], "network": "build"}, "network 'build' is one of the engine"),
    ],
)
def test_what_no_build_could_do_is_refused_without_a_secret(context: str, own: dict[str, Any], told: str) -> None:
    said = refusal(lambda: image(context, **own))
    assert told in said
    assert TOKEN not in said
