"""Builds images with the Docker CLI, as the engine's packages do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from slipway.deploy.errors import DeployError
from slipway.deploy.images import Build, digest_of
from slipway.preview.model import Placeholder


def make(build: Build, folder: Path, secrets: Mapping[str, str] | Placeholder) -> str:
    """Builds and pushes the image unless it exists. Returns what was done, in a few words.

    The tag names the content, so an existing image is the one that would be built. `secrets` are the
    values of its build secrets by id. They go to docker by its environment, and nowhere else.
    """
    if build.push and digest_of(build.release):
        return "is in the registry already"
    if build.by_buildkit and build.push:
        # The image of several platforms goes to the registry at once. The engine could not keep it.
        _buildx(build, folder, secrets, "--push")
        return "built and pushed"
    built = not _docker_succeeds("image", "inspect", build.reference)
    if built and build.by_buildkit:
        _buildx(build, folder, secrets, "--load")
    elif built:
        _docker("build", *_options(build), build.context, folder=folder, environment=build.args)
    if build.push:
        _docker("push", "--quiet", build.reference, folder=folder)
    return " and ".join(["built"] * built + ["pushed"] * build.push) or "is in the engine already"


def _options(build: Build) -> list[str]:
    options = [
        ("--tag", build.reference),
        ("--file", build.dockerfile),
        # Docker reads a build argument without a value from the environment: long lists stay off the process table.
        *(("--build-arg", name) for name in sorted(build.args)),
        *(("--cache-from", image) for image in build.cache_from),
        *(("--add-host", host) for host in build.add_hosts),
        *([("--target", build.target)] if build.target else []),
        *([("--platform", ",".join(build.platforms))] if build.platforms else []),
        *([("--network", build.network)] if build.network else []),
    ]
    return [word for option in options for word in option]


def _buildx(build: Build, folder: Path, secrets: Mapping[str, str] | Placeholder, where: str) -> None:
    _check_buildx(build)
    if isinstance(secrets, Placeholder) or any(isinstance(value, Placeholder) for value in secrets.values()):
        raise DeployError(
            f"{build.reference}: its build secrets are not known, as secrets are not read: set the variable "
            f"SLIPWAY_SECRET_… of each setting, or set PULUMI_CONFIG_PASSPHRASE to the stack's passphrase"
        )
    environment = dict(build.args)
    options: list[str] = []
    for number, (id_, value) in enumerate(sorted(secrets.items())):
        variable = f"SLIPWAY_BUILD_SECRET_{number}"
        environment[variable] = value
        options += ["--secret", f"id={id_},env={variable}"]
    for each in build.ssh:
        options += ["--ssh", each]
    _docker("buildx", "build", *_options(build), *options, where, build.context, folder=folder, environment=environment)


def _check_buildx(build: Build) -> None:
    """Raise DeployError for what this machine's builder cannot do. What docker says of it is harder to read."""
    if not _docker_succeeds("buildx", "version"):
        raise DeployError(
            f"{build.reference} needs `docker buildx` for its platforms, secrets or SSH, and docker does not have it: "
            f"install it, https://github.com/docker/buildx#installing"
        )
    if "default" in build.ssh and not os.environ.get("SSH_AUTH_SOCK"):
        raise DeployError(
            f"{build.reference} needs the SSH agent, and SSH_AUTH_SOCK names none: start one (`ssh-agent`), or give "
            f"ssh=['default=path'] the path of a key"
        )
    # The builder of an engine builds for one platform, unless containerd keeps the engine's images.
    if len(build.platforms) > 1 and _driver() == "docker" and not _containerd_keeps_images():
        raise DeployError(
            f"{build.reference} is for {' and '.join(build.platforms)}, and the builder of the engine builds for one: "
            f"make one that can by `docker buildx create --use`"
        )


def _driver() -> str:
    lines = [line.partition(":") for line in _answer("buildx", "inspect").splitlines()]
    return next((value.strip() for key, _, value in lines if key == "Driver"), "")


def _containerd_keeps_images() -> bool:
    return "io.containerd.snapshotter" in _answer("info", "--format", "{{json .DriverStatus}}")


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
    return _asked(*arguments).returncode == 0


def _answer(*arguments: str) -> str:
    return _asked(*arguments).stdout


def _asked(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise DeployError("docker is not on the PATH: install the Docker CLI and start an engine") from None
