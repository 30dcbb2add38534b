"""What the environments of hello-world share. The module of each environment changes what differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pulumi

from slipway import (
    ContainerDefaults,
    Image,
    ImageArgs,
    NamespaceArgs,
    Port,
    Probe,
    Probes,
    WebServiceArgs,
    read_lock,
)
from slipway.access.namespace import Namespace
from slipway.apps.web_service import WebService
from slipway.images.release import LOCK_FILE
from stacks.settings import Settings

NAME = "hello-world"
LOCK = Path(__file__).with_name(LOCK_FILE)
"""The released images. `make release STACK=staging` writes the file, and a commit promotes them."""

NAMESPACE = NamespaceArgs(defaults=ContainerDefaults())

_PORTS = (Port(name="http", number=8080), Port(name="grpc", number=50021, app_protocol="kubernetes.io/h2c"))
_PROBES = Probes(readiness=Probe(http="/readyz", port="http", period=5), liveness=Probe(http="/livez", port="http"))


def namespace(args: NamespaceArgs = NAMESPACE) -> Namespace:
    """A namespace for this stack alone, so that environments can share a cluster."""
    return Namespace(f"{NAME}-{pulumi.get_stack()}", args)


def image(settings: Settings) -> Image:
    """Built from `app/`, unless these sources are released already. Pushed if the stack names a registry."""
    args = _image_args(settings)
    return Image(NAME, replace(args, released=read_lock(LOCK).get(args.repository)))


def released_image(settings: Settings) -> Image:
    """The release in the lock file, or else the release of these sources. Never built."""
    args = _image_args(settings)
    return Image.released(NAME, read_lock(LOCK).get(args.repository) or args.release())


def _image_args(settings: Settings) -> ImageArgs:
    bases = {"GO_IMAGE": settings.go_image, "RUNTIME_IMAGE": settings.runtime_image}
    return ImageArgs(
        repository=f"{settings.registry}/{NAME}" if settings.registry else NAME,
        context="app",
        build_args={name: base for name, base in bases.items() if base},
        skip_push=settings.registry is None,
        registry_mirror=settings.registry_mirror,
    )


def service(settings: Settings, image: Image, namespace: Namespace) -> WebServiceArgs:
    """The args that all environments share: configuration, probes and ports, but not the number of pods."""
    return WebServiceArgs(
        namespace=namespace,
        image=image.ref,
        ports=_PORTS,
        probes=_PROBES,
        config={
            "hello-world.data": settings.greeting,
            "hello-world.config": f"log_level = {settings.log_level}\n",
        },
        config_dir="/etc/hello-world",
        secrets={"API_TOKEN": settings.api_token} if settings.api_token else {},
        service_type=settings.service_type,
        await_address=settings.service_type == "LoadBalancer",
    )


def outputs(image: Image, namespace: Namespace, service: WebService) -> dict[str, pulumi.Input[str]]:
    """What the stack tells of itself."""
    port = service.service.ports["http"]
    told: dict[str, pulumi.Input[str]] = {
        "namespace": namespace.name,
        "image": image.ref,
        "service": pulumi.Output.concat(service.service.host, f":{port}"),
    }
    if service.service.address:
        told["url"] = pulumi.Output.concat("http://", service.service.address, f":{port}")
    return told
