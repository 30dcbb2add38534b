"""An object of a kind that an extension defines: the cluster needs its CRD, and its controller to do anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from slipway.parts.merge import merge
from slipway.parts.place import Place


def custom_resource(
    parent: pulumi.ComponentResource,
    api_version: str,
    kind: str,
    *,
    place: Place,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    spec: Mapping[str, Any],
    raw: Mapping[str, Any] | None,
) -> CustomResource:
    """The one object of `parent`, of the same name. `raw` is laid over `spec`; what is None there is left out."""
    name = parent.pulumi_resource_name
    return CustomResource(
        name,
        api_version=api_version,
        kind=kind,
        metadata=ObjectMetaArgs(
            name=name, namespace=place.name, labels={**labels} or None, annotations={**annotations} or None
        ),
        spec=stated(merge(spec, raw)),
        opts=place.child(parent),
    )


def stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None."""
    return {key: value for key, value in fields.items() if value is not None}
