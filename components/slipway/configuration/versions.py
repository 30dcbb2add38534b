"""The current and the former versions of a ConfigMap or Secret that is named by its content.

`kubectl rollout undo` starts pods of an earlier revision, and they read the objects of that revision. So the program
keeps declaring some former versions. It finds their names in the outputs that the component registered in the last
deployment. Their contents are only in the stack's state, so they are declared without content, and the engine ignores
the difference.
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
    """A version to declare.

    - `resource`: its name in the program. `name`: its name in the cluster.
    - `former`: whether it is a former version. Such a version is declared without content.
    - `taken_over`: the former name of its resource in the program, if it had another one.
    """

    resource: str
    name: pulumi.Input[str]
    former: bool = False
    taken_over: str | None = None

    def options(self, place: Place, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Its options as a child of `parent` in the namespace `place`."""
        options = place.child(parent, ignore_changes=_CONTENT if self.former else None)
        options.aliases = [pulumi.Alias(name=self.taken_over)] if self.taken_over else None
        return options


Declare = Callable[[Version], Made]


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The current object, and the names of all versions, the latest first. The names resolve once the object exists."""

    resource: pulumi.Output[Made]
    names: pulumi.Output[list[str]]


def versioned(
    owner: pulumi.Resource, current: pulumi.Input[str], history: int, kind: Kind, declare: Declare
) -> Versions:
    """Declares the version `current` of the ConfigMap or Secret of `owner`, and the last `history` versions before it.

    Each version is a resource of its own. The engine deletes versions that are no longer declared at the end of an
    update, when no pod reads them any more.
    """
    name = owner.pulumi_resource_name

    async def declared() -> _Declared:
        version = await _known(pulumi.Output.from_input(current))
        earlier = [one for one in _former(await last_state(), owner, await owner.urn.future(), kind) if one != version][
            :history
        ]
        # An earlier release of Slipway had one resource for all versions: an alias takes it over. If only a deployment
        # tells the version, a preview cannot name the resource by it and uses `name`.
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


def _former(state: State, owner: pulumi.Resource, own: str | None, kind: Kind) -> list[str]:
    """The versions that `owner`, of the URN `own`, had in the last deployment and that the state still has.

    A refresh removes versions from the state that it does not find in the cluster.
    """
    there = {
        str(one["outputs"]["metadata"]["name"])
        for one in state.values()
        if one["type"] == f"kubernetes:core/v1:{kind}" and "metadata" in one["outputs"]
    }
    told = [
        name
        for urn, one in state.items()
        # The URN changes when the owner gets another parent. Then compare only type and name. Otherwise another owner
        # of that name is one in another cluster.
        if (urn == own if own in state else _is_alike(urn, one["type"], owner))
        for name in _named(one["outputs"], kind)
    ]
    return [name for name in dict.fromkeys(told) if name in there]


def _is_alike(urn: str, type_: str, owner: pulumi.Resource) -> bool:
    return type_ == owner.pulumi_resource_type and urn.rpartition("::")[2] == owner.pulumi_resource_name


def _named(outputs: dict[str, Any], kind: Kind) -> list[str]:
    """The version names in the outputs of an earlier deployment. An earlier release of Slipway registered none."""
    return outputs.get("versions", {}).get(kind, [])
