"""The environments: `stacks/<name>.py` composes one from components, `Pulumi.<name>.yaml` beside it has its settings.

A new environment needs these two files and nothing else.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pulumi

from stacks.settings import SettingsError, hint

_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The environments that have both files, in alphabetical order."""
    return sorted(file.stem for file in _FOLDER.glob("*.py") if (_FOLDER / f"Pulumi.{file.stem}.yaml").exists())


def compose(stack: str) -> dict[str, pulumi.Input[str]]:
    """Declares the components of the environment `stack` and returns its outputs. Raises SettingsError."""
    if not (_FOLDER / f"{stack}.py").is_file():
        known = names()
        meant = hint(stack, known) or f"known are {', '.join(known)}"
        raise SettingsError(f"stack {stack!r} has no stacks/{stack}.py: {meant}; or write one, with a compose()")
    module = import_module(f"stacks.{stack}")
    if not hasattr(module, "compose"):
        raise SettingsError(f"stacks/{stack}.py:1: has no compose(): it says what the stack {stack!r} is made of")
    return module.compose()
