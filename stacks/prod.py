"""prod: the image that staging ran, spread over nodes and zones, autoscaled, with a quota."""

from __future__ import annotations

from dataclasses import replace

import pulumi

from slipway import Resources, Scaling, WebService
from stacks import hello_world
from stacks.settings import GuardedSettings, load

# Room for the maximum number of pods, a quarter more during a rolling update, and as many that are ending: pods count
# until they are gone.
_QUOTA = {"pods": "20", "requests.cpu": "5", "requests.memory": "5Gi", "limits.memory": "5Gi"}


def compose() -> dict[str, pulumi.Input[str]]:
    settings = load(GuardedSettings)
    image = hello_world.released_image(settings)
    namespace = hello_world.namespace(replace(hello_world.NAMESPACE, quota=_QUOTA))
    service = WebService(
        hello_world.NAME,
        replace(
            hello_world.service(settings, image, namespace),
            scaling=Scaling(min=3, max=12),
            resources=Resources(cpu="250m", memory="256Mi"),
        ),
    )
    return hello_world.outputs(image, namespace, service)
