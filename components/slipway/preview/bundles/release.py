"""A `helm.v3.Release`, which Helm installs. `helm template` shows its objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slipway.preview.bundles import helm
from slipway.preview.bundles.children import children
from slipway.preview.bundles.lookups import LOOKS_UP, looks_up
from slipway.preview.bundles.newer import Made, scope_notes

RELEASE = "kubernetes:helm.sh/v3:Release"


def release(name: str, inputs: dict[str, Any], namespace: str, zone: str) -> Made:
    """The objects of the release. `inputs` must have its name; if the program gave none, the provider makes one."""
    namespace = inputs.get("namespace") or namespace
    path = str(inputs["chart"]).strip()
    repository: dict[str, Any] = inputs.get("repositoryOpts") or {}
    rendered = helm.template(
        helm.Chart(
            path=path,
            repository=_repository(path, str(repository.get("repo") or "")),
            version=str(inputs.get("version") or ""),
            name=inputs["name"],
            namespace=namespace,
            values=inputs.get("values") or {},
            values_files=inputs.get("valueYamlFiles") or (),
            crds=not inputs.get("skipCrds"),
            post_renderer=(inputs["postrender"],) if inputs.get("postrender") else (),
        ),
        zone,
    )
    made = [_namespace(namespace)] if inputs.get("createNamespace") else []
    found = children([*made, *rendered.objects], prefix=name, namespace=namespace)
    hooks = [] if inputs.get("disableWebhooks") else [body for body in rendered.hooks if not helm.is_test(body)]
    notes = scope_notes(found) + ([LOOKS_UP] if looks_up(Path(path)) else [])
    return Made(children=found, missing=[_told(hooks)] if hooks else [], notes=notes)


def _repository(path: str, repository: str) -> str | None:
    """None for a local chart: a file, or a folder with a chart if the program gives no repository address."""
    here = Path(path).is_file() or (Path(path) / "Chart.yaml").is_file() or path.startswith((".", "/"))
    return None if here and "://" not in repository else repository


def _namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"name": name}}}


def _told(hooks: list[dict[str, Any]]) -> str:
    named = ", ".join(sorted(f"{body.get('kind')} {body['metadata'].get('name')}" for body in hooks))
    return f"its hooks are not rendered, as Helm runs them itself while it installs: {named}"
