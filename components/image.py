"""A container image, named by what it is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pulumi_docker as docker

from components.build_context import content_tag


@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    """What an `Image` is built from and where it goes.

    - `repository`: its name without a tag, with the registry's host where it is pushed to one, as
      in `registry.example.com/team/app`.
    - `context`: the folder that is built; `dockerfile` is a path inside it. A missing one is a
      ValueError when the image is made.
    - `target`: the stage to build; None for the last.
    - `build_args`: `ARG`s of the Dockerfile. They are part of the image: nothing secret belongs here.
    - `platform`: as in `linux/amd64`; always stated, so that two machines build the same image.
    - `skip_push`: for a local engine that also runs the image.

    Credentials come from the Docker provider's `registryAuth` or from the engine's own login: an
    input of the image would put them into the state, and a rotated token would look like a change.
    """

    repository: str
    context: str
    dockerfile: str = "Dockerfile"
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict[str, str])
    platform: str = "linux/amd64"
    skip_push: bool = False

    def __post_init__(self) -> None:
        last = self.repository.rpartition("/")[2]
        if not last or ":" in last or "@" in last:
            raise ValueError(
                f"repository {self.repository!r} has no name or carries a tag: give the name alone, "
                f"the tag is the content's"
            )


class Image(pulumi.ComponentResource):
    """An image whose tag is a digest of its sources.

    `tag` and `reference` are plain strings, known before any build. `ref` is the reference for what
    runs the image: known in a preview, and resolved once the image is built and pushed.
    """

    def __init__(self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self.tag = content_tag(
            Path(args.context),
            dockerfile=args.dockerfile,
            target=args.target,
            build_args=args.build_args,
            platform=args.platform,
        )
        super().__init__("slipway:index:Image", name, None, opts)
        self.reference = f"{args.repository}:{self.tag}"
        self.resource = docker.Image(
            name,
            image_name=self.reference,
            build={
                "context": args.context,
                "dockerfile": str(Path(args.context) / args.dockerfile),
                "target": args.target,
                "args": args.build_args or None,
                "platform": args.platform,
            },
            skip_push=args.skip_push,
            opts=pulumi.ResourceOptions(parent=self),
        )
        # A URN is known in every preview and resolves once its resource exists.
        self.ref = self.resource.urn.apply(lambda _: self.reference)
        self.register_outputs({"ref": self.ref})
