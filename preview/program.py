"""Runs the user's program for a stack as Pulumi would, with the `Monitor` in the engine's place.

The only modules of the preview that import Pulumi are this one and what it uses: `monitor`, `state`,
`wire`, `transforms`, `withheld` and `unknown`.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import re
import runpy
import sys
import tempfile
import traceback
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.settings import Settings, configure

from preview.config import StackConfig
from preview.model import Diagnostic, Severity, StackRun
from preview.monitor import Engine, Monitor
from preview.project import Project, is_users
from preview.unknown import NotKnownError
from preview.withheld import Secrets, keep_secret_keys, withhold_answers


def run_program(project: Project, stack: str, config: StackConfig) -> StackRun:
    """What the program registers and says for `stack`.

    Changes this process for good (working directory, `sys.path`, the SDK's settings): call it in one
    of its own.
    """
    engine = Engine()
    asked: set[str] = set()

    def unanswered(token: str, _arguments: dict[str, Any]) -> None:
        asked.add(token)

    monitor = Monitor(root=project.root, preview=True, calls=unanswered)
    configure(
        Settings(
            project=project.name,
            stack=stack,
            organization="organization",
            root_directory=str(project.root),
            monitor=monitor,
            engine=engine,
            dry_run=True,
        )
    )
    set_all_config(config.values, list(config.secret))
    secrets = Secrets(config, stack, project.root, engine.diagnostics.append)
    withhold_answers()
    keep_secret_keys(monitor)
    os.chdir(project.program.parent)
    sys.path[0] = str(project.program.parent)
    sys.argv = [str(project.program)]
    with _captured() as printed, _out_of_the_way():
        failure = _failure(lambda: asyncio.run(_execute(project.program)))
        if text := printed():
            engine.diagnostics.insert(0, Diagnostic(severity=Severity.INFO, message=text))
    diagnostics = (
        engine.diagnostics
        + monitor.bundles.diagnostics
        + _unanswered(asked)
        + (_explain(failure, project.root) if failure else [])
    )
    return StackRun(
        stack=stack,
        registrations=monitor.registrations,
        diagnostics=diagnostics,
        # A program that logs an error fails, even if it runs to its end.
        failed=any(said.severity is Severity.ERROR for said in diagnostics),
        unread=sorted(secrets.asked),
    )


async def _execute(program: Path) -> None:
    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    asyncio.get_running_loop().set_task_factory(_task)
    await run_in_stack(run)


def _task(loop: asyncio.AbstractEventLoop, coroutine: Any, **named: Any) -> asyncio.Task[Any]:
    """A task that notes the way to its failure, which is lost when a second task awaits it."""

    def note(task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) and not hasattr(error, "way"):
            error.__dict__["way"] = _frames(error)

    task = asyncio.Task(coroutine, loop=loop, **named)
    task.add_done_callback(note)
    return task


def _frames(error: BaseException) -> list[tuple[Path, int]]:
    return [(Path(frame.filename), frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]


def _failure(run: Callable[[], None]) -> BaseException | None:
    # What failed is told once, by us: not again by asyncio for each task that it took along.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        run()
    except KeyboardInterrupt:
        raise
    except SystemExit as exit_:
        return exit_ if exit_.code else None
    except BaseException as error:
        return error
    return None


@contextlib.contextmanager
def _captured() -> Generator[Callable[[], str]]:
    """Keeps what the program prints, by whatever means, out of our own output; to be asked after."""
    streams = (sys.stdout, sys.stderr)

    def flush() -> None:
        for stream in streams:
            stream.flush()

    with tempfile.TemporaryFile() as file:
        kept = {descriptor: os.dup(descriptor) for descriptor in {1, 2, *(stream.fileno() for stream in streams)}}
        flush()
        for stream in streams:
            if isinstance(stream, io.TextIOWrapper):
                # As Pulumi runs it, so that what child processes print comes where it belongs.
                stream.reconfigure(line_buffering=True)
        for descriptor in kept:
            os.dup2(file.fileno(), descriptor)

        def printed() -> str:
            flush()
            file.seek(0)
            return file.read().decode(errors="replace").strip()

        try:
            yield printed
        finally:
            flush()
            for descriptor, copy in kept.items():
                os.dup2(copy, descriptor)
                os.close(copy)


@contextlib.contextmanager
def _out_of_the_way() -> Generator[None]:
    """Hides our own modules: a program may have one of the same name."""
    ours = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "preview"}
    try:
        yield
    finally:
        sys.modules.update(ours)


def _unanswered(tokens: set[str]) -> list[Diagnostic]:
    text = "{} asks a provider, which nothing answers offline: its result is not known here"
    return [Diagnostic(severity=Severity.WARNING, message=text.format(token)) for token in sorted(tokens)]


def _explain(error: BaseException, root: Path) -> list[Diagnostic]:
    """The failure in the user's terms: what, and the lines of the project that led to it."""
    if isinstance(error, SystemExit):
        return [Diagnostic(severity=Severity.ERROR, message=f"the program exited with {error.code}")]
    if isinstance(error, SyntaxError) and error.filename:
        file = Path(error.filename)
        place = f"{file.relative_to(root) if file.is_relative_to(root) else file}:{error.lineno}"
        return [Diagnostic(severity=Severity.ERROR, message=f"SyntaxError: {error.msg}", source=place)]
    if isinstance(error, NotKnownError):
        return [
            Diagnostic(severity=Severity.ERROR, message=str(error), source=" > ".join(_lines_of(error, root)) or None)
        ]
    known = isinstance(error, pulumi.RunError)
    # Where an object is in memory changes with each run.
    told = re.sub(r" at 0x[0-9a-f]+", "", str(error))
    lines = told.splitlines() if known else [f"{type(error).__name__}: {told}"]
    source = None if known else " > ".join(_lines_of(error, root)) or None
    return [Diagnostic(severity=Severity.ERROR, message=line, source=source) for line in lines]


def _lines_of(error: BaseException, root: Path) -> list[str]:
    """The project's own lines on the way to the failure, outermost first, as `file:line`."""
    for one in _chain(error):
        for way in (_frames(one), getattr(one, "way", ())):
            if own := [f"{file.relative_to(root)}:{line}" for file, line in way if is_users(file, root)]:
                return own
    return []


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The failure and what it came from, each once: the SDK makes some errors causes of themselves."""
    seen: set[int] = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
