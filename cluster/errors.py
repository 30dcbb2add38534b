"""What stops a command, in words for the person who gave it."""


class ClusterError(Exception):
    """A command cannot go on. The message says what was found, and the way out if there is one."""
