"""What `Pulumi.<stack>.yaml` may say, typed. Nothing else reads it."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Settings:
    log_level: str
    image: str
    """What runs, with its tag: a new version goes from one stack's file to the next."""


def load() -> Settings:
    config = pulumi.Config()
    return Settings(log_level=config.require("logLevel"), image=config.require("image"))
