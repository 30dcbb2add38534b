"""staging: two, so that what must not be alone is seen before production."""

from dataclasses import replace

import pulumi

from stacks import base


def compose() -> dict[str, pulumi.Input[str]]:
    return base.deploy(replace(base.shared(), replicas=2))
