"""An image is named by its content, known before any build, and waited for by what runs it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from slipway import Image, ImageArgs
from slipway.images.build_context import content_tag
from slipway.preview.model import COMPUTED
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import write_context
from tests.components.rendering import awaited, deployment
from tests.registry import DIGEST

REPOSITORY = "registry.example.com:5000/team/web"
BUILD = "docker:index/image:Image"


@pytest.fixture
def context(tmp_path: Path) -> str:
    return write_context(tmp_path)


def image(context: str, **own: Any) -> Image:
    fields: dict[str, Any] = {"repository": REPOSITORY, "context": context, **own}
    return Image("web", ImageArgs(**fields))


def inputs(context: str, **own: Any) -> dict[str, Any]:
    return deploy(lambda: image(context, **own)).one(BUILD).inputs


def run(context: str, *, preview: bool) -> Recording:
    return deploy(lambda: deployment(image=image(context).ref), preview=preview)


def test_its_tag_is_its_content(context: str) -> None:
    tag = content_tag(Path(context), platform="linux/amd64")
    assert inputs(context)["imageName"] == f"{REPOSITORY}:{tag}"
    (Path(context) / "more").write_text("x")
    assert inputs(context)["imageName"] != f"{REPOSITORY}:{tag}", "`latest` would hide the change"


@pytest.mark.parametrize(
    "own", [{"target": "final"}, {"build_args": {"A": "1"}}, {"platform": "linux/arm64"}, {"dockerfile": "other"}]
)
def test_all_that_makes_it_another_image_makes_it_another_tag(context: str, own: dict[str, Any]) -> None:
    (Path(context) / "other").write_text("FROM scratch AS final\n")
    (Path(context) / "Dockerfile").write_text("FROM scratch AS final\n\n")
    assert inputs(context, **own)["imageName"] != inputs(context)["imageName"]


def test_it_is_built_as_it_was_told(context: str) -> None:
    assert inputs(context)["build"] == {
        "context": context,
        "dockerfile": f"{context}/Dockerfile",
        "platform": "linux/amd64",
    }, "the platform is stated, so that two machines build the same"
    (Path(context) / "build").mkdir()
    (Path(context) / "build/web.Dockerfile").write_text("FROM scratch AS final\n")
    own = {"dockerfile": "build/web.Dockerfile", "target": "final", "build_args": {"A": "1"}, "platform": "linux/arm64"}
    assert inputs(context, **own)["build"] == {
        "context": context,
        "dockerfile": f"{context}/build/web.Dockerfile",
        "target": "final",
        "args": {"A": "1"},
        "platform": "linux/arm64",
    }


def test_it_is_pushed_unless_it_is_told_not_to(context: str) -> None:
    assert inputs(context)["skipPush"] is False
    assert inputs(context, skip_push=True)["skipPush"] is True


def test_a_preview_builds_nothing(context: str) -> None:
    assert inputs(context)["buildOnPreview"] is False, "a pull request from a fork has no engine, and must push nothing"


def test_no_credentials_are_among_its_inputs(context: str) -> None:
    assert inputs(context).keys() == {"imageName", "build", "buildOnPreview", "skipPush"}, (
        "they would be kept in the state, and a rotated token would look like a change"
    )


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "deployment"])
def test_what_runs_it_knows_its_name_at_once_and_still_waits_for_the_build(context: str, *, preview: bool) -> None:
    recording = run(context, preview=preview)
    (container,) = recording.object("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == recording.one(BUILD).inputs["imageName"]
    assert awaited(recording, "apps/v1:Deployment") == ["Image web"], "else pods start before there is an image to pull"


def test_its_tag_and_reference_are_plain_strings(context: str) -> None:
    found: list[Image] = []
    deploy(lambda: found.append(image(context)))
    assert found[0].reference == f"{REPOSITORY}:{found[0].tag}"
    assert len(found[0].tag) == 12


def test_the_component_tells_its_reference(context: str) -> None:
    recording = deploy(lambda: image(context))
    name = recording.one(BUILD).inputs["imageName"]
    assert recording.one("slipway:index:Image").outputs == {"ref": name, "origin": "built"}


@pytest.mark.parametrize("repository", ["web:1", f"{REPOSITORY}:latest", "web@sha256", "example.com/"])
def test_a_repository_that_carries_a_tag_or_has_no_name_is_refused(repository: str, context: str) -> None:
    assert refusal(lambda: image(context, repository=repository)).startswith(
        f"repository {repository!r} has no name or carries a tag"
    )


def test_a_missing_context_or_dockerfile_is_refused_by_name(context: str) -> None:
    assert "no/such/folder" in refusal(lambda: image("no/such/folder"))
    assert "no.Dockerfile" in refusal(lambda: image(context, dockerfile="no.Dockerfile"))


@pytest.mark.parametrize(
    ("own", "built"),
    [
        ({"network": "none"}, {"network": "none"}),
        ({"extra_hosts": {"proxy": "192.0.2.1"}}, {"addHosts": ["proxy:192.0.2.1"]}),
        (
            {"cache_from": ["example.com/web:main"]},
            {"cacheFrom": {"images": ["example.com/web:main"]}, "args": {"BUILDKIT_INLINE_CACHE": "1"}},
        ),
        (
            {"registry_mirror": "mirror.example.com"},
            {"args": {"BASE": "mirror.example.com/docker.io/library/alpine:3"}},
        ),
    ],
)
def test_how_a_build_gets_what_it_needs_makes_no_other_image(
    context: str, own: dict[str, Any], built: dict[str, Any]
) -> None:
    (Path(context) / "Dockerfile").write_text("ARG BASE=alpine:3\nFROM $BASE\n")
    usual, told = inputs(context), inputs(context, **own)
    assert told["imageName"] == usual["imageName"], "two sites with different networks agree on the tag"
    assert told["build"] == {**usual["build"], **built}


def test_an_output_as_a_build_argument_is_refused_and_not_shown(context: str) -> None:
    def program() -> None:
        token = pulumi.Output.secret("t0ps3cret")
        image(context, build_args={"TOKEN": token})

    told = refusal(program)
    assert "build_args['TOKEN'] is an Output: give text" in told
    assert "t0ps3cret" not in told


def test_an_image_that_is_to_run_by_its_digest_is_named_by_it_once_it_is_pushed(context: str) -> None:
    state = {"repoDigest": f"{REPOSITORY}@{DIGEST}"}
    recording = deploy(lambda: image(context, pin_digest=True), states={BUILD: state})
    name = recording.one(BUILD).inputs["imageName"]
    assert recording.one("slipway:index:Image").outputs == {"ref": f"{name}@{DIGEST}", "origin": "built"}


def test_a_preview_does_not_know_the_digest_of_what_is_not_pushed_yet(context: str) -> None:
    recording = deploy(lambda: deployment(image=image(context, pin_digest=True).ref), preview=True)
    (container,) = recording.object("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == COMPUTED


def test_under_a_users_mocks_the_tag_stands_for_the_digest(context: str) -> None:
    recording = deploy(lambda: image(context, pin_digest=True))
    name = recording.one(BUILD).inputs["imageName"]
    assert (recording.one("slipway:index:Image").outputs or {})["ref"] == name


def test_to_lock_what_runs_by_its_digest_changes_no_pod(context: str) -> None:
    built = deploy(
        lambda: pulumi.export("ref", image(context, pin_digest=True).ref),
        states={BUILD: {"repoDigest": f"{REPOSITORY}@{DIGEST}"}},
    ).outputs["ref"]
    lock = replace(ImageArgs(repository=REPOSITORY, context=context).release(), digest=DIGEST)
    locked = deploy(lambda: pulumi.export("ref", image(context, pin_digest=True, released=lock).ref))
    assert locked.outputs["ref"] == built
    assert not locked.count(BUILD)


def test_an_image_that_was_released_from_the_same_sources_is_not_built_again(context: str) -> None:
    release = ImageArgs(repository=REPOSITORY, context=context).release()
    recording = deploy(lambda: image(context, released=replace(release, digest=DIGEST)))
    assert not recording.count(BUILD)
    assert recording.one("slipway:index:Image").outputs == {"ref": release.reference, "origin": "reused"}, (
        "with another reference the same image would roll"
    )


@pytest.mark.parametrize("other", [{"tag": "0123456789ab"}, {"repository": "registry.example.com/team/api"}])
def test_a_release_of_anything_else_is_built(context: str, other: dict[str, str]) -> None:
    release = ImageArgs(repository=REPOSITORY, context=context).release()
    recording = deploy(lambda: image(context, released=replace(release, **other)))
    assert recording.one(BUILD).inputs["imageName"] == release.reference
