"""The schemas that Kubernetes publishes, from the package kubernetes-validate, read once per process.

We use the package's strict set, in which an unknown field is an error. We do not use its `validate`: it
parses 1.6 MB again for every object and stops at the first error.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from slipway.preview.checks import quantities

Version = tuple[int, int]

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"

_ENUMS: dict[tuple[str, str], list[str]] = {
    ("apps.v1.DaemonSetUpdateStrategy", "type"): ["OnDelete", "RollingUpdate"],
    ("apps.v1.DeploymentStrategy", "type"): ["Recreate", "RollingUpdate"],
    ("apps.v1.StatefulSetSpec", "podManagementPolicy"): ["OrderedReady", "Parallel"],
    ("apps.v1.StatefulSetUpdateStrategy", "type"): ["OnDelete", "RollingUpdate"],
    ("autoscaling.v2.MetricTarget", "type"): ["AverageValue", "Utilization", "Value"],
    ("batch.v1.CronJobSpec", "concurrencyPolicy"): ["Allow", "Forbid", "Replace"],
    ("batch.v1.JobSpec", "completionMode"): ["Indexed", "NonIndexed"],
    ("core.v1.Container", "imagePullPolicy"): ["Always", "IfNotPresent", "Never"],
    ("core.v1.Container", "terminationMessagePolicy"): ["FallbackToLogsOnError", "File"],
    ("core.v1.ContainerPort", "protocol"): ["SCTP", "TCP", "UDP"],
    ("core.v1.HTTPGetAction", "scheme"): ["HTTP", "HTTPS"],
    ("core.v1.PodSpec", "dnsPolicy"): [
        "ClusterFirst",
        "ClusterFirstWithHostNet",
        "Default",
        "None",
    ],
    ("core.v1.PodSpec", "restartPolicy"): ["Always", "Never", "OnFailure"],
    ("core.v1.SeccompProfile", "type"): ["Localhost", "RuntimeDefault", "Unconfined"],
    ("core.v1.ServicePort", "protocol"): ["SCTP", "TCP", "UDP"],
    ("core.v1.ServiceSpec", "externalTrafficPolicy"): ["Cluster", "Local"],
    ("core.v1.ServiceSpec", "sessionAffinity"): ["ClientIP", "None"],
    ("core.v1.ServiceSpec", "type"): ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"],
    ("core.v1.TopologySpreadConstraint", "whenUnsatisfiable"): ["DoNotSchedule", "ScheduleAnyway"],
    ("networking.v1.HTTPIngressPath", "pathType"): ["Exact", "ImplementationSpecific", "Prefix"],
}
"""Sets of accepted values that the API server enforces and the published schemas leave open."""


def parse_version(kubernetes_version: str) -> Version:
    """`1.36`, `v1.36` or `1.36.3` as (1, 36). Raises ValueError for any other form."""
    match = re.fullmatch(r"v?(\d+)\.(\d+)(\..*)?", kubernetes_version)
    if match is None:
        raise ValueError(
            f"Kubernetes version {kubernetes_version!r} is not of the form 1.36: "
            "write the minor version to check against"
        )
    return int(match[1]), int(match[2])


@cache
def _folder(version: Version) -> Path:
    # Find the package's folder without importing it: the import would load PyYAML and more.
    spec = find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package kubernetes-validate is missing: pip install kubernetes-validate")
    root = Path(spec.submodule_search_locations[0], "kubernetes-json-schema")
    folders = {parse_version(f.name.split("-")[0]): f for f in root.glob("v*-local-strict")}
    usable = [known for known in folders if known <= version]
    if not usable:
        oldest, newest = min(folders), max(folders)
        raise ValueError(
            f"no schemas for Kubernetes {version[0]}.{version[1]}: choose a version from "
            f"{oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}"
        )
    return folders[max(usable)]


@cache
def _document(version: Version) -> dict[str, Any]:
    document = json.loads((_folder(version) / "_definitions.json").read_bytes())
    definitions: dict[str, Any] = document["$defs"]
    # The published `oneOf` has two nullable types, so null matches both and fails. It also lacks the format.
    definitions[_QUANTITY] = {"type": ["string", "number", "null"], "format": "quantity"}
    definitions[_INT_OR_STRING] = {"type": ["string", "integer", "null"]}
    for (name, field), values in _ENUMS.items():
        schema = definitions.get(f"io.k8s.api.{name}", {}).get("properties", {}).get(field)
        if schema is not None:
            schema["enum"] = [*values, None, ""]
    return document


@cache
def kinds(version: Version) -> dict[tuple[str, str], str]:
    """The definition of each (apiVersion, kind) that `version` serves."""
    found: dict[tuple[str, str], str] = {}
    for name, schema in _document(version)["$defs"].items():
        for gvk in schema.get("x-kubernetes-group-version-kind", ()):
            group = f"{gvk['group']}/" if gvk["group"] else ""
            found[group + gvk["version"], gvk["kind"]] = name
    return found


@cache
def _registry(version: Version) -> Registry[Any]:
    document = _document(version)
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry()
    return registry.with_resource(document["$id"], resource)


@cache
def validator(version: Version, definition: str) -> Any:
    return validator_of(version, reference(version, definition))


def reference(version: Version, definition: str) -> dict[str, Any]:
    """A schema that is the published `definition`."""
    return {"$ref": f"{_document(version)['$id']}#/$defs/{definition}"}


def validator_of(version: Version, schema: dict[str, Any]) -> Any:
    """Judges by any schema, which may refer to the definitions of `version`."""
    # `Any`, because jsonschema's validators are only partly typed.
    return Draft202012Validator(schema, registry=_registry(version), format_checker=_formats())


@cache
def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    checker.checks("quantity")(_is_quantity)
    checker.checks("byte")(_is_base64)
    checker.checks("int32")(_fits_int32)
    checker.checks("int64")(_fits_int64)
    return checker


def _is_quantity(value: object) -> bool:
    return value is None or not isinstance(value, int | float | str) or quantities.parse(value) is not None


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _fits_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


def _fits_int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63
