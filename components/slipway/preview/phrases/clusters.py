"""Providers, each of which is a way to a cluster."""

from __future__ import annotations

from typing import Any

from slipway.preview.phrases.values import at


def _provider(inputs: dict[str, Any]) -> str:
    context = at(inputs, "context")
    return f"context {context}" if context else ""


PHRASES = {"pulumi:providers:kubernetes": _provider}
