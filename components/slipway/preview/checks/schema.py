"""Rules `schema/…`: the shape that the API server of the target version accepts.

https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from jsonschema import ValidationError

from slipway.preview.checks import quantities
from slipway.preview.checks.fields import at, finding, get, hint, shown
from slipway.preview.checks.objects import group_of, is_custom, kind_of
from slipway.preview.checks.published import Version, kinds, validator
from slipway.preview.model import Finding, Manifest, Placeholder, Severity


def check(manifests: Sequence[Manifest], version: Version) -> Iterator[Finding]:
    """Finds what the schemas of `version` do not allow.

    A version newer than the newest schemas is checked against the newest. Raises ValueError for a version
    older than the oldest schemas.
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
    if definition := kinds(version).get((api_version, kind)):
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
    served = [served_as for served_as, known in kinds(version) if known == kind]
    # Prefer a stable version, and the same group.
    served.sort(key=lambda v: ("alpha" in v, "beta" in v, group_of(manifest) not in v, v))
    if served:
        path, way_out = "apiVersion", f"it serves {kind} as `{served[0]}`"
    else:
        path = "kind"
        way_out = "look up the kind" + hint(kind, {known for _, known in kinds(version)})
    return finding(
        manifest,
        Severity.ERROR,
        "schema/unserved-version",
        path,
        f"Kubernetes {version[0]}.{version[1]} serves no {kind} as `{api_version}`: {way_out}",
    )


def _of_body(manifest: Manifest, version: Version, definition: str) -> Iterator[Finding]:
    errors: Iterator[ValidationError] = validator(version, definition).iter_errors(manifest.body)
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
            # jsonschema raises one error per missing field, and names the field only in its message.
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
    """Whether a message must not quote the value, because it may be a Secret's data in clear."""
    top = next(iter(error.absolute_path), "")
    return kind_of(manifest) == "Secret" and top in ("data", "stringData")
