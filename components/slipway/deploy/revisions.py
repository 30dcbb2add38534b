"""Finds the ConfigMaps and Secrets that a pod still reads or that a revision still needs.

`kubectl rollout undo` starts the pods of an earlier revision, and they read the objects that were declared with it.
So an object stays as long as a revision in the workload's history (`revisionHistoryLimit`, ten by default) reads it.
It is deleted with the last such revision, but not before the last pod that was made with it has ended: without a
history, old pods outlive their revision by the time they take to end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from slipway.deploy.kubectl import Kubectl

_KINDS = {"ConfigMap": "configmaps", "Secret": "secrets"}


def still_read(kubectl: Kubectl, namespace: str, ours: str, declared: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our objects in the namespace that are no longer declared and that a pod or revision reads, as stored.

    `ours` is the label selector that tells our objects from those of another stack in the same namespace.
    """
    known = {(body["kind"], body["metadata"]["name"]) for body in declared}
    readers = kubectl.get("replicasets,controllerrevisions,pods", "--namespace", namespace)
    wanted = {reference for reader in readers for reference in references(_pod(reader))} - known
    kept: list[dict[str, Any]] = []
    for kind, plural in _KINDS.items():
        if any(wanted_kind == kind for wanted_kind, _ in wanted):
            stored = kubectl.get(plural, "--namespace", namespace, "--selector", ours)
            kept += [_declared(one) for one in stored if (kind, one["metadata"]["name"]) in wanted]
    return kept


def _pod(reader: dict[str, Any]) -> Any:
    """The spec of a pod, or of the pods that a revision makes."""
    if reader["kind"] == "Pod":
        # A finished pod stays for its log, and reads nothing any more.
        return {} if reader["status"].get("phase") in ("Succeeded", "Failed") else reader["spec"]
    return (reader.get("data") or reader).get("spec", {}).get("template", {})


def references(value: Any) -> Iterator[tuple[str, str]]:
    """The ConfigMaps and Secrets in a pod template: in volumes, projections, variables and pull secrets."""
    if isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from references(item)
    elif isinstance(value, dict):
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            match key, item:
                case (("configMap" | "configMapRef" | "configMapKeyRef"), {"name": str(name)}):
                    yield "ConfigMap", name
                case "secret", {"secretName": str(name)}:
                    yield "Secret", name
                case (("secret" | "secretRef" | "secretKeyRef"), {"name": str(name)}):
                    yield "Secret", name
                case "imagePullSecrets", list():
                    yield from (("Secret", str(one["name"])) for one in item)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                case _:  # pyright: ignore[reportUnknownVariableType]
                    yield from references(item)


def _declared(stored: dict[str, Any]) -> dict[str, Any]:
    """An object as it was declared, without what the API server and the ApplySet have added."""
    metadata = stored["metadata"]
    labels = {key: value for key, value in metadata.get("labels", {}).items() if "applyset.kubernetes.io" not in key}
    kept = {"name": metadata["name"], "namespace": metadata["namespace"], "labels": labels}
    body = {key: value for key, value in stored.items() if key not in ("metadata", "status")}
    return {**body, "metadata": {**kept, "annotations": metadata.get("annotations", {})}}
