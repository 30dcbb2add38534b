"""The `config` block of `Pulumi.yaml`: the keys that stacks may set, with their types and defaults.

https://www.pulumi.com/docs/iac/concepts/config/#strongly-typed-configuration
"""

from __future__ import annotations

import json
import re
from typing import Any, cast

from slipway.preview.near import hint
from slipway.preview.yaml_file import YamlFile, kind

TYPES = ("string", "integer", "boolean", "array", "object")
_ATTRIBUTES = ("type", "items", "description", "secret", "default", "value")
_SCALARS = {"string": r"(?s:.*)", "integer": r"[+-]?\d+", "boolean": "true|false"}


def full_key(project: str, key: object) -> str:
    """`namespace:name`. A key without a namespace is the project's. `namespace:config:name` is the old form."""
    parts = str(key).split(":")
    if len(parts) == 3 and parts[1] == "config":
        return f"{parts[0]}:{parts[2]}"
    return str(key) if len(parts) > 1 else f"{project}:{key}"


def declarations(project: str, config: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The keys that are declared with a type or as secret, by full key."""
    return [
        (full_key(project, key), {"type": "string", **cast("dict[str, Any]", form)})
        for key, form in config.items()
        if isinstance(form, dict) and {"type", "secret"} & form.keys()
    ]


def project_values(project: str, config: dict[str, Any]) -> dict[str, Any]:
    """The values that `Pulumi.yaml` itself gives every stack, by full key."""
    values: dict[str, Any] = {}
    for key, form in config.items():
        given = cast("dict[str, Any]", form) if isinstance(form, dict) else {"value": form}
        if "value" in given or "default" in given:
            values[full_key(project, key)] = given.get("value", given.get("default"))
    return values


def fits(value: Any, form: dict[str, Any]) -> bool:
    """Whether a value has the declared type, by the CLI's rules: it writes every number and boolean as a string."""
    if form["type"] == "array":
        items: dict[str, Any] = {"type": "", **(form.get("items") or {})}
        return isinstance(value, list) and all(fits(item, items) for item in cast("list[Any]", value))
    if form["type"] == "object":
        return isinstance(value, dict)
    if form["type"] not in _SCALARS:
        return True
    return not isinstance(value, (dict, list)) and re.fullmatch(_SCALARS[form["type"]], as_text(value)) is not None


def as_text(value: Any) -> str:
    """A value as the CLI passes it to a program: a string unchanged, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def check_declared(file: YamlFile, project: str, config: dict[str, Any]) -> None:
    """Raises ProjectError for declarations that the CLI would refuse."""
    for key, form in config.items():
        if form is None:
            raise file.refusal(f"config.{key} says nothing: give it a type or a value", "config", key)
        if not isinstance(form, dict):
            continue
        given = cast("dict[str, Any]", form)
        for attribute in given:
            if attribute not in _ATTRIBUTES:
                said = f"config.{key}.{attribute} is not an attribute: {hint(attribute, _ATTRIBUTES)}"
                raise file.refusal(said, "config", key, attribute)
        own = full_key(project, key).startswith(f"{project}:")
        if said := _wrong_type(given) or _wrong_value(given, own=own):
            raise file.refusal(f"config.{key}: {said}", "config", key, said.split()[0])


def _wrong_type(form: dict[str, Any]) -> str | None:
    """What is wrong with the declared type, or with `secret`; the text begins with the attribute."""
    if "type" in form and form["type"] not in TYPES:
        return f"type {form['type']!r} is not a type: {hint(form['type'], TYPES)}"
    if form.get("type") == "array" and not isinstance(form.get("items"), dict):
        return "items is missing: say what the array holds, as in `items: {type: string}`"
    if form.get("type") == "array" and (said := _wrong_type({"type": None, **form["items"]})):
        return f"items: {said}"
    if not isinstance(form.get("secret", False), bool):
        return f"secret is {kind(form['secret'])}: true or false is accepted"
    return None


def _wrong_value(form: dict[str, Any], *, own: bool) -> str | None:
    if "default" in form and "value" in form:
        return "default and value exclude each other: keep default where a stack may say otherwise"
    if not own and (wrong := next((one for one in ("type", "default") if one in form), None)):
        return f"{wrong} is for the project's own keys: another namespace's has a value alone"
    if not own and "value" not in form:
        return "value is missing: a key of another namespace has one"
    if "type" in form and form.get("default") is not None and not fits(form["default"], form):
        return f"default is {form['default']!r}, not of the type {form['type']}"
    return None
