"""Rules `schema/…`: the shape that the API server of the target version accepts.

https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, cast

from jsonschema import ValidationError

from slipway.preview.checks import quantities, structural
from slipway.preview.checks.definitions import Definition, Definitions
from slipway.preview.checks.fields import at, finding, get, hint, leaves, shown
from slipway.preview.checks.objects import group_of, is_custom, kind_of
from slipway.preview.checks.published import Version, kinds, validator
from slipway.preview.model import Finding, Manifest, Placeholder, Severity
from slipway.preview.near import near

_MISSPELT = 0.9
"""Related kinds are alike, such as HTTPRoute and GRPCRoute. From this similarity on, it is a misspelling."""
_OF_WHOLE = ("anyOf", "oneOf", "not")
_LIMITS = {
    "minimum": "the least is {}",
    "exclusiveMinimum": "it has to be above {}",
    "maximum": "the most is {}",
    "exclusiveMaximum": "it has to be below {}",
    "multipleOf": "it has to be a multiple of {}",
    "minLength": "it may have no fewer characters than {}",
    "maxLength": "it may have no more characters than {}",
    "minItems": "it may have no fewer items than {}",
    "maxItems": "it may have no more items than {}",
    "minProperties": "it may have no fewer fields than {}",
    "maxProperties": "it may have no more fields than {}",
    "pattern": "it has to match {}",
}
"""What the limits in the schemas of CRDs mean. The published schemas of Kubernetes have none."""


def check(manifests: Sequence[Manifest], version: Version, definitions: Definitions) -> Iterator[Finding]:
    """Finds what the schemas of `version` do not allow, and for a custom resource, what its CRD does not.

    A version newer than the newest schemas is checked against the newest. Raises ValueError for a version
    older than the oldest schemas.
    """
    for manifest in manifests:
        yield from _of_object(manifest, version, definitions)
    yield from _unchecked(manifests, definitions)


def _of_object(manifest: Manifest, version: Version, definitions: Definitions) -> Iterator[Finding]:
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
        yield from _of_body(manifest, validator(version, definition), manifest.body)
    elif is_custom(manifest):
        if known := definitions.of(manifest):
            yield from _of_custom(manifest, version, known, api_version)
    else:
        yield _unserved(manifest, version, api_version, kind)


def _of_custom(manifest: Manifest, version: Version, crd: Definition, api_version: str) -> Iterator[Finding]:
    if api_version not in crd.served():
        serves = f"serves {crd.kind} as " + " or ".join(f"`{served}`" for served in crd.served())
        yield finding(
            manifest,
            Severity.ERROR,
            "schema/unserved-version",
            "apiVersion",
            f"the CRD {crd.name} serves no {crd.kind} as `{api_version}`: it "
            + (serves if crd.served() else "serves no version at all"),
        )
    elif schema := crd.schema(api_version):
        body = structural.completed(manifest.body, schema)
        yield from _of_body(manifest, crd.validator(api_version, version), body)


def _unchecked(manifests: Sequence[Manifest], definitions: Definitions) -> Iterator[Finding]:
    """One finding for each kind without a schema, at its first object, as there may be hundreds of objects."""
    by_kind: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        if is_custom(manifest) and kind_of(manifest) and not definitions.of(manifest):
            by_kind[manifest.api_version, kind_of(manifest)].append(manifest)
    for (api_version, kind), unchecked in by_kind.items():
        group = group_of(unchecked[0])
        meant = near(kind, definitions.kinds(group), likeness=_MISSPELT)
        whose = "its fields were" if len(unchecked) == 1 else f"the fields of its {len(unchecked)} objects were"
        way_out = f"did you mean `{meant}`?" if meant else "name the CRD's file with --crds"
        yield finding(
            unchecked[0],
            Severity.WARNING if meant else Severity.INFO,
            "schema/no-schema",
            "kind" if meant else "",
            f"{kind} of `{api_version}` is defined by a CRD that the program does not declare, so {whose} not checked: "
            + way_out,
        )


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


def _of_body(manifest: Manifest, judge: Any, body: Any) -> Iterator[Finding]:
    errors: Iterator[ValidationError] = judge.iter_errors(body)
    for error in errors:
        if _is_unknown(error):
            continue
        for rule, path, message in _explained(error, manifest):
            yield finding(manifest, Severity.ERROR, rule, path, message)


def _is_unknown(error: ValidationError) -> bool:
    """Whether the error may be due to a value that is not known yet."""
    if error.validator in _OF_WHOLE:
        # These judge a whole mapping, with all that is in it.
        return any(isinstance(value, Placeholder) for _, value in leaves(error.instance))
    return isinstance(error.instance, Placeholder)


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
            who = "its CRD" if is_custom(manifest) else "Kubernetes"
            yield (
                "schema/missing-field",
                at(path, field),
                f"`{field}` is missing and {who} requires it: add `{at(path, field)}`",
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
        case "oneOf" | "anyOf" if required := _alternatives(wanted):
            what = "exactly one of" if error.validator == "oneOf" else "at least one of"
            yield "schema/value", path, f"it has to have {what} {required}, which it has not"
        case str() as other if other in _LIMITS:
            yield "schema/value", path, f"{value} breaks a limit: {_LIMITS[other].format(wanted)}"
        case other:
            yield "schema/value", path, f"{value} breaks the schema's rule `{other}`: correct it"


def _alternatives(wanted: Any) -> str:
    """The fields that the alternatives of `oneOf` or `anyOf` require; empty if they are about something else."""
    named = [" with ".join(f"`{name}`" for name in one.get("required", ())) for one in wanted]
    return ", ".join(named) if all(named) else ""


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
