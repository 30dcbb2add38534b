"""Runs the user's program for a stack as Pulumi would, with the `Monitor` in the engine's place.

Only this module and those that it uses import Pulumi: `monitor`, `state`, `wire`, `transforms`, `withheld`,
`unknown` and `lost`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import runpy
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.settings import Settings, configure

from slipway.preview.at_once import AtOnce
from slipway.preview.captured import captured
from slipway.preview.config import StackConfig
from slipway.preview.lost import count_begun, lost
from slipway.preview.model import Diagnostic, Severity, StackRun
from slipway.preview.monitor import Engine, Monitor
from slipway.preview.places import Places, never_ended, shortened
from slipway.preview.project import Project, is_users
from slipway.preview.unknown import NotKnownError
from slipway.preview.withheld import Secrets, keep_secret_keys, withhold_answers


def run_program(
    project: Project, stack: str, config: StackConfig, timeout: float, ended: Callable[[StackRun], None]
) -> None:
    """Runs the program for `stack` and calls `ended` with its registrations and messages.

    `ended` is called when the program ends, and `timeout` seconds after its start if it has not ended by then.
    If both happen at once, two threads call it. This changes the process for good (working directory,
    `sys.path`, the SDK's settings), so run it in a process of its own.
    """
    engine = Engine()
    asked: set[str] = set()

    def unanswered(token: str, _arguments: dict[str, Any]) -> None:
        asked.add(token)

    def told(urn: str, _type: str) -> Mapping[str, Any]:
        return config.told.get(urn, {})

    monitor = Monitor(root=project.root, preview=True, calls=unanswered, told=told)
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
    begun = count_begun()
    os.chdir(project.program.parent)
    sys.path[0] = str(project.program.parent)
    sys.argv = [str(project.program)]
    places = Places(project.root)

    def run_so_far(printed: str, *failures: Diagnostic) -> StackRun:
        said = [Diagnostic(severity=Severity.INFO, message=printed)] if printed else []
        diagnostics = [*said, *engine.diagnostics, *monitor.bundles.diagnostics, *_unanswered(asked), *failures]
        return StackRun(
            stack=stack,
            registrations=list(monitor.registrations),
            diagnostics=diagnostics,
            # A program that logs an error fails, even if it runs to the end.
            failed=any(each.severity is Severity.ERROR for each in diagnostics),
            unread=sorted(secrets.asked),
        )

    with captured() as printed:

        def end_it() -> None:
            ended(run_so_far(printed(), never_ended(timeout, *places.now())))

        limit = threading.Timer(timeout, end_it)
        limit.daemon = True
        limit.start()
        with _threads_watched() as failed_threads:
            failure = _failure(lambda: asyncio.run(_execute(project.program, places)))
            _wait_for_threads(limit)
        limit.cancel()
        text = printed()
    failures = explain(failure, project.root) if failure else lost(begun, monitor.registrations)
    for thread, error in failed_threads:
        failures += [
            replace(said, message=f"{said.message} (in thread {thread}: what it was to make after that is missing)")
            for said in explain(error, project.root)
        ]
    ended(run_so_far(text, *failures))


@contextlib.contextmanager
def _threads_watched() -> Generator[list[tuple[str, BaseException]]]:
    """Collects the failures of the program's threads. Python would only print them."""
    failed: list[tuple[str, BaseException]] = []

    def note(args: threading.ExceptHookArgs) -> None:
        if args.exc_value and not isinstance(args.exc_value, SystemExit):
            failed.append((args.thread.name if args.thread else "?", args.exc_value))

    before, threading.excepthook = threading.excepthook, note
    try:
        yield failed
    finally:
        threading.excepthook = before


def _wait_for_threads(limit: threading.Thread) -> None:
    """Waits for the program's threads, as Python and Pulumi do: what they register belongs to the stack."""
    ours = {threading.main_thread(), limit}
    while theirs := [each for each in threading.enumerate() if not each.daemon and each not in ours]:
        for thread in theirs:
            thread.join()


async def _execute(program: Path, places: Places) -> None:
    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    def task_of(loop: asyncio.AbstractEventLoop, coroutine: Any, **named: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **named)
        task.add_done_callback(_note_way)
        places.note(task)
        return task

    loop = asyncio.get_running_loop()
    loop.set_task_factory(task_of)
    loop.set_default_executor(AtOnce())
    await run_in_stack(run)


def _note_way(task: asyncio.Task[Any]) -> None:
    """Keeps the lines that led to a task's failure. They are lost when a second task awaits it."""
    if not task.cancelled() and (error := task.exception()) and not hasattr(error, "way"):
        error.__dict__["way"] = _frames(error)


def _frames(error: BaseException) -> list[tuple[Path, int]]:
    return [(Path(frame.filename), frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]


def _failure(run: Callable[[], None]) -> BaseException | None:
    # We report a failure once. asyncio would report it again for each task that failed with it.
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


def _unanswered(tokens: set[str]) -> list[Diagnostic]:
    text = "{} asks a provider, which nothing answers offline: its result is not known here"
    return [Diagnostic(severity=Severity.WARNING, message=text.format(token)) for token in sorted(tokens)]


def explain(error: BaseException, root: Path) -> list[Diagnostic]:
    """The failure for the user: the message, and the lines of the project that led to it."""
    if isinstance(error, SystemExit):
        return [Diagnostic(severity=Severity.ERROR, message=f"the program exited with {error.code}")]
    if isinstance(error, SyntaxError) and error.filename:
        file = Path(error.filename)
        place = f"{file.relative_to(root) if file.is_relative_to(root) else file}:{error.lineno}"
        return [Diagnostic(severity=Severity.ERROR, message=f"SyntaxError: {error.msg}", source=place)]
    # Memory addresses change with each run.
    told = re.sub(r" at 0x[0-9a-f]+", "", str(error))
    way = _lines_of(error, root)
    if isinstance(error, pulumi.RunError):
        # The SDK indents continuation lines.
        lines = re.sub(r"\n\s+", ": ", told).splitlines()
        return [_placed(line, root, way[-1] if way else None) for line in lines]
    message = told if isinstance(error, NotKnownError) else f"{type(error).__name__}: {told}"
    return [Diagnostic(severity=Severity.ERROR, message=message, source=shortened(way) or None)]


def _placed(line: str, root: Path, source: str | None) -> Diagnostic:
    """The message of a RunError at the place that it names; without one, at `source`."""
    place, colon, message = line.partition(": ")
    file, _, number = place.rpartition(":")
    if colon and number.isdecimal() and (root / file).is_file():
        return Diagnostic(severity=Severity.ERROR, message=message, source=place)
    return Diagnostic(severity=Severity.ERROR, message=line, source=source)


def _lines_of(error: BaseException, root: Path) -> list[str]:
    """The project's own lines on the way to the failure, outermost first, as `file:line`."""
    for one in _chain(error):
        for way in (_frames(one), getattr(one, "way", ())):
            if own := [f"{file.relative_to(root)}:{line}" for file, line in way if is_users(file, root)]:
                return own
    return []


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The failure and its causes, each once: the SDK makes some errors causes of themselves."""
    seen: set[int] = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
