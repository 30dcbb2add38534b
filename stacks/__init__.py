"""The environments: one module each, with its `Pulumi.<name>.yaml` beside it."""

from __future__ import annotations

import pulumi

from stacks import dev, prod, staging
from stacks.settings import SettingsError

STACKS = {"dev": dev.compose, "staging": staging.compose, "prod": prod.compose}


def compose(stack: str) -> dict[str, pulumi.Input[str]]:
    """Declares what the environment `stack` is made of; its outputs. Raises SettingsError."""
    if stack not in STACKS:
        raise SettingsError(f"stack {stack!r} is not known: use {', '.join(STACKS)}, or add stacks/{stack}.py")
    return STACKS[stack]()
