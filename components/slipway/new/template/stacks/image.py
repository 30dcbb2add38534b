"""Which image runs, and who builds it."""

import pulumi
from slipway import Image, ImageArgs

from stacks.settings import Settings


def image(settings: Settings) -> pulumi.Output[str]:
    """Its tag is a digest of its sources: an unchanged one is not built again."""
    name = pulumi.get_project()
    args = ImageArgs(
        repository=f"{settings.registry}/{name}" if settings.registry else name,
        context="app",
        skip_push=settings.registry is None,
    )
    if settings.build:
        return Image(name, args).ref
    # An update is refused where no other stack has pushed these very sources.
    return Image.released(name, args.release()).ref
