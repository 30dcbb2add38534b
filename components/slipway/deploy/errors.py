"""Errors that stop a deployment."""


class DeployError(Exception):
    """One line with the value, the rule and the way out. Only a cluster's own messages add more lines."""
