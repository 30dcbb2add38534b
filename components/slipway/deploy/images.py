"""The images that a stack declares: builds and pushes them, or looks for them in their registry.

The program's `docker.Image` registrations say what to build. Its `Image` components say what exists already. So
nothing is declared twice.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slipway.deploy.errors import DeployError
from slipway.images.registry import RegistryError, find_digest
from slipway.images.release import Release
from slipway.preview.model import Placeholder, Registration

_BUILT = "docker:index/image:Image"
_COMPONENT = "slipway:index:Image"


@dataclass(frozen=True, kw_only=True)
class Build:
    """One image. `context` and `dockerfile` are relative to the program's folder."""

    reference: str
    context: str
    dockerfile: str
    args: Mapping[str, str]
    target: str | None
    platform: str | None
    push: bool
    cache_from: Sequence[str] = ()
    add_hosts: Sequence[str] = ()
    network: str | None = None

    @property
    def release(self) -> Release:
        return _release(self.reference)


def builds(registrations: Iterable[Registration]) -> list[Build]:
    """The images to build. Raises DeployError for a build that only the Pulumi engine could do."""
    return [_build(one.name, one.inputs) for one in registrations if one.type == _BUILT]


def releases(registrations: Iterable[Registration]) -> list[Release]:
    """The images that exist already. Raises DeployError for one whose digest is not known yet."""
    references = {
        one.name: (one.outputs or {}).get("ref")
        for one in registrations
        if one.type == _COMPONENT and (one.outputs or {}).get("origin") != "built"
    }
    for name, reference in references.items():
        if isinstance(reference, Placeholder):
            raise DeployError(f"image {name} is to run by a digest that is not known: lock it by `make release`")
    return [_release(str(reference)) for reference in references.values()]


def pushed(registrations: Sequence[Registration]) -> list[Release]:
    """The images that nodes pull, each with its digest in the registry.

    Raises DeployError if a registry does not have an image, or does not answer.
    """
    built = [build.release for build in builds(registrations) if build.push]
    return [
        *(_located(one, ": `make image` builds and pushes it") for one in built),
        *(
            _located(one, ", and this stack does not build it: `make image` the one that does")
            for one in releases(registrations)
        ),
    ]


def _located(release: Release, way_out: str) -> Release:
    if digest := _digest_of(release):
        return replace(release, digest=digest)
    raise DeployError(f"{release.reference} is not in its registry{way_out}")


def _digest_of(release: Release) -> str | None:
    try:
        return find_digest(release.repository, release.digest or release.tag)
    except RegistryError as error:
        raise DeployError(str(error)) from None


def _release(reference: str) -> Release:
    named, _, digest = reference.partition("@")
    repository, _, tag = named.rpartition(":")
    return Release(repository=repository, tag=tag, digest=digest or None)


def _build(name: str, inputs: Mapping[str, Any]) -> Build:
    build: Mapping[str, Any] = inputs.get("build", {})
    args: Mapping[str, Any] = build.get("args") or {}
    for what, value in {"imageName": inputs["imageName"], **args}.items():
        if isinstance(value, Placeholder):
            raise DeployError(f"image {name}: {what} is {value}, known to the engine alone: use `make up`")
    context = str(build.get("context") or ".")
    cache: Mapping[str, Any] = build.get("cacheFrom") or {}
    return Build(
        reference=str(inputs["imageName"]),
        context=context,
        dockerfile=str(build.get("dockerfile") or Path(context) / "Dockerfile"),
        args={key: str(value) for key, value in args.items()},
        target=build.get("target"),
        platform=build.get("platform"),
        push=not inputs.get("skipPush", False),
        cache_from=cache.get("images") or (),
        add_hosts=build.get("addHosts") or (),
        network=build.get("network"),
    )


def make(build: Build, folder: Path) -> str:
    """Builds and pushes the image unless it exists. Returns what was done, in a few words.

    The tag names the content, so an existing image is the one that would be built.
    """
    if build.push and _digest_of(build.release):
        return "is in the registry already"
    built = not _docker_succeeds("image", "inspect", build.reference)
    if built:
        _docker(*_build_arguments(build), folder=folder, environment=build.args)
    if build.push:
        _docker("push", "--quiet", build.reference, folder=folder)
    return " and ".join(["built"] * built + ["pushed"] * build.push) or "is in the engine already"


def _build_arguments(build: Build) -> list[str]:
    options = [
        # Docker reads a build argument without a value from the environment: long lists stay off the process table.
        *(("--build-arg", name) for name in sorted(build.args)),
        *(("--cache-from", image) for image in build.cache_from),
        *(("--add-host", host) for host in build.add_hosts),
        *([("--target", build.target)] if build.target else []),
        *([("--platform", build.platform)] if build.platform else []),
        *([("--network", build.network)] if build.network else []),
    ]
    named = ["build", "--tag", build.reference, "--file", build.dockerfile]
    return [*named, *(word for option in options for word in option), build.context]


def _docker(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Runs docker, which prints its own messages on standard error."""
    variables = {**os.environ, **(environment or {})}
    if arguments[0] == "build" and not _docker_succeeds("buildx", "version"):
        # Without buildx the client would ask for a builder that it does not have.
        variables.setdefault("DOCKER_BUILDKIT", "0")
    code = subprocess.run(["docker", *arguments], cwd=folder, env=variables, stdout=2, check=False).returncode
    if code:
        raise DeployError(f"docker {arguments[0]} ended with {code}: the reason is above")


def _docker_succeeds(*arguments: str) -> bool:
    try:
        return subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        raise DeployError("docker is not on the PATH: install the Docker CLI and start an engine") from None
