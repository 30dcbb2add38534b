"""The stack's state after the last deployment, for the stack's own program."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi

State = Mapping[str, Mapping[str, Any]]
"""The type and the outputs of each resource, by URN."""

READ = "pulumi:pulumi:readStackResourceOutputs"
"""A function of the Pulumi engine. It works with every backend, in a preview and in an update."""

_reading: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[State]] = WeakKeyDictionary()


async def last_state() -> State:
    """The state after the last deployment. It is empty before the first deployment, and if it cannot be read."""
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
