"""Which images are built, looked for, or locked. There is a registry; most tests need no Docker."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from slipway.deploy import cli
from slipway.deploy.errors import DeployError
from slipway.deploy.images import builds, pushed, releases
from slipway.deploy.local_registry import with_local_registry
from slipway.deploy.releases import lock
from slipway.deploy.rendered import find_stack, render
from slipway.images.release import Release, read_lock
from tests.own_project import configure, copy_project
from tests.preview.running import Ended, said_by, shown_by
from tests.registry import DIGEST, Registry, serving

OTHER = DIGEST.replace("ab", "cd")
Deploy = Callable[[str, str], Ended]


@pytest.fixture(autouse=True)
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it: what needs neither Docker nor kubectl must work."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("KUBECONFIG", str(folder / "kubeconfig"))
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of this project that runs its own modules, not those that other tests have imported."""
    for name in [one for one in sys.modules if one.partition(".")[0] == "stacks"]:
        monkeypatch.delitem(sys.modules, name)
    folder = tmp_path / "project"
    copy_project(folder)
    return folder


@pytest.fixture
def registry(project: Path) -> Generator[Registry]:
    """An empty registry. staging pushes to it, and prod promotes from it."""
    with serving(Registry()) as served:
        for stack in ("staging", "prod"):
            configure(project, stack, {"slipway:registry": served.host})
        yield served


@pytest.fixture
def deploy(project: Path, capfd: pytest.CaptureFixture[str]) -> Deploy:
    return lambda command, stack: said_by(capfd, cli.app, command, stack, "--project", project)


def _reference(project: Path, stack: str) -> str:
    outputs = render(find_stack(project, stack)).outputs
    return str(outputs["image"]).rpartition("/")[2]


def test_nothing_is_built_if_the_registry_has_the_tag(project: Path, registry: Registry, deploy: Deploy) -> None:
    registry.images = {_reference(project, "staging"): DIGEST}
    ended = deploy("image", "staging")
    assert (ended.code, ended.err) == (0, "")
    assert "is in the registry already" in ended.out


def test_docker_is_called_if_the_registry_lacks_the_tag(registry: Registry, deploy: Deploy) -> None:
    ended = deploy("image", "staging")
    assert ended.code == 1
    assert "docker is not on the PATH" in ended.err
    assert registry.asked


def test_a_promoted_image_is_never_built(project: Path, registry: Registry, deploy: Deploy) -> None:
    ended = deploy("image", "prod")
    assert ended.code == 1
    assert "is not in its registry, and this stack does not build it" in ended.err
    registry.images = {_reference(project, "prod"): DIGEST}
    ended = deploy("image", "prod")
    assert (ended.code, ended.err) == (0, "")
    assert "was released before" in ended.out


def test_a_release_is_locked_and_promoted_by_digest_even_after_the_sources_change(
    project: Path, registry: Registry, deploy: Deploy, capfd: pytest.CaptureFixture[str]
) -> None:
    released = _reference(project, "staging")
    registry.images = {released: DIGEST}
    ended = deploy("release", "staging")
    assert (ended.code, ended.err) == (0, "")
    file = project / "stacks/images.lock.yaml"
    repository = f"{registry.host}/hello-world"
    tag = released.rpartition(":")[2]
    assert read_lock(file) == {repository: Release(repository=repository, tag=tag, digest=DIGEST)}
    assert file.stat().st_mode & 0o777 == 0o644
    assert _reference(project, "prod") == f"{released}@{DIGEST}"
    assert not builds(render(find_stack(project, "staging")).registrations), "the same sources are not built again"
    assert deploy("image", "staging").out == f"{registry.host}/{released}: was released before\n"
    assert f"reused, as released from these sources: {registry.host}/{released}\n" in shown_by(capfd, project).out
    with (project / "app/main.go").open("a") as source:
        source.write("// more\n")
    assert _reference(project, "prod") == f"{released}@{DIGEST}", "production runs what staging ran"
    (build,) = builds(render(find_stack(project, "staging")).registrations)
    assert build.release.tag != tag, "staging runs the new sources"
    told = shown_by(capfd, project).out
    assert f"promoted, never built here: {registry.host}/{released}@{DIGEST}" in told
    assert f"{build.reference}  built from app, pushed" in told


def test_an_image_that_the_registry_lacks_is_not_locked(project: Path, registry: Registry, deploy: Deploy) -> None:
    ended = deploy("release", "staging")
    assert ended.code == 1
    assert "is not in its registry: `make image`" in ended.err
    assert registry.asked
    assert not (project / "stacks/images.lock.yaml").exists()


def test_a_stack_that_pushes_nothing_releases_nothing(project: Path, deploy: Deploy) -> None:
    ended = deploy("release", "dev")
    assert ended.code == 1
    assert "'dev' pushes no image" in ended.err
    assert not (project / "stacks/images.lock.yaml").exists()


