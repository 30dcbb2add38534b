"""A released image is looked for before anything is made, and never built."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import pulumi
import pytest

from slipway import Image, Namespace, Release, read_lock
from slipway.images import release as module
from slipway.images.registry import RegistryError
from slipway.images.release import ReleaseError
from slipway.preview.model import COMPUTED, Severity
from slipway.testing import Recording, deploy
from tests.registry import DIGEST, Registry, serving

OTHER = DIGEST.replace("ab", "cd")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Generator[Registry]:
    """One that has team/app:1, and that is asked as in a real update."""
    monkeypatch.setattr(module, "is_offline", bool)
    with serving(Registry(images={"team/app:1": DIGEST})) as served:
        yield served


def promote(release: Release, *, preview: bool = False) -> Recording:
    def program() -> None:
        image = Image.released("app", release)
        pulumi.export("ref", image.ref)
        pulumi.export("reference", image.reference)

    return deploy(program, preview=preview)


def release(host: str = "registry.example.com", **own: object) -> Release:
    fields = {"repository": f"{host}/team/app", "tag": "1", **own}
    return Release(**fields)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "deployment"])
def test_it_is_run_as_it_is_named_and_not_built(*, preview: bool) -> None:
    recording = promote(release(), preview=preview)
    assert [one.type for one in recording.registrations] == ["pulumi:pulumi:Stack", "slipway:index:Image"]
    assert recording.outputs["ref"] == recording.outputs["reference"] == "registry.example.com/team/app:1"
    assert recording.one("slipway:index:Image").outputs == {"ref": release().reference, "origin": "promoted"}


def test_a_given_digest_is_pinned() -> None:
    assert promote(release(digest=DIGEST), preview=True).outputs["ref"] == f"registry.example.com/team/app:1@{DIGEST}"


def test_a_digest_that_only_the_registry_knows_is_computed_in_an_offline_preview() -> None:
    assert promote(release(pin_digest=True), preview=True).outputs["ref"] == COMPUTED


def test_under_a_users_mocks_the_tag_stands_for_a_digest_that_only_the_registry_knows() -> None:
    assert promote(release(pin_digest=True)).outputs["ref"] == "registry.example.com/team/app:1"


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "deployment"])
def test_the_registrys_digest_is_pinned_if_that_is_asked(registry: Registry, *, preview: bool) -> None:
    outputs = promote(release(registry.host, pin_digest=True), preview=preview).outputs
    assert outputs["ref"] == outputs["reference"] == f"{registry.host}/team/app:1@{DIGEST}"


def test_a_tag_stays_a_tag_and_is_looked_for(registry: Registry) -> None:
    assert promote(release(registry.host)).outputs["ref"] == f"{registry.host}/team/app:1"
    assert registry.asked == ["/v2/team/app/manifests/1"]


def test_what_is_to_run_by_its_digest_is_looked_for_by_it(registry: Registry) -> None:
    promote(release(registry.host, tag="gone", digest=DIGEST))
    assert registry.asked == [f"/v2/team/app/manifests/{DIGEST}"], "a tag may have been moved; it does not matter"


@pytest.mark.parametrize(
    ("own", "status", "error", "told"),
    [
        ({"tag": "2"}, None, ReleaseError, "team/app:2 is not in its registry: deploy the stack that builds it"),
        ({"digest": OTHER}, None, ReleaseError, f"team/app:1@{OTHER} is not in its registry"),
        ({}, 503, RegistryError, "answers 503"),
    ],
)
def test_what_the_registry_does_not_have_is_refused_before_anything_is_made(
    registry: Registry, own: dict[str, str], status: int | None, error: type[pulumi.RunError], told: str
) -> None:
    registry.status = status
    made: list[str] = []

    def program() -> None:
        Image.released("app", release(registry.host, **own))
        made.append("a namespace")
        Namespace("app")

    with pytest.raises(error, match=told):
        deploy(program)
    assert not made
    assert issubclass(error, pulumi.RunError), "`pulumi up` prints it as it is, without a traceback"


@pytest.mark.parametrize("status", [None, 503])
def test_a_preview_on_the_real_engine_warns_and_goes_on(registry: Registry, status: int | None) -> None:
    registry.status = status
    recording = promote(release(registry.host, tag="2", pin_digest=True), preview=True)
    (said,) = recording.diagnostics
    assert said.severity is Severity.WARNING
    assert said.message.startswith("an update would be refused: ")
    assert recording.outputs["ref"] == COMPUTED


@pytest.mark.parametrize("own", [{"tag": "a/b"}, {"tag": "a" * 129}, {"digest": "sha256:1"}])
def test_a_name_that_no_registry_takes_is_refused(own: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="is not one"):
        release(**own)


@pytest.fixture
def lock(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        file = tmp_path / "images.lock.yaml"
        file.write_text(text)
        return file

    return write


def test_a_lock_file_names_releases_by_repository(lock: Callable[[str], Path]) -> None:
    file = lock(f"example.com/a:\n  tag: '1'\n  digest: {DIGEST}\nexample.com/b:\n  tag: b\n  digest: {OTHER}\n")
    assert read_lock(file) == {
        "example.com/a": Release(repository="example.com/a", tag="1", digest=DIGEST),
        "example.com/b": Release(repository="example.com/b", tag="b", digest=OTHER),
    }


def test_no_lock_file_and_an_empty_one_name_none(lock: Callable[[str], Path], tmp_path: Path) -> None:
    assert read_lock(tmp_path / "none") == read_lock(lock("# nothing\n")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "- a",
        "text",
        "a: b",
        "a: {}",
        f"a: {{tag: 1, digest: '{DIGEST}'}}",
        "a: {tag: x, digest: 7}",
        "a: {tag: x, digest: latest}",
        "a: {tag: x, digest: null}",
        f"a: {{tag: x, digest: '{DIGEST}', more: 1}}",
        f"a: {{tag: x, digest: '{DIGEST}', pin_digest: true}}",
        f"1: {{tag: x, digest: '{DIGEST}'}}",
        "a: {repository: b, tag: x}",
    ],
)
def test_what_is_no_lock_file_is_refused_in_one_line_by_name(lock: Callable[[str], Path], text: str) -> None:
    file = lock(text)
    with pytest.raises(ReleaseError) as told:
        read_lock(file)
    assert str(told.value).startswith(f"{file} is no image lock file (")
    assert "\n" not in str(told.value)
