"""What an image is built from, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import pulumi

from slipway.images.base_images import mirrored
from slipway.images.build_context import content_tag
from slipway.images.release import Release
from slipway.parts.arguments.annotations import WITHHELD
from slipway.parts.arguments.checked import checked

_PLATFORM: Final = "linux/amd64"
_ONE_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?")
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@checked
@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    """Arguments of an `Image`. Raises ValueError for a repository with a tag, and for arguments that exclude others.

    - `repository`: the image's name without a tag, as in `registry.example.com/team/app`. It includes the registry's
      host if the image is pushed.
    - `context`: the folder that is built. `dockerfile`: the Dockerfile's path inside it. If one is missing, making the
      image raises a ValueError.
    - `target`: the stage to build. None means the last one.
    - `build_args`: values for `ARG`s of the Dockerfile. Never put a secret here: the values stay readable in the image.
      Outputs are refused, because the tag depends on the values.
    - `platform`: one platform, as in `linux/amd64`. It is always set, so that two machines build the same image.
    - `platforms`: several platforms, as in `["linux/amd64", "linux/arm64"]`, instead of `platform`.
    - `skip_push`: does not push the image. For a local engine that also runs it, with one platform.
    - `pin_digest`: what runs the image names its digest too (`tag@sha256:…`). The digest is known after the push, so a
      preview of a new image does not know it. Cannot be combined with `skip_push`.
    - `released`: a release. If its repository and tag are those of these sources, it is used and nothing is built.

    The next arguments say how the build gets its inputs. They do not change the image, so the tag does not depend on
    them:

    - `secrets`: values by id, for `RUN --mount=type=secret,id=…`. They are in no layer and not in the tag, so a changed
      value builds nothing.
    - `ssh`: `default` for the SSH agent, or `id=path` for a key or a socket, for `RUN --mount=type=ssh`.
    - `registry_mirror`: a mirror that holds the base images under their full names, including `docker.io/library/`. See
      `base_images.mirrored`.
    - `cache_from`: references of images whose layers may be reused. These images need an inline cache. With this
      argument, the new image gets one too.
    - `extra_hosts`: addresses by host name, for `RUN` instructions.
    - `network`: `host`, `none` or a network of the engine, for `RUN` instructions.

    `platforms`, `secrets` and `ssh` need BuildKit: the package pulumi-docker-build then builds the image, instead of
    pulumi-docker. Its builder's own network is one of `host`, `none` and `default`.

    Credentials come from `docker login` on the machine that builds. As an argument, they would be stored in the state,
    and a new token would look like a change.
    https://docs.docker.com/build/building/secrets/ https://docs.docker.com/build/building/multi-platform/
    """

    repository: str
    context: str
    dockerfile: str = "Dockerfile"
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict[str, str])
    platform: str = _PLATFORM
    platforms: Sequence[str] = ()
    skip_push: bool = False
    pin_digest: bool = False
    released: Release | None = None
    secrets: Annotated[Mapping[str, pulumi.Input[str]], WITHHELD] = field(default_factory=dict[str, pulumi.Input[str]])
    ssh: Sequence[str] = ()
    registry_mirror: str | None = None
    cache_from: Sequence[str] = ()
    extra_hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    network: str | None = None

    def __post_init__(self) -> None:
        last = self.repository.rpartition("/")[2]
        if not last or ":" in last or "@" in last:
            raise ValueError(
                f"repository {self.repository!r} has no name or carries a tag: give the name alone, "
                f"the tag is the content's"
            )
        if self.pin_digest and self.skip_push:
            raise ValueError(
                "pin_digest and skip_push exclude each other: an image gets its digest when it is pushed; leave one out"
            )
        self._check_platforms()
        for id_ in self.secrets:
            if not _ID.fullmatch(id_):
                raise ValueError(f"secret id {id_!r} is not one: use letters, digits, '_', '.' and '-'")
        for each in self.ssh:
            id_, _, path = each.partition("=")
            if not _ID.fullmatch(id_) or not (path or each == "default"):
                raise ValueError(f"ssh {each!r} is not 'default', for the SSH agent, nor an id with a path: 'id=path'")
        if self.needs_buildkit and self.network not in (None, "default", "host", "none"):
            raise ValueError(
                f"network {self.network!r} is one of the engine, and BuildKit has its own: give 'host' or 'none', or "
                f"make a builder in that network (`docker buildx create --driver-opt network=…`)"
            )

    def _check_platforms(self) -> None:
        if "," in self.platform:
            listed = [each.strip() for each in self.platform.split(",")]
            raise ValueError(f"platform {self.platform!r} is more than one: give platforms={listed}")
        if self.platforms and self.platform != _PLATFORM:
            raise ValueError(f"platform {self.platform!r} and platforms exclude each other: list it in platforms")
        for each in self.platforms:
            if not _ONE_PLATFORM.fullmatch(each):
                raise ValueError(f"platform {each!r} is not one: give a system and a CPU, as in 'linux/arm64'")
        if len(set(self.platforms)) < len(self.platforms):
            raise ValueError(f"platforms {list(self.platforms)} names one twice: leave it out once")
        if self.skip_push and len(self.platforms) > 1:
            raise ValueError(
                f"platforms {list(self.platforms)} and skip_push exclude each other: an engine keeps the image of one "
                f"platform; push it, or give the engine's own platform"
            )

    @property
    def needs_buildkit(self) -> bool:
        return bool(self.platforms or self.secrets or self.ssh)

    @property
    def all_platforms(self) -> list[str]:
        """In alphabetical order, since their order makes no other image."""
        return sorted(self.platforms) or [self.platform]

    def release(self) -> Release:
        """The repository and tag of these sources. Raises ValueError for sources that cannot be built."""
        tag = content_tag(
            Path(self.context),
            dockerfile=self.dockerfile,
            target=self.target,
            build_args=self.build_args,
            platform=",".join(self.all_platforms),
        )
        return Release(repository=self.repository, tag=tag)

    @property
    def dockerfile_path(self) -> str:
        return str(Path(self.context) / self.dockerfile)

    def all_build_args(self) -> dict[str, str]:
        """The build arguments, with those for the mirror and the cache. Raises ValueError as `mirrored` does."""
        own = dict(self.build_args)
        if self.registry_mirror:
            own |= mirrored(Path(self.dockerfile_path), self.registry_mirror, self.build_args)
        if self.cache_from:
            # With this, later builds can use this image as a cache.
            own |= {"BUILDKIT_INLINE_CACHE": "1"}
        return own
