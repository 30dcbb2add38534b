"""Errors that stop a deployment."""


class DeployError(Exception):
    """One line with the value, the rule and the way out. Only a cluster's own messages add more lines."""


class OutOfReachError(DeployError):
    """A cluster that does not answer. `reason` is why, as kubectl has it, in one line."""

    def __init__(self, context: str, reason: str) -> None:
        super().__init__(f"{context} is out of reach: {reason}")
        self.context = context
