"""One short phrase for what matters most of a resource, for the tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from slipway.preview.manifests import is_kept, leaves_replicas
from slipway.preview.model import Registration


def title(registration: Registration) -> tuple[str, str]:
    """Its kind, and what it is called in the cluster or the registry (else in the program)."""
    kind = _kind(registration)
    name = _at(registration.inputs, "metadata", "name") or registration.inputs.get("imageName") or registration.name
    return kind, str(name)


def detail(registration: Registration) -> str:
    """The phrase; empty where a resource has nothing that a reader would look for first."""
    if registration.read:
        # It exists already, and what it is like is not known from here.
        return f"read: {registration.options.get('id', registration.name)}"
    kind = _kind(registration)
    tell = _DETAILS.get((registration.type.partition(":")[0], kind))
    # What a component is, it tells by its outputs.
    told = registration.inputs if registration.custom else registration.outputs or {}
    phrase = tell(told) if tell else ""
    if is_kept(registration.inputs):
        return _joined(phrase, "outlives the stack")
    return f"starts with {phrase}" if phrase and leaves_replicas(registration) else phrase


def _kind(registration: Registration) -> str:
    kind = registration.type.rpartition(":")[2]
    return kind.removesuffix("Patch") if is_kept(registration.inputs) else kind


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
    return _joined(count, *_pods(_at(inputs, "spec", "template", "spec")))


def _daemons(inputs: dict[str, Any]) -> str:
    return _joined("a pod on each node", *_pods(_at(inputs, "spec", "template", "spec")))


def _job(inputs: dict[str, Any]) -> str:
    return _joined(*_pods(_at(inputs, "spec", "template", "spec")))


def _cron_job(inputs: dict[str, Any]) -> str:
    pod = _at(inputs, "spec", "jobTemplate", "spec", "template", "spec")
    return _joined(str(_at(inputs, "spec", "schedule") or ""), *_pods(pod))


def _pod(inputs: dict[str, Any]) -> str:
    return _joined(*_pods(_at(inputs, "spec")))


def _joined(*phrases: str) -> str:
    return ", ".join(filter(None, phrases))


def _pods(pod: Any) -> list[str]:
    """The first container's image and requests, and the images of the others by name."""
    phrases: list[str] = []
    for place, container in enumerate(_items(pod, "containers")):
        if place == 0:
            requests = _mapping(container, "resources", "requests")
            phrases += [_image_of(pod, container), *(f"{amount} {what}" for what, amount in sorted(requests.items()))]
        else:
            phrases.append(f"beside it {_named(pod, container)}")
    for container in _items(pod, "initContainers"):
        role = "sidecar" if _at(container, "restartPolicy") == "Always" else "init"
        phrases.append(f"{role} {_named(pod, container)}")
    return phrases


def _named(pod: Any, container: Any) -> str:
    return " ".join(filter(None, (str(_at(container, "name") or "unnamed"), _image_of(pod, container))))


def _image_of(pod: Any, container: Any) -> str:
    """The image, and what nothing but the image itself can tell: whether its user is not root."""
    image = _at(container, "image")
    of_pod, own = _mapping(pod, "securityContext"), _mapping(container, "securityContext")
    context = {**of_pod, **{key: value for key, value in own.items() if value is not None}}
    needs_user = context.get("runAsNonRoot") is True and context.get("runAsUser") is None
    return "" if image is None else f"{image}{' (its user must not be root)' if needs_user else ''}"


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


def _claim(inputs: dict[str, Any]) -> str:
    name = _at(inputs, "spec", "storageClassName")
    of_class = "the default class" if name is None else f"class {name}" if name else "no class"
    size = str(_at(inputs, "spec", "resources", "requests", "storage") or "")
    return _joined(size, of_class, *map(str, _items(inputs, "spec", "accessModes")))


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
    ("kubernetes", "ReplicaSet"): _workload,
    ("kubernetes", "DaemonSet"): _daemons,
    ("kubernetes", "Job"): _job,
    ("kubernetes", "CronJob"): _cron_job,
    ("kubernetes", "Pod"): _pod,
    ("kubernetes", "Service"): _service,
    ("kubernetes", "HorizontalPodAutoscaler"): _autoscaler,
    ("kubernetes", "ConfigMap"): _contents,
    ("kubernetes", "Secret"): _contents,
    ("kubernetes", "Namespace"): _namespace,
    ("kubernetes", "PersistentVolumeClaim"): _claim,
    ("kubernetes", "ResourceQuota"): _quota,
    ("docker", "Image"): _image,
    ("slipway", "Image"): _component_image,
}
