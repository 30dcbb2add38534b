"""Reads Kubernetes YAML as the provider does, which differs from Python's YAML.

The provider's parser knows YAML 1.1 with Go's numbers: `on` and `y` are booleans, `0o644` and `0644`
are both 420, `12:30` and `2024-01-01` are text. A key that is not text becomes its JSON text.
https://github.com/kubernetes-sigs/yaml
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any, cast

import yaml

from slipway.preview.bundles.errors import BundleError

# The C parser is ten times as fast, and a chart's custom resource definitions can be megabytes.
_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):
    """Resolves plain scalars as Go's parser does. Anything else is text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        self.flatten_mapping(node)
        make = cast("Any", self).construct_object
        return {_key(make(key, deep=True)): make(value, deep=deep) for key, value in node.value}

    def whole(self, node: yaml.ScalarNode) -> int:
        text = str(node.value).replace("_", "")
        sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
        base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2].lower(), 8 if digits[0] == "0" else 10)
        return int(sign + digits, base) if digits != "0" else 0

    def fraction(self, node: yaml.ScalarNode) -> float:
        text = str(node.value).replace("_", "")
        if re.search("inf|nan", text, re.IGNORECASE):
            raise yaml.MarkedYAMLError(problem=f"{text} is no number of JSON", problem_mark=node.start_mark)
        return float(text)


_PREFIX = "tag:yaml.org,2002:"
_SCALARS = {
    "bool": ("y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF", "yYnNtTfFoO"),
    "null": ("~|null|Null|NULL|", ["~", "n", "N", ""]),
    "merge": ("<<", "<"),
    "int": ("[-+]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|0|[1-9][0-9_]*)", "-+0123456789"),
    "float": (
        r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9_]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
}
_Loader.yaml_implicit_resolvers = {}
for _name, (_form, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(_PREFIX + _name, re.compile(f"(?:{_form})$"), list(_first))  # pyright: ignore[reportUnknownMemberType]
_Loader.add_constructor(
    _PREFIX + "bool", lambda loader, node: node.value[0].lower() in "yt" or node.value.lower() == "on"
)
_Loader.add_constructor(_PREFIX + "int", _Loader.whole)
_Loader.add_constructor(_PREFIX + "float", _Loader.fraction)
_Loader.add_constructor(_PREFIX + "binary", lambda loader, node: base64.b64decode(node.value).decode(errors="replace"))


def decode(text: str) -> list[dict[str, Any]]:
    """The documents of `text` in order, without empty ones. Lists are not expanded.

    Raises BundleError, one line with the document's place, for text that is not YAML or not a mapping.
    """
    if text.lstrip()[:1] == "{" and (objects := _json(text)) is not None:
        return objects
    found: list[dict[str, Any]] = []
    for line, document in _documents(text):
        try:
            body: object = next(iter(yaml.load_all(document, _Loader)), None)
        except yaml.MarkedYAMLError as error:
            place = line + (error.problem_mark.line if error.problem_mark else 0)
            raise BundleError(f"line {place} is not YAML: {error.problem}") from None
        except (yaml.YAMLError, ValueError) as error:
            raise BundleError(f"the document at line {line} is not YAML: {str(error).splitlines()[0]}") from None
        if body is not None and not isinstance(body, dict):
            raise BundleError(f"the document at line {line} holds {type(body).__name__}, not an object's fields")
        if body:
            found.append(cast("dict[str, Any]", body))
    return found


def expand(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same objects with each list replaced by its items. Raises BundleError for an item that is not an object."""
    found: list[dict[str, Any]] = []
    for body in objects:
        items: object = body.get("items")
        if not isinstance(items, list):
            found.append(body)
            continue
        members = cast("list[Any]", items)
        if wrong := [item for item in members if not isinstance(item, dict)]:
            raise BundleError(f"{body.get('kind')} holds an item that is no object: {json.dumps(wrong[0])[:100]}")
        found += expand(members)
    return found


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """Each document with the number of its first line."""
    start, lines = 1, list[str]()
    for number, line in enumerate(io.StringIO(text), 1):
        if line.startswith("---"):
            if (rest := line[3:].strip()) and not rest.startswith("#"):
                raise BundleError(f"line {number} has {rest[:40]!r} behind ---: put it on a line of its own")
            yield start, "".join(lines)
            start, lines = number + 1, []
        else:
            lines.append(line)
    yield start, "".join(lines)


def _json(text: str) -> list[dict[str, Any]] | None:
    """The consecutive JSON objects in `text`; None if it is something else."""
    decoder, place, found = json.JSONDecoder(), 0, list[dict[str, Any]]()
    while place < len(text):
        try:
            body, place = decoder.raw_decode(text, place)
        except ValueError:
            return None
        found.append(body)
        place += len(text[place:]) - len(text[place:].lstrip())
    return [body for body in found if body]


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)
