from __future__ import annotations


class NewError(Exception):
    """The project cannot be created. The message is one line: the value, the rule, and what to do."""
