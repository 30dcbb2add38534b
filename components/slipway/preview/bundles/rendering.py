"""Turns a bundle's inputs into its children, and reports what cannot be known."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from google.protobuf import struct_pb2

from slipway.preview.bundles import helm
from slipway.preview.bundles.children import Child
from slipway.preview.bundles.differences import disguised, marked_children
from slipway.preview.bundles.errors import BundleError, NotRenderedError
from slipway.preview.bundles.inputs import plain
from slipway.preview.bundles.newer import (
    CHART,
    DIRECTORY,
    FILE,
    GROUP,
    Made,
    chart,
    config_file,
    config_group,
    directory,
)
from slipway.preview.bundles.older import ANSWERS
from slipway.preview.bundles.release import RELEASE, release
from slipway.preview.model import COMPUTED, Diagnostic, Secret, Severity

_MAKERS: dict[str, Callable[[str, dict[str, Any], str], Made]] = {
    FILE: config_file,
    GROUP: config_group,
    DIRECTORY: directory,
}
_TEMPLATES: dict[str, Callable[[str, dict[str, Any], str, str], Made]] = {CHART: chart, RELEASE: release}


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What a bundle makes, and what to report about it."""

    children: list[Child] = field(default_factory=list[Child])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])


def rendered(type_: str, name: str, inputs: struct_pb2.Struct, namespace: str, source: str | None) -> Rendered:
    """The resources that the provider makes for a component, or Helm for a release.

    `namespace` is the provider's default, `source` the line of the program that declares the bundle.
    """
    told = f"{type_.rpartition(':')[2]} {name}"
    if type_ not in (*_MAKERS, *_TEMPLATES):
        why = f"the package {type_.partition(':')[0]} builds it, and does not run offline"
        return Rendered(diagnostics=[incomplete(told, why, source)])
    try:
        made = _made(type_, name, inputs, namespace)
    except NotRenderedError as error:
        return Rendered(diagnostics=[incomplete(told, str(error), source)])
    except BundleError as error:
        return Rendered(diagnostics=[_wrong(told, error, source)])
    said = [(each, True) for each in made.missing] + [(each, False) for each in made.notes]
    return Rendered(
        children=made.children, diagnostics=[_warning(f"{told}: {each}", source, lost) for each, lost in said]
    )


def _made(type_: str, name: str, inputs: struct_pb2.Struct, namespace: str) -> Made:
    known = plain(inputs)
    if make := _MAKERS.get(type_):
        return make(name, known, namespace)
    template = _TEMPLATES[type_]
    here, there = helm.ZONES
    attempts = [(known, here), (known, there)]
    if (other := plain(inputs, disguised)) != known:
        attempts.append((other, here))
    with ThreadPoolExecutor() as pool:
        made, again, *others = [pool.submit(template, name, given, namespace, zone) for given, zone in attempts]
    found = marked_children(made.result().children, again.result().children, lambda _: COMPUTED)
    with contextlib.suppress(BundleError):
        # If a chart refuses the stand-ins, a secret is found only by its value.
        for each in others:
            found = marked_children(found, each.result().children, Secret)
    return replace(made.result(), children=found)


def answered(token: str, told: str, arguments: dict[str, Any]) -> tuple[list[dict[str, Any]], list[Diagnostic]]:
    """The objects that the provider returns to a bundle of an older class, and what to report about it."""
    try:
        return ANSWERS[token](arguments), []
    except NotRenderedError as error:
        return [], [incomplete(told, str(error), None)]
    except BundleError as error:
        return [], [_wrong(told, error, None)]


def incomplete(told: str, why: str, source: str | None) -> Diagnostic:
    return _warning(f"{told} is not rendered: {why}", source, True)


def _warning(message: str, source: str | None, lost: bool) -> Diagnostic:
    return Diagnostic(severity=Severity.WARNING, message=message, source=source, incomplete=lost)


def _wrong(told: str, error: BundleError, source: str | None) -> Diagnostic:
    return Diagnostic(severity=Severity.ERROR, message=f"{told}: {error}", source=source)
