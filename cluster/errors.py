"""Errors that stop a command, written for the person who ran it."""


class ClusterError(Exception):
    """A command cannot go on. The message says what was found, and what to do if anything can be done."""
