"""dev: one replica, built on this machine. Without a registry, the image stays in the local engine."""

from __future__ import annotations

from dataclasses import replace

import pulumi

from slipway import WebService
from stacks import hello_world
from stacks.settings import Settings, load


def compose() -> dict[str, pulumi.Input[str]]:
    settings = load(Settings)
    image = hello_world.image(settings)
    namespace = hello_world.namespace()
    service = WebService(
        hello_world.NAME,
        replace(hello_world.service(settings, image, namespace), replicas=1),
    )
    return hello_world.outputs(image, namespace, service)
