"""The provider's answers to the older classes, which register their children in the program."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slipway.preview.bundles import helm, kustomize
from slipway.preview.bundles.differences import marked
from slipway.preview.bundles.yaml_text import decode
from slipway.preview.manifests import is_namespaced
from slipway.preview.model import COMPUTED, Placeholder

_SOMETHING = Placeholder(f"({COMPUTED})")
"""An unknown value, as a part of a text. If the value itself were unknown, the SDK would drop the whole chart."""

Objects = list[dict[str, Any]]
Arguments = dict[str, Any]


def _yaml(arguments: Arguments) -> Objects:
    return _kept(decode(str(arguments["text"])), str(arguments.get("defaultNamespace") or ""))


def _directory(arguments: Arguments) -> Objects:
    with_helm = os.environ.get("PULUMI_K8S_KUSTOMIZE_HELM", "").lower() in ("1", "true")
    return _kept(decode(kustomize.build(str(arguments["directory"]), restricted=not with_helm)), "")


def _template(arguments: Arguments) -> Objects:
    given: dict[str, Any] = json.loads(str(arguments["jsonOpts"]))
    with ThreadPoolExecutor() as pool:
        once, again = pool.map(helm.template, [_chart(given)] * 2, helm.ZONES)
    with_tests = bool(given.get("include_test_hook_resources"))
    made, other = (
        [*each.objects, *(body for body in each.hooks if with_tests or not helm.is_test(body))]
        for each in (once, again)
    )
    return _kept(marked(made, other, lambda _: _SOMETHING), str(given.get("namespace") or ""))


def _chart(given: dict[str, Any]) -> helm.Chart:
    fetched: dict[str, Any] = given.get("fetch_opts") or {}
    repository = str(given.get("repo") or "")
    path = given.get("path")
    name = str(given.get("chart") or "")
    return helm.Chart(
        path=path or (f"{repository}/{name}" if repository and not name.startswith(f"{repository}/") else name),
        # Without a path the provider downloads the chart, even if it is here.
        repository=None if path else str(fetched.get("repo") or ""),
        version=str(given.get("version") or fetched.get("version") or ""),
        name=str(given.get("release_name")),
        namespace=str(given.get("namespace") or "default"),
        values=given.get("values") or {},
        crds=not given.get("skip_crd_rendering"),
        kubernetes=str(given.get("kube_version") or ""),
        api_versions=given.get("api_versions") or (),
    )


def _kept(objects: Objects, namespace: str) -> Objects:
    """The entries that are objects. One without a namespace gets `namespace`, if its kind may be namespaced."""
    found = [body for body in objects if body.get("kind") and body.get("apiVersion")]
    for body in found if namespace else ():
        if is_namespaced(body["apiVersion"], body["kind"]) is not False:
            metadata = body["metadata"] = dict(body.get("metadata") or {})
            metadata["namespace"] = metadata.get("namespace") or namespace
    return found


ANSWERS: dict[str, Callable[[Arguments], Objects]] = {
    "kubernetes:yaml:decode": _yaml,
    "kubernetes:kustomize:directory": _directory,
    "kubernetes:helm:template": _template,
}
