"""dev: one of it."""

from dataclasses import replace

import pulumi

from stacks import base


def compose() -> dict[str, pulumi.Input[str]]:
    return base.deploy(replace(base.shared(), replicas=1))
