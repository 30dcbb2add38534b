"""The inputs of a bundle as plain values, because the tools that render cannot read the engine's protocol."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

from slipway.preview.bundles.errors import BundleError, NotRenderedError
from slipway.preview.config import WITHHELD

# The SDK has constants for the protocol's signatures, under private names.
_SIGNATURE = rpc._special_sig_key  # pyright: ignore[reportPrivateUsage]
_SECRET = rpc._special_secret_sig  # pyright: ignore[reportPrivateUsage]
_OUTPUT = rpc._special_output_value_sig  # pyright: ignore[reportPrivateUsage]
_ASSET = rpc._special_asset_sig  # pyright: ignore[reportPrivateUsage]


def plain(struct: struct_pb2.Struct, disguise: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """The inputs with `disguise` applied to secrets, assets as their text, and null as None.

    Raises NotRenderedError for an unknown value, BundleError for a value that no chart can be given.
    """
    return {key: _plain(value, key, disguise) for key, value in json_format.MessageToDict(struct).items()}


def _plain(value: Any, path: str, disguise: Callable[[Any], Any]) -> Any:
    match value:
        case dict():
            return _mapping(cast("dict[str, Any]", value), path, disguise)
        case list():
            items = enumerate(cast("list[Any]", value))
            return [_plain(item, f"{path}[{place}]", disguise) for place, item in items]
        case str() if rpc.UNKNOWN in value or WITHHELD in value:
            raise _unknown(path)
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _mapping(value: dict[str, Any], path: str, disguise: Callable[[Any], Any]) -> Any:
    match value.get(_SIGNATURE):
        case None:
            return {key: _plain(item, f"{path}.{key}", disguise) for key, item in value.items()}
        case signature if signature in (_SECRET, _OUTPUT):
            if "value" not in value:
                raise _unknown(path)
            found = _plain(value["value"], path, disguise)
            return disguise(found) if signature == _SECRET or value.get("secret") else found
        case signature if signature == _ASSET:
            return _text(value, path)
        case _:
            raise BundleError(f"{path} is an archive or a resource, which a chart cannot take: pass text or a file")


def _text(asset: dict[str, Any], path: str) -> str:
    if asset.get("uri"):
        raise NotRenderedError(f"{path} is read from {asset['uri']}, and a preview never uses the network: use a file")
    if not asset.get("path"):
        return str(asset.get("text", ""))
    try:
        return Path(asset["path"]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BundleError(f"{path}: {asset['path']} cannot be read: {why}") from None


def _unknown(path: str) -> NotRenderedError:
    return NotRenderedError(f"{path} is not known before a deployment, and so nothing that is made of it is")
