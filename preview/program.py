"""Runs the user's program for a stack as Pulumi would, with the `Monitor` in the engine's place.

The only modules of the preview that import Pulumi are this one and what it uses: `monitor`, `wire`
and `transforms`.
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
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.output import UNKNOWN
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.settings import Settings, configure
from pulumi_kubernetes.core import v1 as core

from preview.config import StackConfig
from preview.model import Diagnostic, Severity, StackRun
from preview.monitor import Engine, Monitor
from preview.project import Project, is_users


def run_program(project: Project, stack: str, config: StackConfig) -> StackRun:
    """What the program registers and says for `stack`.

    Changes this process for good (working directory, `sys.path`, the SDK's settings): call it in one
    of its own.
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
    os.chdir(project.program.parent)
    sys.path[0] = str(project.program.parent)
    sys.argv = [str(project.program)]
    with _captured() as printed, _out_of_the_way():
        failure = _failure(lambda: asyncio.run(_execute(project.program)))
        if text := printed():
            engine.diagnostics.insert(0, Diagnostic(severity=Severity.INFO, message=text))
    diagnostics = engine.diagnostics + _unanswered(asked) + (explain(failure, project.root) if failure else [])
    return StackRun(
        stack=stack,
        registrations=monitor.registrations,
        diagnostics=diagnostics,
        # A program that logs an error fails, even if it runs to its end.
        failed=any(said.severity is Severity.ERROR for said in diagnostics),
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
    text = "{} asks a provider, which nothing answers offline: its result is empty here"
    return [Diagnostic(severity=Severity.WARNING, message=text.format(token)) for token in sorted(tokens)]


def explain(error: BaseException, root: Path) -> list[Diagnostic]:
    """The failure in the user's terms: what, and the lines of the project that led to it."""
    if isinstance(error, SystemExit):
        return [Diagnostic(severity=Severity.ERROR, message=f"the program exited with {error.code}")]
    if isinstance(error, SyntaxError) and error.filename:
        file = Path(error.filename)
        place = f"{file.relative_to(root) if file.is_relative_to(root) else file}:{error.lineno}"
        return [Diagnostic(severity=Severity.ERROR, message=f"SyntaxError: {error.msg}", source=place)]
    # Where an object is in memory changes with each run.
    told = re.sub(r" at 0x[0-9a-f]+", "", str(error))
    if isinstance(error, pulumi.RunError):
        way = _lines_of(error, root)
        # The SDK indents what goes on with a line.
        lines = re.sub(r"\n\s+", ": ", told).splitlines()
        return [_placed(line, root, way[-1] if way else None) for line in lines]
    source = " > ".join(_lines_of(error, root)) or None
    return [Diagnostic(severity=Severity.ERROR, message=f"{type(error).__name__}: {told}", source=source)]


def _placed(line: str, root: Path, source: str | None) -> Diagnostic:
    """What a RunError says, at the place that it names itself or else where it was raised."""
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
