"""What outlives its stack: an object that holds data, and what it needs to go on existing.

It is declared as the provider's patch of the object. A patch makes an object that is not there, and takes over one
that is: so the next deployment goes on with what the last one left (docs/adr/0016-what-outlives-its-stack.md).
https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

KEEP = "slipway/keep"
"""The annotation of what outlives its stack."""


def keeping_annotations(keep: bool) -> Mapping[str, str]:
    """Those of an object that outlives its stack, where it does."""
    # What is declared is the truth, also where a former deployment of the stack has owned the field.
    return {KEEP: "true", "pulumi.com/patchForce": "true"} if keep else {}


def keeping(options: pulumi.ResourceOptions, kind: str, keep: bool) -> pulumi.ResourceOptions:
    """The options of an object of a `kind` of the core group, which outlives its stack if `keep` says so."""
    options.retain_on_delete = keep or None
    # To choose the other way later makes nothing anew: it is the same object.
    former = pulumi.Alias(type_=f"kubernetes:core/v1:{kind}{'' if keep else 'Patch'}")
    options.aliases = [*(options.aliases or []), former]
    return options
