"""The namespace of an object, as components pass it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, eq=False, kw_only=True)
class Place:
    """A namespace, made by `slipway.access.namespace.place_of`.

    - `name`: its name. Of a `Namespace` of this program it is an Output, which resolves once the namespace exists.
    - `known`: its name while the program runs. None if only a deployment tells the name.
    - `resource`: the namespace itself, if this program makes it. `keep`: whether it outlives the stack.
    """

    name: pulumi.Input[str]
    known: str | None
    resource: pulumi.Resource | None = None
    keep: bool = False

    def child(
        self,
        parent: pulumi.Resource,
        *,
        depends_on: Sequence[pulumi.Input[pulumi.Resource]] | None = None,
        ignore_changes: list[str] | None = None,
    ) -> pulumi.ResourceOptions:
        """The options of a child of `parent` in this namespace.

        If the program makes the namespace, a destroy deletes only the namespace. The cluster then deletes the objects
        in it, and the engine does not wait for each of them. If the namespace outlives the stack, the engine deletes
        each object.
        """
        return pulumi.ResourceOptions(
            parent=parent,
            depends_on=depends_on,
            deleted_with=None if self.keep else self.resource,
            ignore_changes=ignore_changes,
        )
