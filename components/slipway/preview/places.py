"""Finds the lines of the user's own files where a program is or was."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import traceback
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from slipway.preview.model import Diagnostic, Severity
from slipway.preview.project import is_users

_SHOWN = 7
"""Steps of a call path that are shown. The outermost and the innermost ones are kept."""


class Places:
    """Names lines in the files below `root` as `file:line`, relative to `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._name = lru_cache(self._own)
        self._waiting: dict[asyncio.Task[Any], str] = {}

    def of(self, frame: FrameType | None) -> list[str]:
        """The user's lines on the way to `frame`, the outermost first."""
        steps = [self.at(each.f_code.co_filename, line) for each, line in traceback.walk_stack(frame)]
        return [step for step in reversed(steps) if step]

    def at(self, file: str, line: int | None) -> str | None:
        """`file:line`; None if the file is not the user's."""
        name = self._name(file)
        return f"{name}:{line}" if name else None

    def note(self, task: asyncio.Task[Any]) -> None:
        """Remembers the line that made the task, or the line that made its maker, until the task is done."""
        frame: FrameType | None = sys._getframe()  # pyright: ignore[reportPrivateUsage]
        while frame and not self._name(frame.f_code.co_filename):
            frame = frame.f_back
        maker = asyncio.current_task(task.get_loop())
        place = self.at(frame.f_code.co_filename, frame.f_lineno) if frame else maker and self._waiting.get(maker)
        if place:
            self._waiting[task] = place
            task.add_done_callback(lambda done: self._waiting.pop(done, None))

    def now(self) -> tuple[str | None, str]:
        """The lines that the program is at, and a phrase for what it does there. Call it from another thread."""
        frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]
        threads = sorted(threading.enumerate(), key=lambda thread: thread is not threading.main_thread())
        for thread in threads:
            if thread is not threading.current_thread() and (way := self.of(frames.get(thread.ident or 0))):
                return shortened(way), "it is here" + f", in thread {thread.name}" * (thread is not threads[0])
        made = list(dict.fromkeys(self._waiting.values()))
        more = f" and {len(made) - 3} more lines" if len(made) > 3 else ""
        if made:
            return ", ".join(made[:3]) + more, "what is made here waits for a value that never comes"
        return None, "none of its lines runs"

    def _own(self, file: str) -> str | None:
        path = Path(file)
        return str(path.relative_to(self._root)) if is_users(path, self._root) else None


def shortened(way: list[str]) -> str:
    """The steps in one short line: a recursion has a thousand steps, and a few of them say the same."""
    steps: list[str] = []
    for step, same in itertools.groupby(way):
        times = sum(1 for _ in same)
        steps.append(f"{step} ({times} times)" if times > 1 else step)
    if len(steps) > _SHOWN:
        left_out = len(steps) - _SHOWN + 1
        steps[_SHOWN // 2 : -(_SHOWN // 2)] = [f"… {left_out} more …"]
    return " > ".join(steps)


def never_ended(timeout: float, source: str | None, state: str = "it is here") -> Diagnostic:
    """The error for a program that was ended after `timeout` seconds, at `source`."""
    message = f"the program did not end within {timeout:g} s: {state} (--timeout gives it more, in seconds)"
    return Diagnostic(severity=Severity.ERROR, message=message, source=source)
