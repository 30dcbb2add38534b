"""The stack's state after the last deployment, for the stack's own program."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
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
            f"the state of {stack} cannot be read, so no former version of a Config is kept, and no edit is "
            f"looked at: {error}"
        )
        return {}
    return answer.get("outputs", {}) if answer else {}


def objects_of(state: State) -> Sequence[Mapping[str, Any]]:
    """All Kubernetes objects of the last deployment, in the form of the API."""
    return [one["outputs"] for one in state.values() if one["type"].startswith("kubernetes:")]


def predecessor(state: State, owner: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The object of the last deployment that becomes `body`; None if there was none.

    It has the same name and namespace in the cluster. Or it is the same resource of the component with the URN
    `owner`, and was in another namespace.
    """
    version = "core/v1" if body["apiVersion"] == "v1" else body["apiVersion"]
    # An object that outlives its stack is declared as a patch.
    types = [f"kubernetes:{version}:{body['kind']}{what}" for what in ("", "Patch")]
    there = {urn: one["outputs"] for urn, one in state.items() if one["type"] in types}
    name, namespace = body["metadata"]["name"], body["metadata"].get("namespace")
    own = [f"{owner.rpartition('::')[0]}${type_}::{name}" for type_ in types]
    # Its own resource comes first: one of the same name may be in another cluster.
    for was in [*(there[urn] for urn in own if urn in there), *there.values()]:
        metadata: Mapping[str, Any] = was.get("metadata") or {}
        if metadata.get("name") == name and namespace in (None, metadata.get("namespace")):
            return was
    return next((there[urn] for urn in own if urn in there), None)
