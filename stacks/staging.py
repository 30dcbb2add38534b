"""staging: like production, but smaller."""

from __future__ import annotations

from dataclasses import replace

import pulumi

from slipway import Scaling, WebService
from stacks import hello_world
from stacks.settings import GuardedSettings, load


def compose() -> dict[str, pulumi.Input[str]]:
    settings = load(GuardedSettings)
    image = hello_world.image(settings)
    namespace = hello_world.namespace()
    service = WebService(
        hello_world.NAME,
        replace(hello_world.service(settings, image, namespace), scaling=Scaling(min=2, max=6)),
    )
    return hello_world.outputs(image, namespace, service)
