"""Finds resources that a program made and never registered."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pulumi
import pulumi.resource

from slipway.preview.model import Diagnostic, Registration, Severity


def count_begun() -> Counter[tuple[str, str]]:
    """Counts, from now on, each resource that the program begins to register, by type and name."""
    begun: Counter[tuple[str, str]] = Counter()
    resource_module = cast("Any", pulumi.resource)
    original = resource_module.register_resource

    def register(resource: pulumi.Resource, type_: str, name: str, *rest: Any, **named: Any) -> None:
        original(resource, type_, name, *rest, **named)
        begun[type_, name] += 1

    resource_module.register_resource = register
    return begun


def lost(begun: Counter[tuple[str, str]], registrations: list[Registration]) -> list[Diagnostic]:
    """Resources that were never registered although the program ended well: a thread's event loop can end too soon."""
    missing = begun - Counter((one.type, one.name) for one in registrations)
    text = "{} {} is missing: the event loop that was to register it ended first, so let it wait for its URN"
    return [
        Diagnostic(severity=Severity.ERROR, message=text.format(type_.rpartition(":")[2], name))
        for type_, name in sorted(missing)
    ]
