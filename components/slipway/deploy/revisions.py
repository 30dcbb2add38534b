"""The ConfigMaps and Secrets that a pod still reads or a revision can still ask for.

`kubectl rollout undo` starts the pods of an earlier revision, which read the objects that were
declared with it. So an object stays as long as the workload's own history
(`revisionHistoryLimit`, ten by default) has a revision that reads it, and goes with the last one;
but not before the last pod that was made with it: where there is no history, old pods outlive
their revision by the time they take to end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from slipway.deploy.kubectl import Kubectl

_KINDS = {"ConfigMap": "configmaps", "Secret": "secrets"}


def still_read(kubectl: Kubectl, namespace: str, ours: str, declared: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our objects of the namespace that are no longer declared and that somebody reads, as stored.

    `ours` is the label selector that tells them from those of another stack in the same namespace.
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
    """What a pod reads, or those that a revision makes."""
    if reader["kind"] == "Pod":
        # One that has run to its end stays for its log, and reads nothing any more.
        return {} if reader["status"].get("phase") in ("Succeeded", "Failed") else reader["spec"]
    return (reader.get("data") or reader).get("spec", {}).get("template", {})


def references(value: Any) -> Iterator[tuple[str, str]]:
    """What a pod template names, wherever it may: volumes, projections, variables, pull secrets."""
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
    """An object as it was declared: without what the API server and the apply set added."""
    metadata = stored["metadata"]
    labels = {key: value for key, value in metadata.get("labels", {}).items() if "applyset.kubernetes.io" not in key}
    kept = {"name": metadata["name"], "namespace": metadata["namespace"], "labels": labels}
    body = {key: value for key, value in stored.items() if key not in ("metadata", "status")}
    return {**body, "metadata": {**kept, "annotations": metadata.get("annotations", {})}}
