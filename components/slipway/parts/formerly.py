"""Resources that a program had at its top level, and that are children of a component now."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from slipway.parts.arguments.checked import checked


@checked
def formerly(names: Mapping[str, str]) -> pulumi.ResourceTransform:
    """Keeps objects that moved from the top level of a program into a component: the engine finds them by an alias.

    `names` are the logical names that they had, by kind, as in `{"Deployment": "web", "Service": "web-service"}`. Give
    the result to the component: `opts=pulumi.ResourceOptions(transforms=[formerly({…})])`. Leave it out when all stacks
    are deployed.
    https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
    """

    def with_alias(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        name = names.get(args.type_.rpartition(":")[2]) if args.custom else None
        if name is None:
            return None
        alias = pulumi.Alias(name=name, parent=pulumi.ROOT_STACK_RESOURCE)
        args.opts.aliases = [*(args.opts.aliases or []), alias]
        return pulumi.ResourceTransformResult(args.props, args.opts)

    return with_alias
