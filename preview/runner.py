"""Runs a program for many stacks at once: one process a stack, forked from one that is warm.

The SDK takes longer to import than a program to run. So one process imports it, with the parts that
the project's files name, and each stack gets a copy of that process.
"""

from __future__ import annotations

import contextlib
import importlib.util
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from preview.config import StackConfig
from preview.model import Diagnostic, Severity, StackRun
from preview.project import Project, ProjectError, is_users

_FORK = multiprocessing.get_context("fork")


class Runs:
    """The runs of `configs` (by stack), under way from the moment this is made, `jobs` at a time."""

    def __init__(self, project: Project, configs: dict[str, StackConfig], jobs: int) -> None:
        self._results, sender = _FORK.Pipe(duplex=False)
        self._expected = len(configs)
        self._process = _FORK.Process(target=_run_all, args=(project, configs, jobs, sender))
        self._process.start()
        sender.close()

    def __iter__(self) -> Iterator[StackRun]:
        """Each run as it ends, in no particular order."""
        try:
            for _ in range(self._expected):
                yield self._results.recv()
        except EOFError:
            raise ProjectError("the Pulumi SDK could not be started: the reason is above") from None
        finally:
            self._process.terminate()
            self._process.join()


def _run_all(project: Project, configs: dict[str, StackConfig], jobs: int, results: Connection) -> None:
    # Ctrl-C ends the programs without a word: the parent says what is to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    assert parent
    if len(configs) > 1:
        _warm(project.root)
    waiting = list(configs)
    running: dict[Connection[Any, Any], tuple[str, BaseProcess]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            stack = waiting.pop(0)
            receiver, sender = _FORK.Pipe(duplex=False)
            process = _FORK.Process(target=_run_one, args=(project, stack, configs[stack], sender))
            process.start()
            sender.close()
            running[receiver] = (stack, process)
        for receiver in wait([*running, parent.sentinel]):
            if not isinstance(receiver, Connection):
                os._exit(1)  # The parent is gone; each program ends with this process.
            stack, process = running.pop(receiver)
            try:
                results.send(receiver.recv())
                process.join()
            except EOFError:
                process.join()
                results.send(_died(stack, process.exitcode))


def _run_one(project: Project, stack: str, config: StackConfig, result: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from preview.program import run_program  # noqa: PLC0415 (only here is Pulumi imported)

    result.send(run_program(project, stack, config))


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _died(stack: str, code: int | None) -> StackRun:
    said = Diagnostic(severity=Severity.ERROR, message=f"the program ended its own process, with exit code {code}")
    return StackRun(stack=stack, registrations=[], diagnostics=[said], failed=True)


def _warm(root: Path) -> None:
    """Imports what runs a program, and the Pulumi packages that the project's files import."""
    importlib.import_module("preview.program")
    for name in sorted(_pulumi_imports(root)):
        # What is wrong with an import is for the program to say. What is the program's own is for it to
        # run, once it is told its stack.
        with contextlib.suppress(Exception):
            origin = getattr(importlib.util.find_spec(name.partition(".")[0]), "origin", None)
            if origin and not is_users(Path(origin), root):
                importlib.import_module(name)


_IMPORT = re.compile(rb"^\s*(?:import|from)\s+(pulumi_[\w.]+)(?:\s+import\s+([\w, ]+))?", re.MULTILINE)


def _pulumi_imports(root: Path) -> set[str]:
    """The modules named in import lines; some are no modules, and some imports are not on one line."""
    names: set[str] = set()
    for file in _python_files(root):
        with contextlib.suppress(OSError):
            for module, imported in _IMPORT.findall(file.read_bytes()):
                parts = [part.split()[0] for part in imported.decode().split(",") if part.strip()]
                names |= {module.decode(), *(f"{module.decode()}.{part}" for part in parts)}
    return names


def _python_files(root: Path) -> Iterator[Path]:
    """The project's own files: not those of its virtual environment, caches or examples' projects."""
    for entry in root.iterdir():
        if entry.is_dir() and not entry.name.startswith(".") and not (entry / "pyvenv.cfg").exists():
            if not (entry / "Pulumi.yaml").exists() and entry.name not in ("tests", "node_modules"):
                yield from _python_files(entry)
        elif entry.suffix == ".py":
            yield entry
