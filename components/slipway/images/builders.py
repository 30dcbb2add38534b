"""The resources that build an image: pulumi-docker's, and pulumi-docker-build's for what only BuildKit can."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_docker as docker

from slipway.images.image_args import ImageArgs

if TYPE_CHECKING:
    import pulumi_docker_build as docker_build


@dataclass(frozen=True, kw_only=True)
class Built:
    """`pushed` is known once the image is built and pushed. `digest` ends in the digest; it may be unknown or empty."""

    pushed: pulumi.Output[Any]
    digest: pulumi.Output[str | None]


def check_builder(args: ImageArgs) -> None:
    """Raise ValueError if the package that builds the image is missing."""
    if args.needs_buildkit:
        _docker_build()


def build(name: str, args: ImageArgs, reference: str, parent: pulumi.Resource) -> Built:
    made = _buildkit if args.needs_buildkit else _engine
    return made(name, args, reference, pulumi.ResourceOptions(parent=parent))


def _engine(name: str, args: ImageArgs, reference: str, opts: pulumi.ResourceOptions) -> Built:
    image = docker.Image(
        name,
        image_name=reference,
        build={
            "context": args.context,
            "dockerfile": args.dockerfile_path,
            "target": args.target,
            "args": args.all_build_args() or None,
            "platform": args.platform,
            "cache_from": {"images": list(args.cache_from)} if args.cache_from else None,
            "add_hosts": _hosts(args),
            "network": args.network,
        },
        skip_push=args.skip_push,
        opts=opts,
    )
    return Built(pushed=image.urn, digest=image.repo_digest)


def _buildkit(name: str, args: ImageArgs, reference: str, opts: pulumi.ResourceOptions) -> Built:
    # Deleting this resource deletes the image from its registry, where another stack may run it.
    opts.retain_on_delete = True
    module: Any = _docker_build()
    image: docker_build.Image = module.Image(
        name,
        tags=[reference],
        context={"location": args.context},
        dockerfile={"location": args.dockerfile_path},
        target=args.target,
        build_args=args.all_build_args() or None,
        platforms=args.all_platforms,
        secrets={id_: pulumi.Output.secret(value) for id_, value in args.secrets.items()} or None,
        # The tag does not depend on them. A new value is for the next build.
        ignore_secrets_in_diff_calculation=sorted(args.secrets) or None,
        ssh=[_ssh(each) for each in args.ssh] or None,
        cache_from=[{"registry": {"ref": image}} for image in args.cache_from] or None,
        add_hosts=_hosts(args),
        network=args.network,
        push=not args.skip_push,
        load=args.skip_push,
        # By default a preview builds, and writes caches to the registry.
        build_on_preview=False,
        opts=opts,
    )
    return Built(pushed=image.urn, digest=image.digest)


def _hosts(args: ImageArgs) -> list[str] | None:
    return [f"{host}:{address}" for host, address in args.extra_hosts.items()] or None


def _ssh(given: str) -> dict[str, Any]:
    id_, _, path = given.partition("=")
    return {"id": id_, "paths": [path] if path else None}


def _docker_build() -> Any:
    """The package pulumi_docker_build. It is optional: most images do not need it."""
    try:
        return import_module("pulumi_docker_build")
    except ModuleNotFoundError:
        raise ValueError(
            "platforms, secrets and ssh of an image need the package pulumi-docker-build: "
            "pip install 'slipway[docker-build]'"
        ) from None
