"""A made-up CRD that has what structural schemas have, and an object of it without mistakes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from slipway.preview.checks import check
from slipway.preview.checks.definitions import Definitions
from slipway.preview.model import Finding
from tests.preview.checks.good import Body, Change, manifest

NAME = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 8}
PORT = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
SPEC: Body = {
    "type": "object",
    "required": ["size", "color"],
    "properties": {
        "size": {"type": "integer", "format": "int32", "minimum": 0, "exclusiveMinimum": True, "maximum": 9},
        "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
        "names": {"type": "array", "items": NAME, "minItems": 1},
        "port": PORT,
        "owner": {"type": "string", "nullable": True},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "free": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {"strict": {"type": "object", "properties": {"known": {"type": "boolean"}}}},
        },
        "template": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "properties": {"spec": {"type": "object"}},
        },
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"type": "string", "default": "plain"}, "weight": {"type": "number"}},
            },
        },
        "source": {
            "type": "object",
            "properties": {"file": {"type": "string"}, "url": {"type": "string"}},
            "oneOf": [{"required": ["file"]}, {"required": ["url"]}],
        },
        "odd": {"type": "string", "pattern": r"^\p{Greek}+$"},
    },
    "x-kubernetes-validations": [{"rule": "self.size != 7", "message": "seven is refused"}],
}


def crd(spec: Body = SPEC) -> Body:
    """Serves `v1`. Of the other versions, `v2` is served with any fields, and `v1beta1` no more."""
    metadata = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 6}}}
    schema = {"type": "object", "properties": {"metadata": metadata, "spec": deepcopy(spec)}}
    loose = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
            "versions": [
                {"name": "v1beta1", "served": False, "storage": False, "schema": {"openAPIV3Schema": loose}},
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}},
                {"name": "v2", "served": True, "storage": False, "schema": {"openAPIV3Schema": loose}},
            ],
        },
    }


def widget() -> Body:
    spec: dict[str, Any] = {
        "size": 3,
        "names": ["one"],
        "port": "http",
        "owner": None,
        "labels": {"any": "thing"},
        "free": {"any": 1, "strict": {"known": True}},
        "template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"a": "b"}}, "spec": {}},
        "parts": [{"weight": 0.5}],
        "source": {"file": "a"},
        "odd": "latin",
    }
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "web"}, "spec": spec}


def findings(change: Change | None = None, *, given: bool = True, definition: Body | None = None) -> list[Finding]:
    """The findings in the widget after `change`, whose CRD is given by the user, or declared by the program."""
    body = widget()
    if change:
        change(body)
    known = definition or crd()
    manifests = [manifest(body), *([] if given else [manifest(known)])]
    return check(manifests, definitions=Definitions(manifests, [known] if given else []))
