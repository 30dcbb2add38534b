"""An image is built once for the same sources, on whatever machine, and promoted as the lock file says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from slipway.images.registry import find_digest
from slipway.images.release import read_lock
from tests.e2e.project import Project, configure, stack_project
from tests.e2e.site import Site, base_images
from tests.preview.running import write_project
from tests.repository import ROOT

SERVICE = "hello-world"


@pytest.fixture
def staging(site: Site, tmp_path: Path) -> Generator[Project]:
    """staging, with sources that nobody has built before."""
    project = stack_project(site, tmp_path, "staging")
    _edit(project, "app/main.go", f"\n// {uuid4()}\n")
    yield project
    project.deploy("down")


@pytest.fixture
def prod(staging: Project) -> Generator[Project]:
    """prod, with the same sources, on a machine without a Docker engine."""
    site = replace(staging.site, environment={**staging.site.environment, "DOCKER_HOST": "unix:///there/is/none"})
    project = replace(staging, stack="prod", site=site)
    configure(project)
    yield project
    project.deploy("down")


def _edit(project: Project, path: str, more: str) -> None:
    with (project.folder / path).open("a", encoding="utf-8") as file:
        file.write(more)


def _reference(project: Project) -> str:
    return str(project.preview()["outputs"]["image"])


def _digest(reference: str) -> str:
    found = find_digest(*reference.rsplit(":", 1))
    assert found, f"{reference} was not pushed"
    return found


def _pods(project: Project) -> dict[str, tuple[str, str]]:
    """The pods that are not being deleted: the reference that each runs, and the id of its image."""
    pods = project.site.items("pods", "--namespace", f"{SERVICE}-{project.stack}")
    running = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    return {
        pod["metadata"]["name"]: (
            pod["spec"]["containers"][0]["image"],
            pod["status"]["containerStatuses"][0]["imageID"],
        )
        for pod in running
    }


def test_it_is_built_once_run_by_its_tag_and_promoted_by_its_digest(staging: Project, prod: Project) -> None:
    refused = prod.deploy("apply", check=False)
    assert refused.returncode == 1
    assert "is not in its registry, and this stack does not build it" in refused.stderr
    namespaces = prod.site.kubectl("get", "namespace", f"{SERVICE}-prod", "--ignore-not-found").stdout
    assert not namespaces, "it is refused before any write"

    reference = _reference(staging)
    assert staging.deploy("image").stdout == f"{reference}: built and pushed\n"
    staging.deploy("apply")
    digest = _digest(reference)
    pods = _pods(staging)
    assert {run for run, _ in pods.values()} == {reference}
    assert all(made.endswith(digest) for _, made in pods.values()), "the nodes run what the registry has"

    for path in (staging.folder / "app").rglob("*"):
        os.utime(path)
    _edit(staging, "app/README.md", "more\n")
    assert staging.deploy("image").stdout == f"{reference}: is in the registry already\n"
    staging.deploy("apply")
    assert _pods(staging) == pods, "a touched and an ignored file change nothing"

    assert "is in stacks/images.lock.yaml" in staging.deploy("release").stdout
    assert staging.deploy("image").stdout == f"{reference}: was released before\n"
    staging.deploy("apply")
    assert _pods(staging) == pods, "locking an image changes no running pod"
    repository = reference.rpartition(":")[0]
    assert read_lock(staging.folder / "stacks/images.lock.yaml")[repository].digest == digest
    _edit(staging, "app/main.go", "\n// a byte more\n")
    changed = _reference(staging)
    assert changed != reference
    assert staging.deploy("image").stdout == f"{changed}: built and pushed\n"
    staging.deploy("apply")
    assert not set(pods) & set(_pods(staging)), "a changed byte causes a rollout"
    assert {run for run, _ in _pods(staging).values()} == {changed}

    assert prod.deploy("image").stdout == f"{reference}@{digest}: was released before\n"
    prod.deploy("apply")
    promoted = _pods(prod)
    assert {run for run, _ in promoted.values()} == {f"{reference}@{digest}"}, (
        "the released image, not that of the sources"
    )
    assert all(made.endswith(digest) for _, made in promoted.values())


PINNED = f"""
from dataclasses import replace
from pathlib import Path

import pulumi
from slipway import Image, ImageArgs, Namespace, Worker, WorkerArgs, read_lock

registry = pulumi.Config().require("registry")
args = ImageArgs(repository=f"{{registry}}/{SERVICE}", context={str(ROOT / "app")!r}, pin_digest=True)
image = Image("hello", replace(args, released=read_lock(Path("images.lock.yaml")).get(args.repository)))
files = {{"hello-world.data": "Hello", "hello-world.config": "log_level = info"}}
namespace = Namespace("images-pinned")
args = WorkerArgs(namespace=namespace, image=image.ref, config=files, config_dir="/etc/hello-world", replicas=2)
Worker("hello", args)
"""


def test_what_runs_by_its_digest_is_locked_without_a_restart(site: Site, image: str, tmp_path: Path) -> None:
    stated = {"config": {"shop:registry": site.registry, "kubernetes:context": site.context}}
    write_project(tmp_path, PINNED, config={"dev": yaml.safe_dump(stated)})
    project = Project(site=site, folder=tmp_path, stack="dev")

    def pods() -> dict[str, str]:
        found = site.items("pods", "--namespace", "images-pinned")
        return {pod["metadata"]["name"]: pod["spec"]["containers"][0]["image"] for pod in found}

    try:
        project.deploy("apply")
        before = pods()
        assert len(before) == 2
        assert set(before.values()) == {f"{image}@{_digest(image)}"}
        project.deploy("release")
        assert project.deploy("image").stdout == f"{image}@{_digest(image)}: was released before\n", "it is locked"
        project.deploy("apply")
        assert pods() == before
    finally:
        project.deploy("down")


def test_the_registry_that_the_cluster_offers_is_used(site: Site, image: str, tmp_path: Path) -> None:
    project = stack_project(site, tmp_path, "dev")
    file = project.folder / "stacks/Pulumi.dev.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    del data["config"]["slipway:registry"]
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    assert "/" not in _reference(project), "dev's own file names no registry"
    offered, found, _ = project.deploy("image").stdout.split("\n")
    assert offered == f"registry {site.registry}, as the cluster offers it"
    assert found == f"{image}: is in the registry already"


def test_base_images_come_from_the_mirror(site: Site, staging: Project, tmp_path: Path) -> None:
    mirror = f"{site.registry}/mirror-{uuid4().hex[:8]}"
    context = tmp_path / "marked"
    context.mkdir()
    names = {"GO_IMAGE": "docker.io/library/{}", "RUNTIME_IMAGE": "{}"}
    for argument, base in base_images().items():
        (context / "Dockerfile").write_text(f"FROM {base}\nLABEL from.mirror=yes\n")
        name = f"{mirror}/{names[argument].format(base)}"
        _docker(site, "build", "--quiet", "--tag", name, str(context))
        _docker(site, "push", "--quiet", name)
        _docker(site, "rmi", name)
    plain = _reference(staging)
    configure(staging, **{"slipway:registryMirror": mirror})
    assert _reference(staging) == plain, "the mirror does not change the tag"
    staging.deploy("image")
    assert _docker(site, "inspect", "--format", '{{index .Config.Labels "from.mirror"}}', plain) == "yes\n"


def _docker(site: Site, *arguments: str) -> str:
    environment = {**os.environ, **site.environment, "DOCKER_BUILDKIT": "0"}
    command = [shutil.which("docker") or "docker", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
