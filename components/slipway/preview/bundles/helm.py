"""Renders a Helm chart with the `helm` on PATH."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from slipway.preview.bundles import programs
from slipway.preview.bundles.errors import BundleError, NotRenderedError
from slipway.preview.bundles.yaml_text import decode

KUBERNETES = "1.36.0"
"""The Kubernetes version that charts see. The checks assume the same one."""

ZONES = ("Etc/GMT+12", "Etc/GMT-14")
"""Two time zones that never have the same date. So a value that a chart makes from the time differs."""

HOOK = "helm.sh/hook"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart and the options to render it with.

    `repository` is the address that `path` would be downloaded from ("" for the ones that Helm is configured
    with), None for a local chart. `values` override `values_files` (texts), and later files override earlier ones.
    """

    path: str
    name: str
    namespace: str
    repository: str | None
    version: str = ""
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    values_files: Sequence[str] = ()
    crds: bool = True
    kubernetes: str = ""
    api_versions: Sequence[str] = ()
    post_renderer: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A chart's objects, and separately the objects of its hooks."""

    objects: list[dict[str, Any]]
    hooks: list[dict[str, Any]]


def template(chart: Chart, zone: str) -> Rendered:
    """Runs `helm template` in a time zone.

    Raises NotRenderedError if helm or the chart is missing here, BundleError if helm refuses the chart.
    """
    _check_local(chart)
    helm = programs.found("helm")
    if not helm:
        raise NotRenderedError(f"helm is not on PATH, which renders the chart {chart.path}: install it")
    command = [helm, "template", chart.name, chart.path, "--namespace", chart.namespace, "--values", "-"]
    command += ["--include-crds"] if chart.crds else []
    command += ["--kube-version", chart.kubernetes or KUBERNETES]
    command += [part for version in chart.api_versions for part in ("--api-versions", version)]
    if chart.post_renderer:
        program, *arguments = chart.post_renderer
        command += ["--post-renderer", program, *(f"--post-renderer-args={argument}" for argument in arguments)]
    try:
        text = programs.run(command, stdin=json.dumps(_values(chart)), TZ=zone)
    except BundleError as error:
        if "missing in charts/" in str(error):
            way_out = f"run `helm dependency build {chart.path}`"
            raise NotRenderedError(f"the chart {chart.path} lacks the charts that it depends on: {way_out}") from None
        raise
    objects = decode(text)
    hooks = [body for body in objects if is_hook(body)]
    return Rendered(objects=[body for body in objects if body not in hooks], hooks=hooks)


def is_hook(body: dict[str, Any]) -> bool:
    """Whether the object is a hook: helm runs it at some moment and does not keep it as a part of the release."""
    return HOOK in _annotations(body)


def is_test(body: dict[str, Any]) -> bool:
    return "test" in str(_annotations(body).get(HOOK))


def _annotations(body: dict[str, Any]) -> dict[str, Any]:
    metadata: Any = body.get("metadata")
    found: Any = metadata.get("annotations") if isinstance(metadata, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _check_local(chart: Chart) -> None:
    if chart.repository is None:
        if not Path(chart.path).exists():
            raise BundleError(f"the chart {chart.path} does not exist: name a folder with a Chart.yaml, or an archive")
        return
    source = f" --repo {chart.repository}" if "://" in chart.repository else ""
    version = f" --version {chart.version}" if chart.version else ""
    raise NotRenderedError(
        f"the chart {chart.path} would be downloaded, and a preview never uses the network: "
        f"run `helm pull {chart.path}{source}{version} --untar` beside the program, and name the folder"
    )


def _values(chart: Chart) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for text in chart.values_files:
        for body in decode(text)[:1]:
            merged = _merged(merged, body)
    return _merged(merged, chart.values)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Merges values as Helm does: mappings key by key; any other value replaces the earlier one."""
    found = dict(base)
    for key, value in over.items():
        below = found.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        found[key] = _merged(cast("dict[str, Any]", below), cast("dict[str, Any]", value)) if both else value
    return found
