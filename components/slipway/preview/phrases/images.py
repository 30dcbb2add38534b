"""Images: from what they are built, and where they go."""

from __future__ import annotations

from typing import Any

from slipway.preview.model import Placeholder
from slipway.preview.phrases.values import at, joined

_ORIGINS = {"reused": "reused, as released from these sources", "promoted": "promoted, never built here"}


def _component(outputs: dict[str, Any]) -> str:
    # Of one that is built, the build below it tells.
    origin = _ORIGINS.get(outputs.get("origin", ""))
    return f"{origin}: {outputs['ref']}" if origin else ""


def _build(inputs: dict[str, Any]) -> str:
    kept = inputs.get("skipPush")
    goes = "" if isinstance(kept, Placeholder) else "kept by the local engine" if kept else "pushed"
    return joined(f"built from {at(inputs, 'build', 'context')}", goes)


PHRASES = {"docker:index:Image": _build, "slipway:index:Image": _component}
