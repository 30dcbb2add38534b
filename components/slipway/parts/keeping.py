"""Objects that outlive their stack: an object that holds data, and the objects it depends on.

The program declares such an object as the provider's Patch resource. A patch creates a missing object and takes over
an existing one. So the next deployment continues with what the last one left
(docs/adr/0016-what-outlives-its-stack.md).
https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from slipway.parts.kept import KEEP
from slipway.parts.provider import FORCED


def keeping_annotations(keep: bool) -> Mapping[str, str]:
    """The annotations of an object that outlives its stack; none if `keep` is False."""
    # The declared value wins, even if an earlier deployment of the stack owns the field.
    return {KEEP: "true", **FORCED} if keep else {}


def keeping(options: pulumi.ResourceOptions, kind: str, keep: bool) -> pulumi.ResourceOptions:
    """Completes the options of an object of a core `kind`. With `keep`, the object outlives its stack."""
    options.retain_on_delete = keep or None
    # With this alias, a later change of `keep` does not replace the object.
    former = pulumi.Alias(type_=f"kubernetes:core/v1:{kind}{'' if keep else 'Patch'}")
    options.aliases = [*(options.aliases or []), former]
    return options
