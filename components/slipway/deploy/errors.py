"""What stops a deployment."""


class DeployError(Exception):
    """One line that names the value, the rule and the way out; more lines only for what a cluster says."""
