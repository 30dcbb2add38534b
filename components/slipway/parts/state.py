"""What the stack was left with by the last deployment, as far as its own program may want to know."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi

State = Mapping[str, Mapping[str, Any]]
"""By URN: the type of each resource and its outputs."""

READ = "pulumi:pulumi:readStackResourceOutputs"
"""The engine's own function, which any backend answers, in a preview as in an update."""

_reading: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[State]] = WeakKeyDictionary()


async def last_state() -> State:
    """Empty before the first deployment, and where there is no engine to ask."""
    loop = asyncio.get_running_loop()
    if loop not in _reading:
        _reading[loop] = loop.create_task(_read())
    return await _reading[loop]


async def _read() -> State:
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        answer: dict[str, Any] | None = await pulumi.runtime.invoke_async(READ, {"stackName": stack})
    except Exception as error:
        pulumi.log.warn(
            f"the state of {stack} cannot be read, so no former version of a Config is kept, and no edit of a claim is "
            f"looked at: {error}"
        )
        return {}
    return answer.get("outputs", {}) if answer else {}
