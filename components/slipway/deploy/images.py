"""The images that a stack declares, and where they are in their registry.

The program's registrations of the packages that build images say what to build. Its `Image` components say what exists
already. So nothing is declared twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slipway.deploy.errors import DeployError
from slipway.images.registry import RegistryError, find_digest
from slipway.images.release import Release
from slipway.preview.model import Placeholder, Registration

_ENGINE = "docker:index/image:Image"
_BUILDKIT = "docker-build:index:Image"
_COMPONENT = "slipway:index:Image"


@dataclass(frozen=True, kw_only=True)
class Build:
    """One image. `context` and `dockerfile` are relative to the program's folder.

    - `urn`: the resource that builds it.
    - `ssh`: what `docker buildx build --ssh` takes.
    - `by_buildkit`: whether only BuildKit can build it.
    - `pinned`: whether it runs by the digest that it gets when it is pushed.
    """

    urn: str
    reference: str
    context: str
    dockerfile: str
    args: Mapping[str, str]
    target: str | None
    platforms: Sequence[str]
    push: bool
    cache_from: Sequence[str] = ()
    add_hosts: Sequence[str] = ()
    network: str | None = None
    ssh: Sequence[str] = ()
    by_buildkit: bool = False
    pinned: bool = False

    @property
    def release(self) -> Release:
        return _release(self.reference)

    def outputs(self, digest: str) -> dict[str, str]:
        """What the engine knows of the resource once the image is pushed."""
        return {"digest": digest} if self.by_buildkit else {"repoDigest": f"{self.release.repository}@{digest}"}


def builds(registrations: Sequence[Registration]) -> list[Build]:
    """The images to build. Raises DeployError for a build that only the Pulumi engine could do."""
    unknown = {one.urn for one in registrations if one.type == _COMPONENT and _is_unknown(one)}
    made = {_ENGINE: _by_engine, _BUILDKIT: _by_buildkit}
    return [replace(made[one.type](one), pinned=one.parent in unknown) for one in registrations if one.type in made]


def builds_with_secrets(registrations: Iterable[Registration]) -> list[Registration]:
    return [one for one in registrations if one.type == _BUILDKIT and one.inputs.get("secrets")]


def _is_unknown(image: Registration) -> bool:
    return isinstance((image.outputs or {}).get("ref"), Placeholder)


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


NOT_BUILT = ": `make image` builds and pushes it"


def pushed(registrations: Sequence[Registration]) -> list[Release]:
    """The images that nodes pull, each with its digest in the registry.

    Raises DeployError if a registry does not have an image, or does not answer.
    """
    built = [build.release for build in builds(registrations) if build.push]
    return [
        *(located(one, NOT_BUILT) for one in built),
        *(
            located(one, ", and this stack does not build it: `make image` the one that does")
            for one in releases(registrations)
        ),
    ]


def located(release: Release, way_out: str) -> Release:
    if digest := digest_of(release):
        return replace(release, digest=digest)
    raise DeployError(f"{release.reference} is not in its registry{way_out}")


def digest_of(release: Release) -> str | None:
    try:
        return find_digest(release.repository, release.digest or release.tag)
    except RegistryError as error:
        raise DeployError(str(error)) from None


def _release(reference: str) -> Release:
    named, _, digest = reference.partition("@")
    repository, _, tag = named.rpartition(":")
    return Release(repository=repository, tag=tag, digest=digest or None)


def _by_engine(one: Registration) -> Build:
    build: Mapping[str, Any] = one.inputs.get("build", {})
    context = str(build.get("context") or ".")
    cache: Mapping[str, Any] = build.get("cacheFrom") or {}
    return Build(
        urn=one.urn,
        reference=_known(one, "imageName", one.inputs["imageName"]),
        context=context,
        dockerfile=str(build.get("dockerfile") or Path(context) / "Dockerfile"),
        args=_arguments(one, build.get("args")),
        target=build.get("target"),
        platforms=[build["platform"]] if build.get("platform") else [],
        push=not one.inputs.get("skipPush", False),
        cache_from=cache.get("images") or (),
        add_hosts=build.get("addHosts") or (),
        network=build.get("network"),
    )


def _by_buildkit(one: Registration) -> Build:
    inputs = one.inputs
    context = str(inputs.get("context", {}).get("location") or ".")
    return Build(
        urn=one.urn,
        reference=_known(one, "tags", next(iter(inputs.get("tags") or ()), None)),
        context=context,
        dockerfile=str(inputs.get("dockerfile", {}).get("location") or Path(context) / "Dockerfile"),
        args=_arguments(one, inputs.get("buildArgs")),
        target=inputs.get("target"),
        platforms=inputs.get("platforms") or (),
        push=bool(inputs.get("push")),
        cache_from=[each["registry"]["ref"] for each in inputs.get("cacheFrom") or () if "registry" in each],
        add_hosts=inputs.get("addHosts") or (),
        network=inputs.get("network"),
        ssh=[_ssh(each) for each in inputs.get("ssh") or ()],
        by_buildkit=True,
    )


def _ssh(given: Mapping[str, Any]) -> str:
    paths = ",".join(given.get("paths") or ())
    return f"{given['id']}={paths}" if paths else str(given["id"])


def _arguments(one: Registration, args: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: _known(one, key, value) for key, value in (args or {}).items()}


def _known(one: Registration, what: str, value: Any) -> str:
    if value is None or isinstance(value, Placeholder):
        told = f"is {value}, known to the engine alone" if value is not None else "is not given"
        raise DeployError(f"image {one.name}: {what} {told}: use `make up`")
    return str(value)
