"""Configuration: which keys there are, never what is in them."""

from __future__ import annotations

from typing import Any

from slipway.preview.model import Placeholder
from slipway.preview.phrases.values import at, each, joined, mapping, referred


def _contents(inputs: dict[str, Any]) -> str:
    parts = [inputs.get(part) for part in ("data", "binaryData", "stringData")]
    keys = sorted({key for part in parts for key in mapping(part)})
    keys += [str(part) for part in parts if isinstance(part, Placeholder)]
    return f"{', '.join(keys)}{' (immutable)' if inputs.get('immutable') is True else ''}"


def _external_secret(inputs: dict[str, Any]) -> str:
    """https://external-secrets.io/latest/api/externalsecret/"""
    store, every = referred(at(inputs, "spec", "secretStoreRef"), "SecretStore"), at(inputs, "spec", "refreshInterval")
    keys = each(lambda one: str(at(one, "secretKey")), inputs, "spec", "data")
    whole = each(lambda _: "all of a source", inputs, "spec", "dataFrom")
    return joined(*keys, *whole, f"from {store}" if store else "", f"every {every}" if every else "")


def _password(inputs: dict[str, Any]) -> str:
    return f"{at(inputs, 'length')} characters, made once"


PHRASES = {
    "kubernetes:core:ConfigMap": _contents,
    "kubernetes:core:Secret": _contents,
    "kubernetes:external-secrets.io:ExternalSecret": _external_secret,
    "random:index:RandomPassword": _password,
}
