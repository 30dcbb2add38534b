"""Where objects live: what those that are placed in a namespace have to know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, eq=False, kw_only=True)
class Place:
    """A namespace, made by `slipway.access.namespace.place_of`.

    - `name`: what it is called, once it exists.
    - `known`: the same as the program runs; None where only a deployment will tell.
    - `resource`: the namespace itself, where this program makes it; `keep`: whether it outlives the stack.
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
        """The options of a child of `parent` that lives here.

        In a namespace of ours a destroy deletes the namespace alone: the cluster removes what is in it, and the
        engine does not wait for each object by itself. A namespace that outlives the stack takes nothing with it.
        """
        return pulumi.ResourceOptions(
            parent=parent,
            depends_on=depends_on,
            deleted_with=None if self.keep else self.resource,
            ignore_changes=ignore_changes,
        )
