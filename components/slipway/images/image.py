"""A container image whose tag is computed from its sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, Self

import pulumi
from pulumi.output import UNKNOWN

from slipway.images.builders import build, check_builder
from slipway.images.image_args import ImageArgs
from slipway.images.release import Release
from slipway.parts.arguments.checked import checked

Origin = Literal["built", "reused", "promoted"]


@checked
class Image(pulumi.ComponentResource):
    """An image whose tag is a digest of its sources.

    - `tag`, `reference`: plain strings, known before the build.
    - `ref`: the reference as an Output, for containers. It resolves once the image is built and pushed. With
      `pin_digest` it names the digest too. A preview knows its value, except for a digest that is still to be pinned.
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
        if self.origin == "built" and isinstance(args, ImageArgs):
            self.ref = self._built(name, args)
        else:
            digest_is_pending = release.pin_digest and not release.digest and pulumi.runtime.is_dry_run()
            self.ref = _once(self.urn, UNKNOWN if digest_is_pending else self.reference)
        self.register_outputs({"ref": self.ref, "origin": self.origin})

    @classmethod
    def released(cls, name: str, release: Release, opts: pulumi.ResourceOptions | None = None) -> Self:
        """An image that another stack has built and pushed. It is never built here.

        This asks the registry before it registers a resource. Raises the same errors as `Release.verified`.
        """
        return cls(name, release, opts)

    def _built(self, name: str, args: ImageArgs) -> pulumi.Output[str]:
        built = build(name, args, self.reference, self)
        if not args.pin_digest:
            return _once(built.pushed, self.reference)
        # Nothing is pushed in a test with mocks. The tag then stands for the digest.
        return built.digest.apply(
            lambda told: f"{self.reference}@{told.rpartition('@')[2]}" if told else self.reference
        )


def _once(ready: pulumi.Output[Any], known: Any) -> pulumi.Output[str]:
    """`known`, for what has to wait until a resource is there. A URN is known in a preview, so this is too."""
    return ready.apply(lambda _: pulumi.Output.from_input(known))


def _origin(args: ImageArgs | Release) -> tuple[Origin, Release]:
    if isinstance(args, Release):
        return "promoted", args
    release, released = args.release(), args.released
    if released and (released.repository, released.tag) == (release.repository, release.tag):
        # Name the image as the build did: with its digest or without. Else pods would restart for nothing.
        digest = released.digest if args.pin_digest else None
        return "reused", replace(release, digest=digest, pin_digest=args.pin_digest)
    check_builder(args)
    return "built", release
