"""Runs the user's program for a stack as Pulumi would, with the `Monitor` in the engine's place.

The only modules of the preview that import Pulumi are this one and what it uses: `monitor`, `wire`, `lost`
and `transforms`.
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
from typing import Any, cast

import pulumi
from pulumi.output import UNKNOWN
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.settings import Settings, configure
from pulumi_kubernetes.core import v1 as core

from preview.captured import captured
from preview.config import StackConfig
from preview.lost import count_begun, lost
from preview.model import Diagnostic, Severity, StackRun
from preview.monitor import Engine, Monitor
from preview.places import Places, never_ended, shortened
from preview.project import Project, is_users


def run_program(
    project: Project, stack: str, config: StackConfig, timeout: float, ended: Callable[[StackRun], None]
) -> None:
    """Hands what the program registers and says for `stack` to `ended`.

    That is at its end, or `timeout` seconds after its start if it has none; where both come at once,
    `ended` is called by two threads. Changes this process for good (working directory, `sys.path`,
    the SDK's settings): call it in one of its own.
    """
    engine = Engine()
    asked: set[str] = set()

    def unanswered(token: str, _arguments: dict[str, Any]) -> dict[str, Any]:
        asked.add(token)
        return {}

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
    _withhold_secrets(config, stack, engine)
    _keep_secret_keys(monitor)
    begun = count_begun()
    os.chdir(project.program.parent)
    sys.path[0] = str(project.program.parent)
    sys.argv = [str(project.program)]
    places = Places(project.root)

    def run_so_far(printed: str, *failures: Diagnostic) -> StackRun:
        said = [Diagnostic(severity=Severity.INFO, message=printed)] if printed else []
        diagnostics = [*said, *engine.diagnostics, *_unanswered(asked), *failures]
        return StackRun(
            stack=stack,
            registrations=list(monitor.registrations),
            diagnostics=diagnostics,
            # A program that logs an error fails, even if it runs to its end.
            failed=any(each.severity is Severity.ERROR for each in diagnostics),
        )

    with captured() as printed, _out_of_the_way() as back:

        def end_it() -> None:
            back()
            ended(run_so_far(printed(), never_ended(timeout, *places.now())))

        limit = threading.Timer(timeout, end_it)
        limit.daemon = True
        limit.start()
        with _threads_watched() as failed_threads:
            failure = _failure(lambda: asyncio.run(_execute(project.program, places)))
            _wait_for_threads(limit)
        limit.cancel()
        text = printed()
    failures = _explain(failure, project.root) if failure else lost(begun, monitor.registrations)
    for thread, error in failed_threads:
        failures += [
            replace(said, message=f"{said.message} (in thread {thread}: what it was to make after that is missing)")
            for said in _explain(error, project.root)
        ]
    ended(run_so_far(text, *failures))


@contextlib.contextmanager
def _threads_watched() -> Generator[list[tuple[str, BaseException]]]:
    """Notes the failures of the program's threads; Python would only print them."""
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
    """As Python does at its end, and so Pulumi: what these register belongs to the stack."""
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

    asyncio.get_running_loop().set_task_factory(task_of)
    await run_in_stack(run)


def _note_way(task: asyncio.Task[Any]) -> None:
    """Keeps the way to a task's failure, which is lost when a second task awaits it."""
    if not task.cancelled() and (error := task.exception()) and not hasattr(error, "way"):
        error.__dict__["way"] = _frames(error)


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
def _out_of_the_way() -> Generator[Callable[[], None]]:
    """Hides our own modules, until the end or the call: a program may have one of the same name."""
    ours = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "preview"}

    def back() -> None:
        sys.modules.update(ours)

    try:
        yield back
    finally:
        back()


def _unanswered(tokens: set[str]) -> list[Diagnostic]:
    text = "{} asks a provider, which nothing answers offline: its result is empty here"
    return [Diagnostic(severity=Severity.WARNING, message=text.format(token)) for token in sorted(tokens)]


def _explain(error: BaseException, root: Path) -> list[Diagnostic]:
    """The failure in the user's terms: what, and the lines of the project that led to it."""
    if isinstance(error, SystemExit):
        return [Diagnostic(severity=Severity.ERROR, message=f"the program exited with {error.code}")]
    if isinstance(error, SyntaxError) and error.filename:
        file = Path(error.filename)
        place = f"{file.relative_to(root) if file.is_relative_to(root) else file}:{error.lineno}"
        return [Diagnostic(severity=Severity.ERROR, message=f"SyntaxError: {error.msg}", source=place)]
    known = isinstance(error, pulumi.RunError)
    # Where an object is in memory changes with each run.
    told = re.sub(r" at 0x[0-9a-f]+", "", str(error))
    lines = told.splitlines() if known else [f"{type(error).__name__}: {told}"]
    source = None if known else shortened(_lines_of(error, root)) or None
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


def _keep_secret_keys(monitor: Monitor) -> None:
    """Lets the monitor know which keys a Kubernetes Secret has.

    The SDK makes the whole `data` one unknown as soon as one value is, and a reader of the preview
    wants to see the keys, which are no secret.
    """
    original = core.Secret._internal_init  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportUnknownVariableType]

    def init(self: core.Secret, resource_name: str, *args: Any, **named: Any) -> None:
        for field, data in (("data", named.get("data")), ("stringData", named.get("string_data"))):
            if isinstance(data, Mapping):
                monitor.secret_keys[resource_name, field] = sorted(cast("Mapping[str, Any]", data))
        original(self, resource_name, *args, **named)

    core.Secret._internal_init = init  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]


def _withhold_secrets(config: StackConfig, stack: str, engine: Engine) -> None:
    """Makes the SDK's secret getters answer "secret and unknown" for what could not be read.

    A required secret that nobody has set gets the same answer, and a warning: whoever reviews a
    change may not hold the stack's secrets.
    """
    warned: set[str] = set()

    def warn(full: str) -> None:
        if full not in warned:
            warned.add(full)
            text = f"secret {full} is not set: pulumi config set --stack {stack} --secret {full} <value>"
            engine.diagnostics.append(Diagnostic(severity=Severity.WARNING, message=text))

    def patch(name: str, *, required: bool) -> None:
        original = getattr(pulumi.Config, name)

        def getter(self: pulumi.Config, key: str, *default: Any, **named: Any) -> Any:
            full = self.full_key(key)
            if full in config.missing or (required and self.get(key) is None):
                warn(full)
            elif full not in config.withheld:
                return original(self, key, *default, **named)
            return pulumi.Output.secret(UNKNOWN)

        setattr(pulumi.Config, name, getter)

    for kind in ("", "_bool", "_int", "_float", "_object"):
        patch(f"get_secret{kind}", required=False)
        patch(f"require_secret{kind}", required=True)
