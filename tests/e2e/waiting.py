"""Waits for things that a cluster does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(found: Callable[[], T], what: str, seconds: float = 60) -> T:
    """The first true answer. Fails with what was waited for when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        if answer := found():
            return answer
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.5)
