"""A container image whose tag is computed from its sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import pulumi
import pulumi_docker as docker
from pulumi.output import UNKNOWN

from slipway.images.base_images import mirrored
from slipway.images.build_context import content_tag
from slipway.images.release import Release
from slipway.parts.arguments.checked import checked

Origin = Literal["built", "reused", "promoted"]


@checked
@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    """Arguments of an `Image`. Raises ValueError for a repository with a tag, and for more than one platform.

    - `repository`: the image's name without a tag, as in `registry.example.com/team/app`. It includes the registry's
      host if the image is pushed.
    - `context`: the folder that is built. `dockerfile`: the Dockerfile's path inside it. If one is missing, making the
      image raises a ValueError.
    - `target`: the stage to build. None means the last one.
    - `build_args`: values for `ARG`s of the Dockerfile. Never put a secret here: the values stay readable in the image.
      Outputs are refused, because the tag depends on the values.
    - `platform`: one platform, as in `linux/amd64`. It is always set, so that two machines build the same image.
    - `skip_push`: does not push the image. For a local engine that also runs it.
    - `released`: a release. If its repository and tag are those of these sources, it is used and nothing is built.

    The next arguments say how the build gets its inputs. They do not change the image, so the tag does not depend on
    them:

    - `registry_mirror`: a mirror that holds the base images under their full names, including `docker.io/library/`. See
      `base_images.mirrored`.
    - `cache_from`: references of images whose layers may be reused. These images need an inline cache. With this
      argument, the new image gets one too.
    - `extra_hosts`: addresses by host name, for `RUN` instructions.
    - `network`: `host`, `none` or a network of the engine, for `RUN` instructions.

    Credentials come from `docker login` on the machine that builds. As an argument, they would be stored in the state,
    and a new token would look like a change.
    """

    repository: str
    context: str
    dockerfile: str = "Dockerfile"
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict[str, str])
    platform: str = "linux/amd64"
    skip_push: bool = False
    released: Release | None = None
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
        if "," in self.platform:
            raise ValueError(
                f"platform {self.platform!r} is more than one: pulumi-docker builds for one; give "
                f"what runs it an image that pulumi-docker-build made for all"
            )

    def release(self) -> Release:
        """The repository and tag of these sources. Raises ValueError for sources that cannot be built."""
        tag = content_tag(
            Path(self.context),
            dockerfile=self.dockerfile,
            target=self.target,
            build_args=self.build_args,
            platform=self.platform,
        )
        return Release(repository=self.repository, tag=tag)


@checked
class Image(pulumi.ComponentResource):
    """An image whose tag is a digest of its sources.

    - `tag`, `reference`: plain strings, known before the build.
    - `ref`: the reference as an Output, for containers. It resolves once the image is built and pushed. A preview knows
      its value, except for a digest that is still to be pinned.
    - `origin`: `built` here, `reused` if `ImageArgs.released` has the same sources, or `promoted` if the image was made
      from a `Release`.
    """

    def __init__(self, name: str, args: ImageArgs | Release, opts: pulumi.ResourceOptions | None = None) -> None:
        """Makes an image from its sources, or from a `Release` as `Image.released` does."""
        self.origin, release = _origin(args)
        if self.origin != "built":
            release = release.verified()
        super().__init__("slipway:index:Image", name, None, opts)
        self.tag = release.tag
        self.reference = release.reference
        # A URN is known in a preview and resolves once its resource exists.
        ready = self.urn
        if self.origin == "built" and isinstance(args, ImageArgs):
            ready = self._build(name, args).urn
        digest_is_pending = release.pin_digest and not release.digest and pulumi.runtime.is_dry_run()
        known: Any = UNKNOWN if digest_is_pending else self.reference
        self.ref: pulumi.Output[str] = ready.apply(lambda _: pulumi.Output.from_input(known))
        self.register_outputs({"ref": self.ref, "origin": self.origin})

    @classmethod
    def released(cls, name: str, release: Release, opts: pulumi.ResourceOptions | None = None) -> Self:
        """An image that another stack has built and pushed. It is never built here.

        This asks the registry before it registers a resource. Raises the same errors as `Release.verified`.
        """
        return cls(name, release, opts)

    def _build(self, name: str, args: ImageArgs) -> docker.Image:
        dockerfile = Path(args.context) / args.dockerfile
        build_args = dict(args.build_args)
        if args.registry_mirror:
            build_args |= mirrored(dockerfile, args.registry_mirror, args.build_args)
        if args.cache_from:
            # With this, later builds can use this image as a cache.
            build_args |= {"BUILDKIT_INLINE_CACHE": "1"}
        return docker.Image(
            name,
            image_name=self.reference,
            build={
                "context": args.context,
                "dockerfile": str(dockerfile),
                "target": args.target,
                "args": build_args or None,
                "platform": args.platform,
                "cache_from": {"images": list(args.cache_from)} if args.cache_from else None,
                "add_hosts": [f"{host}:{address}" for host, address in args.extra_hosts.items()] or None,
                "network": args.network,
            },
            skip_push=args.skip_push,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _origin(args: ImageArgs | Release) -> tuple[Origin, Release]:
    if isinstance(args, Release):
        return "promoted", args
    release = args.release()
    # Use the tag without the release's digest, as the build did. With the digest, the reference would change, and pods
    # would restart for nothing.
    same = args.released and (args.released.repository, args.released.tag) == (release.repository, release.tag)
    return ("reused" if same else "built"), release
