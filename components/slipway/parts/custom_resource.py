"""Custom resources. The cluster needs the CRD of the kind, and its controller for the object to have an effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from slipway.parts.merge import merge, stated
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
    """Makes the custom resource of `parent`, with the same name. `raw` is merged over `spec` (RFC 7386).

    Fields of `spec` that are None are left out.
    """
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
