"""Answers the calls of Pulumi's SDK without threads.

The SDK hands each call to a thread, as an engine takes a while to answer. The `Monitor` is in this process and answers
at once, so a thread would only cost time.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from slipway.preview.transforms import WaitsForProgramError

_OF_THE_SDK = "pulumi.runtime._context"
"""The module of the functions that the SDK hands to a thread."""


class AtOnce(ThreadPoolExecutor):
    """Runs the SDK's calls in place, and what the program itself wants to run in a thread in a thread.

    Set it as the default executor of the loop that runs the program.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if fn.__module__ != _OF_THE_SDK:
            return super().submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except WaitsForProgramError:
            return super().submit(fn, *args, **kwargs)
        except Exception as error:
            future.set_exception(error)
        return future
