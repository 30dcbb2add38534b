"""Runs a program for many stacks at once: one process a stack, forked from one that is warm.

The SDK takes longer to import than a program to run. So one process imports it, with the parts that
the project's files name, and each stack gets a copy of that process. Each copy leads a session of its
own, so that what the program starts ends with it.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import importlib.util
import multiprocessing
import os
import re
import signal
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Any

from slipway.preview.config import StackConfig
from slipway.preview.model import Diagnostic, Severity, StackRun
from slipway.preview.places import Places, never_ended, shortened
from slipway.preview.project import Project, ProjectError, is_users

TIMEOUT = 300.0
"""Seconds that a program may take unless it is said otherwise; most take one."""

_GRACE = 5.0
"""Seconds after which who does not end in time is ended by force."""

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class _Plan:
    project: Project
    configs: dict[str, StackConfig]
    jobs: int
    timeout: float


class Runs:
    """The runs of `configs` (by stack), under way from the moment this is made.

    There are `jobs` of them at a time, and each ends after `timeout` seconds if not before.
    """

    def __init__(self, project: Project, configs: dict[str, StackConfig], jobs: int, timeout: float = TIMEOUT) -> None:
        self._results, sender = _FORK.Pipe(duplex=False)
        self._expected = len(configs)
        self._process = _FORK.Process(target=_run_all, args=(_Plan(project, configs, jobs, timeout), sender))
        self._process.start()
        sender.close()
        # Else Python waits at its end for a process that nobody listens to any more.
        atexit.register(self._end)

    def __iter__(self) -> Iterator[StackRun]:
        """Each run as it ends, in no particular order."""
        try:
            for _ in range(self._expected):
                yield self._results.recv()
        except EOFError:
            raise ProjectError("the process that runs the programs ended before them: above it may say why") from None
        finally:
            self._end()

    def _end(self) -> None:
        atexit.unregister(self._end)
        self._process.terminate()
        self._process.join()


@dataclass(frozen=True, kw_only=True)
class _Running:
    """One stack's process; in `trace` it leaves where it was when it could say nothing else."""

    stack: str
    process: BaseProcess
    trace: IO[bytes]

    def end(self) -> None:
        """Ends the process, and all that it has started and left behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(_pid(self.process), signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.trace.close()


def _pid(started: BaseProcess) -> int:
    assert started.pid, "a group of 0 would be our own"
    return started.pid


def _run_all(plan: _Plan, results: Connection) -> None:
    for number in _ENDING:
        # It ends without a word: the parent says what is to say.
        signal.signal(number, _exit)
    parent = multiprocessing.parent_process()
    assert parent
    if len(plan.configs) > 1:
        warm(plan.project.root)
    waiting = list(plan.configs)
    running: dict[Connection[Any, Any], _Running] = {}
    try:
        while waiting or running:
            while waiting and len(running) < plan.jobs:
                stack = waiting.pop(0)
                receiver, sender = _FORK.Pipe(duplex=False)
                trace = tempfile.TemporaryFile()  # noqa: SIM115 (it is closed with the process)
                process = _FORK.Process(target=_run_one, args=(plan, stack, sender, trace))
                process.start()
                running[receiver] = _Running(stack=stack, process=process, trace=trace)
                sender.close()
            for receiver in wait([*running, parent.sentinel]):
                if not isinstance(receiver, Connection):
                    return  # The parent is gone.
                one = running[receiver]
                results.send(_run_of(one, receiver, plan))
                one.end()
                del running[receiver]
    finally:
        for one in running.values():
            one.end()


def _exit(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _run_of(one: _Running, receiver: Connection[Any, Any], plan: _Plan) -> StackRun:
    try:
        run = receiver.recv()
    except EOFError:
        one.process.join()
        return _died(one, plan)
    one.process.join(_GRACE)
    return run


def _run_one(plan: _Plan, stack: str, result: Connection, trace: IO[bytes]) -> None:
    os.setsid()
    for number in _ENDING:
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # For a program that crashes, or is in a call that lets no other thread run.
    faulthandler.enable(trace)
    faulthandler.dump_traceback_later(plan.timeout + _GRACE, file=trace, exit=True)
    from slipway.preview.program import run_program  # noqa: PLC0415 (only here is Pulumi imported)

    first = threading.Lock()

    def ended(run: StackRun) -> None:
        first.acquire()  # For good: one result is enough.
        result.send(run)
        if threading.current_thread() is not threading.main_thread():
            os._exit(0)

    run_program(plan.project, stack, plan.configs[stack], plan.timeout, ended)


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _died(one: _Running, plan: _Plan) -> StackRun:
    one.trace.seek(0)
    trace = one.trace.read().decode(errors="replace")
    code = one.process.exitcode or 0
    place = _place(trace, Places(plan.project.root))
    if trace.startswith("Timeout"):
        said = never_ended(plan.timeout, place)
    else:
        how = (
            f"the program's process was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"the program ended its own process, with exit code {code}"
        )
        said = Diagnostic(severity=Severity.ERROR, message=how, source=place)
    return StackRun(stack=one.stack, registrations=[], diagnostics=[said], failed=True)


def _place(trace: str, places: Places) -> str | None:
    """The user's lines in what the fault handler wrote, the outermost first, of the first thread that has any."""
    for thread in trace.split("most recent call first"):
        steps = [places.at(file, int(line)) for file, line in re.findall(r'File "(.+)", line (\d+) in ', thread)]
        if own := [step for step in reversed(steps) if step]:
            return shortened(own)
    return None


def warm(root: Path) -> None:
    """Imports what runs a program, and the Pulumi packages that the project's files import."""
    importlib.import_module("slipway.preview.program")
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
