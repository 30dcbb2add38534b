"""Imports before the fork what the programs of all stacks will import, so that it is imported once."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from slipway.preview.project import is_users

_MODULE = rb"((?:pulumi_\w+|slipway)(?:\.\w+)*)\b"
_IMPORT = re.compile(
    rb"^[ \t]*(?:import[ \t]+" + _MODULE + rb"|from[ \t]+" + _MODULE + rb"[ \t]+import[ \t]*(\([^)]*\)|[^\n]*))",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"#.*")
_LIBRARY = Path(__file__).parents[1]
"""In a checkout, this library is a part of the project; the program needs only what it imports of it."""
_NOT_THE_PROGRAMS = ("tests", "node_modules")


def warm(root: Path) -> None:
    """Imports what runs a program, and what the project's files import of the Pulumi packages and of Slipway."""
    importlib.import_module("slipway.preview.program")
    for module, name in sorted(imports_of(root)):
        # What is wrong with an import is for the program to say. What is the program's own is for it to
        # run, once it is told its stack.
        with contextlib.suppress(Exception):
            origin = getattr(importlib.util.find_spec(module.partition(".")[0]), "origin", None)
            if origin and not is_users(Path(origin), root):
                found = importlib.import_module(module)
                _load(getattr(found, name, None) or importlib.import_module(f"{module}.{name}") if name else found)
    # The components hold parts of the SDK that are loaded when the first object is made of them.
    for module, imported in list(sys.modules.items()):
        if module.startswith("slipway."):
            for value in list(vars(imported).values()):
                with contextlib.suppress(Exception):
                    _load(value)


def _load(value: object) -> None:
    """Loads a module of the SDK that puts it off till it is first looked into."""
    if isinstance(value, ModuleType):
        _ = value.__doc__


def imports_of(root: Path) -> set[tuple[str, str]]:
    """The modules named in import statements, each with a name imported from it, or "" for the module itself."""
    found: set[tuple[str, str]] = set()
    for file in _python_files(root):
        with contextlib.suppress(OSError):
            text = _COMMENT.sub(b"", file.read_bytes()).replace(b"\\\n", b" ")
            for whole, module, names in _IMPORT.findall(text):
                named = names.strip(b" \t\r()").decode(errors="replace")
                parts = [part.split()[0] for part in named.split(",") if part.strip()]
                found |= {((whole or module).decode(), name) for name in parts or [""]}
    return found


def _python_files(root: Path) -> Iterator[Path]:
    """The project's own files: not those of its virtual environment, caches or examples' projects."""
    for entry in root.iterdir():
        if entry.is_dir() and not entry.name.startswith(".") and not (entry / "pyvenv.cfg").exists():
            theirs = not (entry / "Pulumi.yaml").exists() and entry != _LIBRARY
            if theirs and entry.name not in _NOT_THE_PROGRAMS:
                yield from _python_files(entry)
        elif entry.suffix == ".py":
            yield entry
