"""prod: as many as the load asks for, with room for each."""

from dataclasses import replace

import pulumi
from slipway import Resources, Scaling

from stacks import base


def compose() -> dict[str, pulumi.Input[str]]:
    return base.deploy(
        replace(
            base.shared(),
            scaling=Scaling(min=3, max=12),
            resources=Resources(cpu="250m", memory="256Mi"),
        )
    )
