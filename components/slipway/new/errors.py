from __future__ import annotations


class NewError(Exception):
    """A project that cannot be made as asked. One line: the value, the rule, the way out."""
