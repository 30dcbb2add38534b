"""What `Pulumi.<stack>.yaml` may say, typed. Nothing else reads it."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Settings:
    log_level: str
    registry: str | None
    """Where images are pushed; without one they stay in the local engine."""
    build: bool
    """Whether this stack builds its image, or runs what another stack has pushed."""


def load() -> Settings:
    config = pulumi.Config()
    return Settings(
        log_level=config.require("logLevel"),
        registry=config.get("registry"),
        build=config.require_bool("build"),
    )
