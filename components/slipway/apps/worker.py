"""A worker from one call: pods that nobody calls, their configuration and what scales them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from slipway.apps.application import Application, ApplicationArgs
from slipway.parts.arguments.checked import checked


@checked
@dataclass(frozen=True, kw_only=True)
class WorkerArgs(ApplicationArgs):
    """The arguments of a `Worker`: those of `ApplicationArgs`.

    `ports` are for probes and for a `Monitor`: a worker has no Service.
    """


@checked
class Worker(Application):
    """A Deployment that nobody calls, such as the consumer of a queue.

    It has the Config, scaler and DisruptionBudget that its args ask for, all named `name`. Each is an attribute. An
    attribute whose part was left out raises ValueError.
    """

    def __init__(self, name: str, args: WorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        args.check_parts(name)
        super().__init__("slipway:index:Worker", name, None, opts)
        self._make_parts(name, args)
        self.register_outputs({"name": name})
