"""Images: from what they are built, and where they go."""

from __future__ import annotations

from typing import Any

from slipway.preview.model import Placeholder, Registration
from slipway.preview.phrases.values import at, items, joined, mapping

_ORIGINS = {"reused": "reused, as released from these sources", "promoted": "promoted, never built here"}


def reference(registration: Registration) -> str:
    """The name of the image that a resource builds; empty for any other resource."""
    if registration.type == "docker-build:index:Image":
        return str(next(iter(items(registration.inputs, "tags")), ""))
    return str(registration.inputs.get("imageName") or "")


def _component(outputs: dict[str, Any]) -> str:
    # Of one that is built, the build below it tells.
    origin = _ORIGINS.get(outputs.get("origin", ""))
    return f"{origin}: {outputs['ref']}" if origin else ""


def _build(inputs: dict[str, Any]) -> str:
    kept = inputs.get("skipPush")
    goes = "" if isinstance(kept, Placeholder) else "kept by the local engine" if kept else "pushed"
    return joined(f"built from {at(inputs, 'build', 'context')}", goes)


def _buildkit(inputs: dict[str, Any]) -> str:
    pushed = inputs.get("push")
    goes = "" if isinstance(pushed, Placeholder) else "pushed" if pushed else "kept by the local engine"
    # Where one of them is not known, the SDK sends them all as not known.
    secrets = [f"secret {id_}" for id_ in mapping(inputs, "secrets")] or ["secrets"] * bool(inputs.get("secrets"))
    needs = [*secrets, *["SSH"] * bool(inputs.get("ssh"))]
    platforms = " and ".join(map(str, items(inputs, "platforms")))
    of = f"built from {at(inputs, 'context', 'location')}{f' for {platforms}' if platforms else ''}"
    return joined(of, f"with {' and '.join(needs)}" if needs else "", goes)


PHRASES = {"docker:index:Image": _build, "docker-build:index:Image": _buildkit, "slipway:index:Image": _component}
