"""prod: three of it, with room for each."""

from dataclasses import replace

import pulumi
from slipway import Resources

from stacks import base


def compose() -> dict[str, pulumi.Input[str]]:
    return base.deploy(
        replace(
            base.shared(), replicas=3, resources=Resources(cpu="250m", memory="256Mi")
        )
    )
