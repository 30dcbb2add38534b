"""Makes a JSON Schema of a CRD's schema, and completes an object as the API server does before it validates.

The server drops unknown fields without a word. Here they are refused, as those of the built-in kinds are.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable
from typing import Any, cast

from slipway.preview.checks.published import OBJECT_META, Version, reference
from slipway.preview.model import Placeholder

Schema = dict[str, Any]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_INT_OR_STRING = "x-kubernetes-int-or-string"
_OPEN = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_EITHER = [{"type": "integer"}, {"type": "string"}]


def of_object(schema: Any, version: Version) -> Schema:
    """The JSON Schema of a whole custom object, from the schema of its CRD."""
    return _as_object(_converted(schema, version), schema, version)


def completed(value: Any, schema: Any) -> Any:
    """A copy of `value` with the defaults of its CRD, and without the nulls that the CRD does not know."""
    if isinstance(value, list):
        below = _mapping(schema, "items")
        return [completed(item, below) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    properties, others = _mapping(schema, "properties"), _mapping(schema, "additionalProperties")
    made: dict[str, Any] = {}
    for key, item in cast("dict[str, Any]", value).items():
        below = properties.get(key, others)
        if item is not None or not below or below.get("nullable") is True:
            made[key] = completed(item, below)
    for key, below in properties.items():
        default = cast("Schema", below).get("default") if isinstance(below, dict) else None
        if key not in made and default is not None:
            made[key] = copy.deepcopy(default)
    return made


def _converted(given: Any, version: Version, *, closed: bool = True) -> Schema:
    """`closed` refuses unknown fields. The parts of `anyOf` and its like say nothing about which fields there are."""
    schema = cast("Schema", given) if isinstance(given, dict) else {}
    made = {keyword: schema[keyword] for keyword, fits in _KEYWORDS.items() if fits(schema.get(keyword))}
    for bound in ("Minimum", "Maximum"):
        # In OpenAPI 3.0 it is a boolean beside the limit, in JSON Schema it is the limit.
        if schema.get(f"exclusive{bound}") is True and (limit := made.pop(bound.lower(), None)) is not None:
            made[f"exclusive{bound}"] = limit
    types = (
        ["integer", "string"] if schema.get(_INT_OR_STRING) is True else [t for t in _TYPES if t == schema.get("type")]
    )
    if types:
        nullable = schema.get("nullable") is True
        made["type"] = [*types, *["null"] * nullable]
        if nullable and "enum" in made:
            made["enum"] = [*made["enum"], None]
    for keyword in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(keyword)
        if isinstance(parts, list) and parts and parts != _EITHER:
            made[keyword] = [_converted(part, version, closed=False) for part in cast("list[Any]", parts)]
    if isinstance(schema.get("not"), dict):
        made["not"] = _converted(schema["not"], version, closed=False)
    if isinstance(schema.get("items"), dict):
        made["items"] = _converted(schema["items"], version, closed=closed)
    if properties := _mapping(schema, "properties"):
        made["properties"] = {key: _converted(below, version, closed=closed) for key, below in properties.items()}
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        made["additionalProperties"] = _converted(others, version, closed=closed)
    elif closed and types == ["object"] and others is None and schema.get(_OPEN) is not True:
        made.setdefault("properties", {})
        made["additionalProperties"] = False
    return _as_object(made, schema, version) if schema.get(_EMBEDDED) is True else made


def _as_object(made: Schema, schema: Any, version: Version) -> Schema:
    """Adds what every object of the API has. A CRD may limit its metadata, but not say what is in it."""
    text = {"type": "string"}
    stated = _converted(_mapping(schema, "properties").get("metadata"), version, closed=False)
    own = {"apiVersion": text, "kind": text, "metadata": {"allOf": [reference(version, OBJECT_META), stated]}}
    required = [*dict.fromkeys([*made.get("required", []), "apiVersion", "kind"])]
    return made | {"properties": made.get("properties", {}) | own, "required": required}


def _mapping(node: Any, key: str) -> Schema:
    below: Any = cast("Schema", node).get(key) if isinstance(node, dict) else None
    return cast("Schema", below) if isinstance(below, dict) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(item, Placeholder) for item in cast("list[Any]", value))


def _is_pattern(value: Any) -> bool:
    """Whether Python can match it too. Kubernetes has RE2 patterns, a few of which mean something else here."""
    if not isinstance(value, str) or isinstance(value, Placeholder):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            re.compile(value)
        except (re.error, Warning):
            return False
    return True


def _is_format(value: Any) -> bool:
    return isinstance(value, str)


_LIMITS = "maximum minimum multipleOf maxItems minItems maxLength minLength maxProperties minProperties".split()
_KEYWORDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(_LIMITS, _is_number),
    "enum": _is_list,
    "required": _is_list,
    "pattern": _is_pattern,
    "format": _is_format,
}
"""What a CRD's schema and a JSON Schema have in common, with what makes a value of it usable."""
