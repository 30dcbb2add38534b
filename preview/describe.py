"""One short phrase for what matters most of a resource, for the tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from preview.manifests import leaves_replicas
from preview.model import Registration


def title(registration: Registration) -> tuple[str, str]:
    """Its kind, and what it is called in the cluster or the registry (else in the program)."""
    kind = registration.type.rpartition(":")[2]
    name = _at(registration.inputs, "metadata", "name") or registration.inputs.get("imageName") or registration.name
    return kind, str(name)


def detail(registration: Registration) -> str:
    """The phrase; empty where a resource has nothing that a reader would look for first."""
    kind = registration.type.rpartition(":")[2]
    tell = _DETAILS.get((registration.type.partition(":")[0], kind))
    # What a component is, it tells by its outputs.
    told = registration.inputs if registration.custom else registration.outputs or {}
    phrase = tell(told) if tell else ""
    return f"starts with {phrase}" if phrase and leaves_replicas(registration) else phrase


def _at(value: Any, *path: str) -> Any:
    """What is at `path`, or None where the shape is another."""
    for key in path:
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value


def _mapping(value: Any, *path: str) -> dict[str, Any]:
    found = _at(value, *path)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _items(value: Any, *path: str) -> list[Any]:
    found = _at(value, *path)
    return cast("list[Any]", found) if isinstance(found, list) else []


def _workload(inputs: dict[str, Any]) -> str:
    replicas = _at(inputs, "spec", "replicas")
    count = "replicas left to others" if replicas is None else f"{replicas} replica{'' if replicas == 1 else 's'}"
    containers = _items(inputs, "spec", "template", "spec", "containers")
    requests = _mapping(containers[0], "resources", "requests") if containers else {}
    return ", ".join([count, *(f"{amount} {what}" for what, amount in sorted(requests.items()))])


def _service(inputs: dict[str, Any]) -> str:
    ports = [f"{_at(port, 'name') or ''}:{_at(port, 'port')}" for port in _items(inputs, "spec", "ports")]
    return " ".join([_at(inputs, "spec", "type") or "ClusterIP", *ports])


def _autoscaler(inputs: dict[str, Any]) -> str:
    metrics = [
        f"{_at(metric, 'resource', 'name')} {_at(metric, 'resource', 'target', 'averageUtilization')} %"
        if _at(metric, "type") == "Resource"
        else str(_at(metric, "type"))
        for metric in _items(inputs, "spec", "metrics")
    ]
    least, most = _at(inputs, "spec", "minReplicas") or 1, _at(inputs, "spec", "maxReplicas")
    return f"{least} to {most} replicas by {', '.join(metrics) or 'cpu 80 %'}"


def _contents(inputs: dict[str, Any]) -> str:
    keys = sorted({key for part in ("data", "binaryData", "stringData") for key in _mapping(inputs, part)})
    return f"{', '.join(keys)}{' (immutable)' if inputs.get('immutable') else ''}"


def _namespace(inputs: dict[str, Any]) -> str:
    enforced = _mapping(inputs, "metadata", "labels").get("pod-security.kubernetes.io/enforce")
    return f"enforces {enforced}" if enforced else "enforces no pod security"


def _quota(inputs: dict[str, Any]) -> str:
    return ", ".join(f"{what} {amount}" for what, amount in sorted(_mapping(inputs, "spec", "hard").items()))


_ORIGINS = {"reused": "reused, as released from these sources", "promoted": "promoted, never built here"}


def _component_image(outputs: dict[str, Any]) -> str:
    # Of one that is built, the build below it tells.
    origin = _ORIGINS.get(outputs.get("origin", ""))
    return f"{origin}: {outputs['ref']}" if origin else ""


def _image(inputs: dict[str, Any]) -> str:
    kept = "kept by the local engine" if inputs.get("skipPush") else "pushed"
    return f"built from {_at(inputs, 'build', 'context')}, {kept}"


_DETAILS: dict[tuple[str, str], Callable[[dict[str, Any]], str]] = {
    ("kubernetes", "Deployment"): _workload,
    ("kubernetes", "StatefulSet"): _workload,
    ("kubernetes", "Service"): _service,
    ("kubernetes", "HorizontalPodAutoscaler"): _autoscaler,
    ("kubernetes", "ConfigMap"): _contents,
    ("kubernetes", "Secret"): _contents,
    ("kubernetes", "Namespace"): _namespace,
    ("kubernetes", "ResourceQuota"): _quota,
    ("docker", "Image"): _image,
    ("slipway", "Image"): _component_image,
}
