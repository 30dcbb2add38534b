"""Objects that moved into a component keep the identity that they had at the top level of the program."""

from __future__ import annotations

import pulumi

from slipway import formerly

KEPT = formerly({"Deployment": "web-deployment"})


def aliases(kind: str, *, custom: bool = True, known: list[pulumi.Input[str | pulumi.Alias]] | None = None) -> object:
    options = pulumi.ResourceOptions(aliases=known)
    result = KEPT(pulumi.ResourceTransformArgs(custom, kind, "web", {"spec": {}}, options))
    return result and getattr(result, "opts").aliases  # noqa: B009 (the type may also be an awaitable)


def test_a_child_of_a_named_kind_has_been_at_the_top_level_under_that_name() -> None:
    former = pulumi.Alias(name="former")
    found = aliases("kubernetes:apps/v1:Deployment", known=[former])
    assert isinstance(found, list)
    kept, added = found  # pyright: ignore[reportUnknownVariableType]
    assert kept is former, "the aliases that it has stay"
    assert isinstance(added, pulumi.Alias)
    assert (added.name, added.parent) == ("web-deployment", pulumi.ROOT_STACK_RESOURCE)


def test_nothing_else_has() -> None:
    assert aliases("kubernetes:core/v1:Service") is None
    assert aliases("slipway:index:Deployment", custom=False) is None, "the component is new"
