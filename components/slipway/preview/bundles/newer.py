"""The bundles that the provider builds. It registers their children under names that it chooses.

https://github.com/pulumi/pulumi-kubernetes/tree/master/provider/pkg/provider (yaml, kustomize, helm)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slipway.preview.bundles import files, helm, kustomize
from slipway.preview.bundles.children import Child, children, unplaced
from slipway.preview.bundles.lookups import LOOKS_UP, looks_up
from slipway.preview.bundles.yaml_text import decode

FILE = "kubernetes:yaml/v2:ConfigFile"
GROUP = "kubernetes:yaml/v2:ConfigGroup"
DIRECTORY = "kubernetes:kustomize/v2:Directory"
CHART = "kubernetes:helm.sh/v4:Chart"

Inputs = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a bundle makes. `missing` says what it makes but is not shown, `notes` what else the user should know."""

    children: list[Child]
    missing: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])


def config_file(name: str, inputs: Inputs, namespace: str) -> Made:
    return _made(files.read_file(inputs["file"]), name, inputs, namespace)


def config_group(name: str, inputs: Inputs, namespace: str) -> Made:
    found = files.read_group(inputs.get("files") or (), inputs.get("yaml") or "", inputs.get("objs") or ())
    return _made(found, name, inputs, namespace)


def directory(name: str, inputs: Inputs, namespace: str) -> Made:
    text = kustomize.build(inputs["directory"], restricted=False)
    return _made(decode(text), name, inputs, inputs.get("namespace") or namespace)


def chart(name: str, inputs: Inputs, namespace: str, zone: str) -> Made:
    namespace = inputs.get("namespace") or namespace
    rendered = helm.template(_chart(name, inputs, namespace), zone)
    made = _made(rendered.objects, name, inputs, namespace)
    if looks_up(Path(inputs["chart"])):
        made.notes.append(LOOKS_UP)
    if inputs.get("includeHooks"):
        made.notes.append("includeHooks does nothing without renderYamlToDirectory: its hooks are left out")
    return made


def _chart(name: str, inputs: Inputs, namespace: str) -> helm.Chart:
    path = str(inputs["chart"]).strip()
    # Helm takes a local chart before it asks a repository.
    here = Path(path).exists() or path.startswith((".", "/"))
    post: Inputs = inputs.get("postRenderer") or {}
    repository: Inputs = inputs.get("repositoryOpts") or {}
    return helm.Chart(
        path=path,
        repository=None if here else str(repository.get("repo") or ""),
        version=str(inputs.get("version") or ""),
        name=inputs.get("name") or name,
        namespace=namespace,
        values=inputs.get("values") or {},
        values_files=inputs.get("valueYamlFiles") or (),
        crds=not inputs.get("skipCrds"),
        post_renderer=(post["command"], *(post.get("args") or ())) if post else (),
    )


def _made(objects: Iterable[dict[str, Any]], name: str, inputs: Inputs, namespace: str) -> Made:
    given = inputs.get("resourcePrefix")
    found = children(
        objects,
        prefix=name if given is None else given,
        namespace=namespace,
        skip_await=bool(inputs.get("skipAwait")),
    )
    return Made(children=found, notes=scope_notes(found))


def scope_notes(found: list[Child]) -> list[str]:
    """A note about kinds of which nobody knows whether they are namespaced."""
    if not (kinds := unplaced(found)):
        return []
    return [
        f"whether {', '.join(kinds)} lives in a namespace only the cluster knows: set metadata.namespace, "
        "or add the CustomResourceDefinition"
    ]
