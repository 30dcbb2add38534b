"""What a test may change."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """`options` are the lines of hello-world.config. `scaling` is the minimum and maximum number of pods.

    `below` names the component that the service is moved into.
    """

    image: str
    greeting: str = "one"
    options: str = ""
    rollout: str = "versioned"
    history: int = 3
    replicas: int = 2
    scaling: tuple[int, int] | None = None
    down_window: int = 10
    pre_stop: int | None = None
    ready_path: str = "/readyz"
    bystander: bool = False
    secret: bool = False
    pods: int | None = None
    below: str | None = None
