"""Extensions of the API itself."""

from __future__ import annotations

from typing import Any

from slipway.preview.phrases.values import at, each, joined


def _definition(inputs: dict[str, Any]) -> str:
    what = f"{at(inputs, 'spec', 'scope')} {at(inputs, 'spec', 'names', 'kind')}"
    return joined(what, *each(_version, inputs, "spec", "versions"))


def _version(one: Any) -> str:
    not_served = "" if at(one, "served") is not False else " (not served)"
    return f"{at(one, 'name')}{' (stored)' if at(one, 'storage') is True else ''}{not_served}"


PHRASES = {"kubernetes:apiextensions.k8s.io:CustomResourceDefinition": _definition}
