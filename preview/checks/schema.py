"""Rules `schema/…`: the shape that the API server of the target version accepts.

The schemas are the ones Kubernetes publishes, as the package kubernetes-validate ships them
(its strict set, in which an unknown field is an error). Its own `validate` is not used: it parses
1.6 MB anew for every object and stops at the first error.

https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from preview.checks import quantities
from preview.checks.fields import at, finding, get, hint, shown
from preview.checks.objects import group_of, is_custom, kind_of
from preview.model import Finding, Manifest, Placeholder, Severity

Version = tuple[int, int]

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
"""Closed sets of values which the published schemas leave open and the API server does not."""


def parse_version(kubernetes_version: str) -> Version:
    """`1.36`, `v1.36` or `1.36.3` as (1, 36). ValueError if it is none of these."""
    match = re.fullmatch(r"v?(\d+)\.(\d+)(\..*)?", kubernetes_version)
    if match is None:
        raise ValueError(
            f"Kubernetes version {kubernetes_version!r} is not of the form 1.36: "
            "write the minor version to check against"
        )
    return int(match[1]), int(match[2])


def check(manifests: Sequence[Manifest], version: Version) -> Iterator[Finding]:
    """What the schemas of `version` say against `manifests`.

    A version newer than the newest schemas is checked against these; ValueError for one that is
    older than the oldest.
    """
    for manifest in manifests:
        yield from _of_object(manifest, version)


def _of_object(manifest: Manifest, version: Version) -> Iterator[Finding]:
    missing = [key for key in ("apiVersion", "kind") if get(manifest.body, key, kind=str) in (None, "")]
    for key in missing:
        yield finding(
            manifest,
            Severity.ERROR,
            "schema/missing-field",
            key,
            f"`{key}` is missing, so nothing says which kind of object this is: add it",
        )
    if missing or any(isinstance(manifest.body[key], Placeholder) for key in ("apiVersion", "kind")):
        return
    api_version, kind = str(manifest.body["apiVersion"]), str(manifest.body["kind"])
    if definition := _kinds(version).get((api_version, kind)):
        yield from _of_body(manifest, version, definition)
    elif is_custom(manifest):
        yield finding(
            manifest,
            Severity.INFO,
            "schema/no-schema",
            "",
            f"{kind} of `{api_version}` is defined by an extension whose schema is not at hand, "
            "so its fields were not checked: `kubectl apply --dry-run=server` checks them on a "
            "cluster that has the extension",
        )
    else:
        yield _unserved(manifest, version, api_version, kind)


def _unserved(manifest: Manifest, version: Version, api_version: str, kind: str) -> Finding:
    served = [served_as for served_as, known in _kinds(version) if known == kind]
    # A stable version is the better advice, and the group of the same name the likelier one.
    served.sort(key=lambda v: ("alpha" in v, "beta" in v, group_of(manifest) not in v, v))
    if served:
        path, way_out = "apiVersion", f"it serves {kind} as `{served[0]}`"
    else:
        path = "kind"
        way_out = "look up the kind" + hint(kind, {known for _, known in _kinds(version)})
    return finding(
        manifest,
        Severity.ERROR,
        "schema/unserved-version",
        path,
        f"Kubernetes {version[0]}.{version[1]} serves no {kind} as `{api_version}`: {way_out}",
    )


def _of_body(manifest: Manifest, version: Version, definition: str) -> Iterator[Finding]:
    errors: Iterator[ValidationError] = _validator(version, definition).iter_errors(manifest.body)
    for error in errors:
        if isinstance(error.instance, Placeholder):
            continue
        for rule, path, message in _explained(error, manifest):
            yield finding(manifest, Severity.ERROR, rule, path, message)


def _explained(error: ValidationError, manifest: Manifest) -> Iterator[tuple[str, str, str]]:
    path = at("", *error.absolute_path)
    wanted: Any = error.validator_value
    value = "this value" if _is_confidential(error, manifest) else shown(error.instance)
    match error.validator:
        case "additionalProperties":
            known = set(cast("dict[str, Any]", error.schema)["properties"])
            for field in cast("dict[str, Any]", error.instance):
                if field not in known:
                    yield "schema/unknown-field", at(path, field), _unknown(field, known)
        case "required":
            # jsonschema raises one error for each missing field and names it only in its text.
            field = str(error.message).split("'")[1]
            yield (
                "schema/missing-field",
                at(path, field),
                f"`{field}` is missing and Kubernetes requires it: add `{at(path, field)}`",
            )
        case "type":
            yield "schema/type", path, f"{value} is not {_types(wanted)}: write it as one"
        case "enum":
            choices = [str(choice) for choice in wanted if choice]
            yield (
                "schema/value",
                path,
                f"{value} is not one of {', '.join(choices)}"
                + (hint(str(error.instance), choices) or ": choose one of these"),
            )
        case "format":
            yield _misformatted(str(wanted), path, value, error.instance)
        case other:
            yield "schema/value", path, f"{value} breaks the schema's rule `{other}`: correct it"


def _unknown(field: str, known: set[str]) -> str:
    guess = hint(field, known)
    few = f" (known here: {', '.join(sorted(known))})" if not guess and len(known) <= 12 else ""
    return f"unknown field `{field}`" + (guess or f": remove it or move it to where it belongs{few}")


def _types(wanted: Any) -> str:
    nouns = {
        "object": "a mapping",
        "array": "a list",
        "integer": "an integer",
        "number": "a number",
    }
    allowed = [str(t) for t in cast("list[Any]", wanted if isinstance(wanted, list) else [wanted])]
    return " or ".join(nouns.get(t, f"a {t}") for t in allowed if t != "null")


def _misformatted(wanted: str, path: str, value: str, instance: Any) -> tuple[str, str, str]:
    if wanted == "quantity":
        better = quantities.repaired(instance) if isinstance(instance, str) else None
        guess = f"did you mean `{better}`?" if better else "write a number with a suffix such as m, Mi or Gi"
        return "schema/quantity", path, f"{value} is no Kubernetes quantity: {guess}"
    if wanted == "byte":
        key = "put plain text into `stringData`" if path.startswith("data") else "encode it"
        return (
            "schema/base64",
            path,
            f"{value} is not base64, which Kubernetes requires here: {key}",
        )
    return "schema/integer-range", path, f"{value} does not fit {wanted}: choose a smaller number"


def _is_confidential(error: ValidationError, manifest: Manifest) -> bool:
    """Whether a message must not quote the value: a Secret's data may be there in the clear."""
    top = next(iter(error.absolute_path), "")
    return kind_of(manifest) == "Secret" and top in ("data", "stringData")


