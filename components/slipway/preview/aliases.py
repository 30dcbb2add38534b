"""The URNs that a resource had before, as the engine works them out from what the program says.

https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from pulumi.runtime.proto import alias_pb2, resource_pb2

MakeUrn = Callable[[str, str, str], str]


def former_urns(
    request: resource_pb2.RegisterResourceRequest, former_parents: Iterable[str], make_urn: MakeUrn
) -> tuple[str, ...]:
    """Those of the resource's own aliases, and those that follow from the aliases of its parent."""
    now = make_urn(request.parent, request.type, request.name)
    parents = [request.parent, *former_parents]
    # A resource without an alias has been below a parent that had one.
    aliases: list[alias_pb2.Alias] = [alias_pb2.Alias(), *cast("Any", request).aliases]
    found = dict.fromkeys([*request.aliasURNs, *_all(request, aliases, parents, make_urn)])
    return tuple(urn for urn in found if urn != now)


def _all(
    request: resource_pb2.RegisterResourceRequest, aliases: list[alias_pb2.Alias], parents: list[str], make_urn: MakeUrn
) -> Iterator[str]:
    for alias in aliases:
        spec = alias.spec
        if alias.urn:
            yield alias.urn
        elif spec.noParent or spec.parentUrn:
            yield _elsewhere(make_urn(spec.parentUrn, spec.type or request.type, spec.name or request.name), spec)
        else:
            for parent in parents:
                name = spec.name or _below(request.name, request.parent, parent)
                yield _elsewhere(make_urn(parent, spec.type or request.type, name), spec)


def _below(name: str, parent: str, former: str) -> str:
    """The name of a child, which begins with its parent's name when that is the custom."""
    named = parent.rpartition("::")[2]
    return former.rpartition("::")[2] + name[len(named) :] if parent and name.startswith(named) else name


def _elsewhere(urn: str, spec: alias_pb2.Alias.Spec) -> str:
    """The URN in another stack or project, where the alias names one."""
    head, project, rest = urn.split("::", 2)
    return "::".join((f"urn:pulumi:{spec.stack}" if spec.stack else head, spec.project or project, rest))
