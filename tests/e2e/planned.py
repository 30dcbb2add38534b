"""Compares what the engine plans with what the offline preview shows, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from slipway.preview.model import SECRET, Secret
from slipway.preview.wire import decode_struct, encode

Inputs = Mapping[str, Any]

# What a provider's own check adds to an input. The Kubernetes provider generates missing names and, if it does not use
# server-side apply, adds a label. It changes nothing else that these components declare.
# https://github.com/pulumi/pulumi-docker/blob/master/provider/provider.go (Check)
_ADDED = {"docker:index/image:Image": {".buildOnPreview", ".build.contextDigest"}}


def differences(planned: Mapping[str, Inputs], offline: Mapping[str, Inputs]) -> list[str]:
    """The fields in which the inputs of resources differ. Both arguments are by URN.

    `planned` is in the form of the engine's events, with unknowns and secrets as in the protocol. `offline` is what
    `Project.planned` returns.
    """
    return [
        *(f"{urn}: the engine alone plans it" for urn in planned.keys() - offline.keys()),
        *(f"{urn}: the preview alone lists it" for urn in offline.keys() - planned.keys()),
        *(
            f"{urn}{path}: {said}"
            for urn in planned.keys() & offline.keys()
            for path, said in _differences(_decoded(planned[urn]), offline[urn])
            if path not in _ADDED.get(urn.split("::")[2].rpartition("$")[2], ())
        ),
    ]


def _decoded(inputs: Inputs) -> dict[str, Any]:
    """The value without signatures and nulls, and with the preview's placeholder for unknown values."""
    return decode_struct(encode(dict(inputs)).struct_value)


def _differences(planned: Any, offline: Any, path: str = "") -> Iterator[tuple[str, str]]:
    match planned, offline:
        case ((Secret() | "[secret]"), _) if _is_masked(offline):
            # A provider masks a Secret's data as a whole, the program masks each value.
            pass
        case dict(), dict():
            ours, theirs = cast("dict[str, Any]", offline), cast("dict[str, Any]", planned)
            for key in sorted(ours.keys() | theirs.keys()):
                if key in ours and key in theirs:
                    yield from _differences(theirs[key], ours[key], f"{path}.{key}")
                else:
                    yield f"{path}.{key}", "is the engine's alone" if key in theirs else "is the preview's alone"
        case list(), list() if len(cast("list[Any]", planned)) == len(cast("list[Any]", offline)):
            for index, pair in enumerate(zip(cast("list[Any]", planned), cast("list[Any]", offline), strict=True)):
                yield from _differences(*pair, f"{path}[{index}]")
        case _ if planned != offline:
            yield path, f"the engine plans {planned!r}, the preview says {offline!r}"
        case _:
            pass


def _is_masked(value: Any) -> bool:
    """Whether all of a value is masked."""
    match value:
        case dict():
            parts = list(cast("dict[str, Any]", value).values())
        case list():
            parts = cast("list[Any]", value)
        case _:
            return value == SECRET
    return bool(parts) and all(map(_is_masked, parts))