# --- The schemas, read once a process -----------------------------------------------------------


@cache
def _folder(version: Version) -> Path:
    # The package's folder is found without importing it, which would load PyYAML and more.
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
    # Published as `oneOf` two nullable types, both of which null fits, and without the format.
    definitions[_QUANTITY] = {"type": ["string", "number", "null"], "format": "quantity"}
    definitions[_INT_OR_STRING] = {"type": ["string", "integer", "null"]}
    for (name, field), values in _ENUMS.items():
        schema = definitions.get(f"io.k8s.api.{name}", {}).get("properties", {}).get(field)
        if schema is not None:
            schema["enum"] = [*values, None, ""]
    return document


@cache
def _kinds(version: Version) -> dict[tuple[str, str], str]:
    """The definition of each (apiVersion, kind) that `version` serves."""
    kinds: dict[tuple[str, str], str] = {}
    for name, schema in _document(version)["$defs"].items():
        for gvk in schema.get("x-kubernetes-group-version-kind", ()):
            group = f"{gvk['group']}/" if gvk["group"] else ""
            kinds[group + gvk["version"], gvk["kind"]] = name
    return kinds


@cache
def _registry(version: Version) -> Registry[Any]:
    document = _document(version)
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry()
    return registry.with_resource(document["$id"], resource)


@cache
def _validator(version: Version, definition: str) -> Any:
    # `Any`, since the methods of jsonschema's validators are typed in part only.
    uri = _document(version)["$id"]
    return Draft202012Validator(
        {"$ref": f"{uri}#/$defs/{definition}"},
        registry=_registry(version),
        format_checker=_formats(),
    )


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