def test_a_lock_keeps_other_repositories_and_writing_it_twice_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "images.lock.yaml"
    one, two = (Release(repository=f"example.com/{name}", tag="1" * 12, digest=DIGEST) for name in "ba")
    lock([one], file)
    lock([two], file)
    text = file.read_text()
    lock([one, two], file)
    assert file.read_text() == text
    assert list(read_lock(file)) == ["example.com/a", "example.com/b"]
    assert [entry.name for entry in tmp_path.iterdir() if entry != tmp_path / "bin"] == [file.name]


def test_a_file_that_is_not_a_lock_file_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "images.lock.yaml"
    file.write_text("mine\n")
    with pytest.raises(DeployError, match="is no image lock file"):
        lock([Release(repository="a", tag="1", digest=DIGEST)], file)
    assert file.read_text() == "mine\n"


def test_nothing_is_applied_if_no_node_could_pull_the_image(project: Path, registry: Registry) -> None:
    registrations = {stack: render(find_stack(project, stack)).registrations for stack in ("dev", "staging", "prod")}
    pushed(registrations["dev"])
    assert not registry.asked, "an image in the local engine is in no registry"
    for stack, told in (("staging", "`make image` builds and pushes it"), ("prod", "this stack does not build it")):
        with pytest.raises(DeployError, match=told):
            pushed(registrations[stack])
    registry.images = {_reference(project, "prod"): DIGEST}
    pushed(registrations["staging"])
    pushed(registrations["prod"])


def test_a_registry_that_does_not_answer_is_reported(project: Path, registry: Registry) -> None:
    registry.status = 500
    with pytest.raises(DeployError, match="answers 500"):
        pushed(render(find_stack(project, "prod")).registrations)


def test_an_unknown_digest_cannot_be_applied(project: Path) -> None:
    main = project / "stacks/hello_world.py"
    text = main.read_text()
    pinned = "replace(read_lock(LOCK).get(args.repository) or args.release(), pin_digest=True)"
    assert "read_lock(LOCK).get(args.repository) or args.release()" in text
    main.write_text(text.replace("read_lock(LOCK).get(args.repository) or args.release()", pinned))
    with pytest.raises(DeployError, match="lock it by `make release`"):
        releases(render(find_stack(project, "prod")).registrations)


def test_a_build_gets_all_its_options(no_programs: Path, project: Path, deploy: Deploy) -> None:
    hello = project / "stacks/hello_world.py"
    options = 'context="app", cache_from=["example.com/a:1"], extra_hosts={"h": "192.0.2.1"}, network="none",'
    hello.write_text(hello.read_text().replace('context="app",', options))
    docker = no_programs / "docker"
    docker.write_text(f'#!/bin/sh\necho "$@" >>{project}/asked\n[ "$1" = build ]\n')
    docker.chmod(0o755)
    ended = deploy("image", "dev")
    assert ended.code == 0, ended.err
    built = next(line for line in (project / "asked").read_text().splitlines() if line.startswith("build "))
    for option in (
        "--cache-from example.com/a:1",
        "--add-host h:192.0.2.1",
        "--network none",
        "--platform linux/amd64",
    ):
        assert f" {option} " in built
    assert "--build-arg BUILDKIT_INLINE_CACHE " in built


@pytest.mark.parametrize(
    ("config", "offer", "found"),
    [
        ({}, "host: localhost:5001", "localhost:5001"),
        ({}, "host: localhost:5001\nhelp: https://example.com", "localhost:5001"),
        ({}, None, None),
        ({"slipway:registry": "registry.example.com"}, "host: localhost:5001", None),
    ],
)
def test_a_stack_without_a_registry_uses_its_clusters(
    no_programs: Path, project: Path, config: dict[str, str], offer: str | None, found: str | None
) -> None:
    _offer(no_programs, offer)
    configure(project, "dev", {"kubernetes:context": "kind", **config})
    stack, registry = with_local_registry(find_stack(project, "dev"))
    assert registry == found
    (build,) = builds(render(stack).registrations)
    assert build.reference.startswith(f"{found or config.get('slipway:registry', '')}/hello-world:".removeprefix("/"))
    assert build.push is bool(found or config)


def test_a_stack_without_a_cluster_asks_no_cluster(project: Path) -> None:
    stack = find_stack(project, "dev")
    assert with_local_registry(stack) == (stack, None), "there is not even a kubectl"


@pytest.mark.parametrize("offer", ["", "hosts: x", "- host", "host: ["])
def test_an_offer_that_cannot_be_read_is_refused(no_programs: Path, project: Path, offer: str) -> None:
    _offer(no_programs, offer)
    configure(project, "dev", {"kubernetes:context": "kind"})
    with pytest.raises(DeployError, match="kube-public/local-registry-hosting of kind names no `host`"):
        with_local_registry(find_stack(project, "dev"))


def _offer(folder: Path, offer: str | None) -> None:
    """A kubeconfig with one context, and a cluster with this registry offer."""
    (folder / "kubeconfig").write_text("contexts: [{name: kind}]\n")
    found = json.dumps({"data": {"localRegistryHosting.v1": offer}}) if offer is not None else ""
    kubectl = folder / "kubectl"
    kubectl.write_text(f"#!/bin/sh\nprintf %s '{found}'\n")
    kubectl.chmod(0o755)
