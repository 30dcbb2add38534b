"""Finds the cluster object of a component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pulumi

from slipway.access.api_resources import ApiResource, of_kind
from slipway.parts.arguments.wording import kind_of
from slipway.parts.place import Place
from slipway.parts.readings import Readable
from slipway.parts.workload import Workload, WorkloadResource, workload_of


@dataclass(frozen=True, eq=False, kw_only=True)
class Granted:
    """An object of the cluster. `namespace` is None if it is not known; `called` is the object's name in errors."""

    kind: ApiResource
    name: pulumi.Input[str]
    namespace: str | None
    called: str


def object_of(target: pulumi.Resource | Workload | Readable) -> Granted:
    """The object of a component or resource. Raises ValueError for a component that is not exactly one object."""
    if isinstance(target, (Workload, WorkloadResource)):
        workload = workload_of(target)
        group = workload.api_version.rpartition("/")[0]
        kind = of_kind(group, workload.kind)
        return Granted(kind=kind, name=workload.name, namespace=workload.place.known, called=str(workload))
    if isinstance(target, Readable):
        called = f"{target.kind} of config {target.config!r}"
        return Granted(kind=of_kind("", target.kind), name=target.name, namespace=target.place.known, called=called)
    made = getattr(target, "resource", None) if isinstance(target, pulumi.ComponentResource) else target
    package, _, token = made.pulumi_resource_type.partition(":") if isinstance(made, pulumi.Resource) else ("", "", "")
    if package != "kubernetes" or token.endswith("List"):
        raise ValueError(
            f"{kind_of(target)} is not one object of the cluster: give its parts, as in config.values, or a kind, as "
            f"in 'configmaps'"
        )
    api_version, _, kind = token.partition(":")
    group = api_version.rpartition("/")[0]
    name: pulumi.Input[str] = target.pulumi_resource_name
    place = getattr(target, "place", None)
    if not isinstance(target, pulumi.ComponentResource):
        # A component's object has the component's name. Any other resource's name is in its metadata.
        name = cast("pulumi.Output[Any]", cast("Any", target).metadata)["name"]
    return Granted(
        kind=of_kind("" if group == "core" else group, kind),
        name=name,
        namespace=place.known if isinstance(place, Place) else None,
        called=kind_of(target),
    )
