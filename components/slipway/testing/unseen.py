"""Detects faults of a program that raise no exception, so that no test passes despite them."""

from __future__ import annotations

import asyncio
import contextlib
import dis
import functools
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

import pulumi

from slipway.parts.arguments.refusal import caller
from slipway.preview.model import Registration
from slipway.preview.state import let_clusters_answers_be_unknown
from slipway.testing.faults import unfinished

_ACTIVE: ContextVar[Unseen | None] = ContextVar("unseen", default=None)


@dataclass
class Unseen:
    """What was recorded during one run."""

    made: list[tuple[pulumi.Resource, str | None]] = field(default_factory=list[tuple[pulumi.Resource, str | None]])
    waiting: dict[object, str] = field(default_factory=dict[object, str])
    tasks: list[asyncio.Task[Any]] = field(default_factory=list[asyncio.Task[Any]])
    left: list[asyncio.Task[Any]] = field(default_factory=list[asyncio.Task[Any]])

    def told(self, registrations: Iterable[Registration]) -> Iterator[str]:
        """A sentence for each fault. Call it after the program has ended without an exception."""
        begun = {(one.type, one.name): one for one in registrations if not one.custom and one.outputs is None}
        for resource, place in self.made:
            if "urn" not in vars(resource):
                yield f"{type(resource).__name__} at {place} was never registered: its exception was swallowed"
            elif _is_written_here(type(resource)) and (component := begun.get(_key(resource))):
                yield unfinished(component)
        for name in self.waiting.values():
            yield f"the assertion in {name} never ran: the value that its apply waits for is not known in a preview"
        for task in self.left:
            yield f"{_name(task)} was never awaited, and the program ended before it"
        for task in self.tasks:
            # Python would log the same, but only when the task is garbage-collected.
            if getattr(task, "_log_traceback", False) and (error := task.exception()):
                yield f"{_name(task)} failed, and nobody awaited it: {type(error).__name__}: {error}"


@contextlib.contextmanager
def watched(unseen: Unseen, loop: asyncio.AbstractEventLoop) -> Generator[None]:
    """Record in `unseen` the resources, applies and tasks of the program, within this context."""
    _install()

    def task_of(loop: asyncio.AbstractEventLoop, coroutine: Any, **named: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **named)
        unseen.tasks.append(task)
        return task

    loop.set_task_factory(task_of)
    token = _ACTIVE.set(unseen)
    try:
        yield
        # List them now: the end of the loop cancels unfinished tasks.
        unseen.left = [task for task in unseen.tasks if not task.done()]
    finally:
        _ACTIVE.reset(token)
        loop.set_task_factory(None)


@functools.cache
def _install() -> None:
    """Install the hooks once and for all. Outside of a run they do nothing."""
    # The preview has to wrap `apply` first: its wrapper hides the function that `apply` is called with.
    let_clusters_answers_be_unknown()
    _note_resources()
    _note_applies()


def _note_resources() -> None:
    def new(cls: type[pulumi.Resource], *_: Any, **__: Any) -> pulumi.Resource:
        made = object.__new__(cls)
        if unseen := _ACTIVE.get():
            unseen.made.append((made, caller()))
        return made

    pulumi.Resource.__new__ = new  # type: ignore[assignment, method-assign]


def _note_applies() -> None:
    output: Any = pulumi.Output
    original = output.apply

    @functools.wraps(original)
    def apply(self: Any, func: Callable[[Any], Any], run_with_unknowns: bool = False) -> Any:
        unseen = _ACTIVE.get()
        code = getattr(func, "__code__", None)
        if unseen is None or code is None or not _asserts(code):
            return original(self, func, run_with_unknowns)
        key = object()
        unseen.waiting[key] = f"{code.co_qualname} ({code.co_filename}:{code.co_firstlineno})"

        @functools.wraps(func)
        def ran(value: Any) -> Any:
            unseen.waiting.pop(key, None)
            return func(value)

        return original(self, ran, run_with_unknowns)

    output.apply = apply


def _key(resource: pulumi.Resource) -> tuple[str, str]:
    return resource.pulumi_resource_type, resource.pulumi_resource_name


def _is_written_here(component: type[pulumi.Resource]) -> bool:
    """Whether the class is neither the SDK's own ComponentResource nor from an installed package."""
    file = Path(getattr(sys.modules.get(component.__module__), "__file__", None) or "")
    return component is not pulumi.ComponentResource and "site-packages" not in file.parts


@functools.lru_cache(maxsize=4096)
def _asserts(code: CodeType) -> bool:
    """Whether a function has an `assert`, either compiled by Python or rewritten by pytest."""
    return (
        "AssertionError" in code.co_names
        or any(
            "ASSERTION_ERROR" in step.opname or step.argrepr == "AssertionError" for step in dis.get_instructions(code)
        )
        or any(_asserts(inner) for inner in code.co_consts if isinstance(inner, CodeType))
    )


def _name(task: asyncio.Task[Any]) -> str:
    return getattr(task.get_coro(), "__qualname__", task.get_name())
