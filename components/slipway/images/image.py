"""A container image, named by what it is built from."""

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
    """What an `Image` is built from, how, and where it goes.

    - `repository`: its name without a tag, with the registry's host where it is pushed to one, as
      in `registry.example.com/team/app`.
    - `context`: the folder that is built; `dockerfile` is a path inside it. A missing one is a
      ValueError when the image is made.
    - `target`: the stage to build; None for the last.
    - `build_args`: `ARG`s of the Dockerfile. They stay readable in the image: nothing secret belongs
      here, and no Output: they make the tag.
    - `platform`: one, as in `linux/amd64`; always stated, so that two machines build the same image.
    - `skip_push`: for a local engine that also runs the image.
    - `released`: a release that takes the build's place, by its tag, if it was made of these very sources.

    And how the build gets what it needs, which makes no other image and so no other tag:

    - `registry_mirror`: where the base images are under their full names, `docker.io/library/` and
      all; see `base_images.mirrored`.
    - `cache_from`: references of images whose layers may be reused. Those need to have been built
      with an inline cache, which this one is too, then.
    - `extra_hosts`: addresses by host name; `network`: `host`, `none` or a network of the engine, for
      the build's `RUN` instructions.

    Credentials come from `docker login`, on the machine that builds: an input of the image would put
    them into the state, and a rotated token would look like a change.
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
        """What these sources are released as, whoever builds them. Raises ValueError, as the build does."""
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

    `tag` and `reference` are plain strings, known before any build. `ref` is the reference for what
    runs the image: known in a preview, and resolved once the image is built and pushed. `origin`
    tells where it comes from: `built` here, `reused` as `ImageArgs.released` is of the same sources,
    or `promoted` by `Image.released`.
    """

    def __init__(self, name: str, args: ImageArgs | Release, opts: pulumi.ResourceOptions | None = None) -> None:
        """Of a `Release`, `Image.released` tells all."""
        self.origin, release = _origin(args)
        if self.origin != "built":
            release = release.verified()
        super().__init__("slipway:index:Image", name, None, opts)
        self.tag = release.tag
        self.reference = release.reference
        # A URN is known in every preview and resolves once its resource exists.
        ready = self.urn
        if self.origin == "built" and isinstance(args, ImageArgs):
            ready = self._build(name, args).urn
        digest_is_pending = release.pin_digest and not release.digest and pulumi.runtime.is_dry_run()
        known: Any = UNKNOWN if digest_is_pending else self.reference
        self.ref: pulumi.Output[str] = ready.apply(lambda _: pulumi.Output.from_input(known))
        self.register_outputs({"ref": self.ref, "origin": self.origin})

    @classmethod
    def released(cls, name: str, release: Release, opts: pulumi.ResourceOptions | None = None) -> Self:
        """An image that is never built here, as another stack has built and pushed it.

        The registry is asked before anything is made. Raises what `Release.verified` does.
        """
        return cls(name, release, opts)

    def _build(self, name: str, args: ImageArgs) -> docker.Image:
        dockerfile = Path(args.context) / args.dockerfile
        build_args = dict(args.build_args)
        if args.registry_mirror:
            build_args |= mirrored(dockerfile, args.registry_mirror, args.build_args)
        if args.cache_from:
            # Else nobody could take a cache from this one in turn.
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
    # By its tag, as when it was built: its digest would be another reference, and pods would roll for nothing.
    same = args.released and (args.released.repository, args.released.tag) == (release.repository, release.tag)
    return ("reused" if same else "built"), release
