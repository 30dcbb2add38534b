"""The versions of an object that is named by its content: the declared one, and the former ones.

`kubectl rollout undo` starts the pods of an earlier revision, which read the objects that were
declared with it, so some former versions are declared on. Their names are what the Config
registered as its outputs the last time. Their contents are in the stack's state alone: they are
declared without, and the difference is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.place import Place
from slipway.parts.readings import Kind
from slipway.parts.state import State, last_state

HISTORY = 3
"""How many former versions are kept."""

T = TypeVar("T")
Made = core.ConfigMap | core.Secret

_CONTENT = ["metadata", "data", "binaryData", "immutable"]


@dataclass(frozen=True, kw_only=True)
class Version:
    """One of the versions, to be declared: what it is called in the program and in the cluster, and its options.

    Of one that is `former` there is no content to declare.
    """

    resource: str
    name: pulumi.Input[str]
    former: bool = False
    taken_over: str | None = None

    def options(self, place: Place, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Its options as a child of `parent` that lives at `place`."""
        options = place.child(parent, ignore_changes=_CONTENT if self.former else None)
        options.aliases = [pulumi.Alias(name=self.taken_over)] if self.taken_over else None
        return options


Declare = Callable[[Version], Made]


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The object that is declared now, and the names of its versions once it is there, the latest first."""

    resource: pulumi.Output[Made]
    names: pulumi.Output[list[str]]


def versioned(
    owner: pulumi.Resource, current: pulumi.Input[str], history: int, kind: Kind, declare: Declare
) -> Versions:
    """Declares the version `current` of what `owner` has of a kind, and the last `history` ones before it.

    Each is a resource of its own: what is no longer declared is deleted at the end of an update, when
    no pod reads it any more.
    """
    name = owner.pulumi_resource_name

    async def declared() -> _Declared:
        version = await _known(pulumi.Output.from_input(current))
        earlier = [one for one in _former(await last_state(), owner, kind) if one != version][:history]
        # What an earlier release made, which had one resource for all versions, is taken over. Where only
        # a deployment can tell the version, a preview cannot name its resource by it.
        resource = declare(Version(resource=version or name, name=current, taken_over=name if version else None))
        for one in earlier:
            declare(Version(resource=one, name=one, former=True))
        return _Declared(resource, [version or name, *earlier])

    made: pulumi.Output[_Declared] = pulumi.Output.from_input(declared())
    return Versions(
        resource=made.apply(lambda one: one.resource),
        names=made.apply(lambda one: one.resource.urn.apply(lambda _: one.names)),
    )


@dataclass(frozen=True)
class _Declared:
    resource: Made
    names: list[str]


async def _known(value: pulumi.Output[T]) -> T | None:
    return await value.future() if await value.is_known() else None


def _former(state: State, owner: pulumi.Resource, kind: Kind) -> list[str]:
    """What the Config of this name last had of a kind, and the stack still has: a refresh may have found one gone."""
    there = {
        str(one["outputs"]["metadata"]["name"])
        for one in state.values()
        if one["type"] == f"kubernetes:core/v1:{kind}" and "metadata" in one["outputs"]
    }
    told = [
        name
        for urn, one in state.items()
        # Its URN is another one where it has got another parent.
        if one["type"] == owner.pulumi_resource_type and urn.rpartition("::")[2] == owner.pulumi_resource_name
        for name in _named(one["outputs"], kind)
    ]
    return [name for name in dict.fromkeys(told) if name in there]


def _named(outputs: dict[str, Any], kind: Kind) -> list[str]:
    """What an earlier deployment registered; of an earlier release nothing."""
    return outputs.get("versions", {}).get(kind, [])
