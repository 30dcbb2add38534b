"""Builds and pushes the images that a stack declares, for the paths without the Pulumi engine.

What is built comes from the program's own `docker.Image` registrations; nothing is declared twice.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.errors import DeployError
from preview.model import Placeholder, Registration

_TYPE = "docker:index/image:Image"


@dataclass(frozen=True, kw_only=True)
class Build:
    """One image; `context` and `dockerfile` are relative to the program's folder."""

    reference: str
    context: str
    dockerfile: str
    args: Mapping[str, str]
    target: str | None
    platform: str | None
    push: bool


def builds(registrations: Iterable[Registration]) -> list[Build]:
    """The images to build. Raises DeployError for a build that only the engine could do."""
    return [_build(one.name, one.inputs) for one in registrations if one.type == _TYPE]


def _build(name: str, inputs: Mapping[str, Any]) -> Build:
    build: Mapping[str, Any] = inputs.get("build", {})
    args: Mapping[str, Any] = build.get("args") or {}
    for what, value in {"imageName": inputs["imageName"], **args}.items():
        if isinstance(value, Placeholder):
            raise DeployError(f"image {name}: {what} is {value}, known to the engine alone: use `make up`")
    context = str(build.get("context") or ".")
    return Build(
        reference=str(inputs["imageName"]),
        context=context,
        dockerfile=str(build.get("dockerfile") or Path(context) / "Dockerfile"),
        args={key: str(value) for key, value in args.items()},
        target=build.get("target"),
        platform=build.get("platform"),
        push=not inputs.get("skipPush", False),
    )


def make(build: Build, folder: Path) -> str:
    """Builds and pushes what is not there yet; how it went, in a few words.

    The tag names the content, so an image that is there is the one that would be built.
    """
    if build.push and _docker_succeeds("manifest", "inspect", "--insecure", build.reference):
        return "is in the registry already"
    built = not _docker_succeeds("image", "inspect", build.reference)
    if built:
        _docker(*_build_arguments(build), folder=folder, environment=build.args)
    if build.push:
        _docker("push", "--quiet", build.reference, folder=folder)
    return " and ".join(["built"] * built + ["pushed"] * build.push) or "is in the engine already"


def _build_arguments(build: Build) -> list[str]:
    # A build argument without a value is read from the environment: long lists stay off the process table.
    args = [word for name in sorted(build.args) for word in ("--build-arg", name)]
    target = ["--target", build.target] if build.target else []
    platform = ["--platform", build.platform] if build.platform else []
    return ["build", "--tag", build.reference, "--file", build.dockerfile, *args, *target, *platform, build.context]


def _docker(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Lets docker speak for itself on standard error."""
    variables = {**os.environ, **(environment or {})}
    if arguments[0] == "build" and not _docker_succeeds("buildx", "version"):
        # The client would ask for the builder that it has not got.
        variables.setdefault("DOCKER_BUILDKIT", "0")
    code = subprocess.run(["docker", *arguments], cwd=folder, env=variables, stdout=2, check=False).returncode
    if code:
        raise DeployError(f"docker {arguments[0]} ended with {code}: the reason is above")


def _docker_succeeds(*arguments: str) -> bool:
    try:
        return subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        raise DeployError("docker is not on the PATH: install the Docker CLI and start an engine") from None
