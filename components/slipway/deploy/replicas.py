"""Numbers of pods that somebody else sets. `apply` states them when it creates a workload, and then leaves them alone.

In server-side apply, a field that its only owner leaves out falls back to its default. For `replicas` that is one
pod. So `apply` first hands the field, with its current value, to another field manager.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.preview.model import Manifest

MANAGER = "slipway"
"""The field manager of everything that a stack declares."""

_KEEPER = "slipway-initial-replicas"
"""The field manager that owns the number of pods until an autoscaler or a user changes it."""

_ATTEMPTS = 5


@dataclass(frozen=True)
class Scaled:
    """A workload whose number of pods somebody else sets, and its initial number (None: Kubernetes' default)."""

    kind: str
    namespace: str
    name: str
    initial: int | None

    def is_(self, body: dict[str, Any]) -> bool:
        return (body["kind"], body["metadata"]["name"]) == (self.kind, self.name)


def scaled(manifests: Iterable[Manifest]) -> list[Scaled]:
    """The workloads whose number of pods the program leaves to others, and the targets of its autoscalers.

    An autoscaler is any object with a `scaleTargetRef`, such as a HorizontalPodAutoscaler or KEDA's ScaledObject.
    """
    known = list(manifests)
    least = dict(_targets(known))
    found: list[Scaled] = []
    for one in known:
        key = (one.kind, one.namespace, one.name)
        if one.namespace and (key in least or one.initial_replicas is not None):
            stated = [one.initial_replicas, one.body.get("spec", {}).get("replicas"), least.get(key)]
            initial = next((count for count in stated if count is not None), None)
            found.append(Scaled(one.kind, one.namespace, one.name, initial))
    return found


def _targets(manifests: Iterable[Manifest]) -> Iterator[tuple[tuple[str, str | None, str], int | None]]:
    """The targets of autoscalers, each with its minimum number of pods."""
    for one in manifests:
        spec: dict[str, Any] = one.body.get("spec") or {}
        target = spec.get("scaleTargetRef")
        if isinstance(target, dict) and "name" in target:
            kind, name = str(target.get("kind", "Deployment")), str(target["name"])  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            yield (kind, one.namespace, name), spec.get("minReplicas") or spec.get("minReplicaCount")


def hand_over(kubectl: Kubectl, workload: Scaled) -> bool:
    """Hands over the number of pods without changing it; False if the workload does not exist yet.

    Raises DeployError if somebody else keeps changing the number between reading and handing over.
    """
    for attempt in range(_ATTEMPTS):
        place = (workload.kind, workload.name, "--namespace", workload.namespace)
        live = kubectl.get(*place, "--show-managed-fields")
        if not live:
            return False
        if not _owned(live[0]):
            return True
        metadata = {"name": workload.name, "namespace": workload.namespace}
        body = {"apiVersion": live[0]["apiVersion"], "kind": workload.kind, "metadata": metadata}
        body["spec"] = {"replicas": live[0]["spec"].get("replicas", 1)}
        try:
            kubectl.run(
                # The rest of the object exists already, so this part need not match the schema.
                *("apply", "--server-side", f"--field-manager={_KEEPER}", "--validate=false", "--filename=-"),
                stdin=json.dumps(body),
            )
        except DeployError as error:
            # Somebody has scaled it since it was read, and now owns the field.
            if "conflict" not in str(error) or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.2)
        else:
            return True
    return True


def _owned(live: dict[str, Any]) -> bool:
    """Whether we own the number of pods. Then leaving it out would reset it."""
    ours = [one for one in live["metadata"].get("managedFields", []) if one.get("manager") == MANAGER]
    return any("f:replicas" in one.get("fieldsV1", {}).get("f:spec", {}) for one in ours)


def retired(kubectl: Kubectl, namespace: str, ours: str, declared: Iterable[dict[str, Any]]) -> list[str]:
    """Our autoscalers of workloads that now have a fixed number of pods and no autoscaler.

    They would change the number as long as they exist. `ours` is the label selector that tells our autoscalers from
    those of another stack.
    """
    known = list(declared)
    kept = {body["metadata"]["name"] for body in known if body["kind"] == "HorizontalPodAutoscaler"}
    fixed = {(body["kind"], body["metadata"]["name"]) for body in known if "replicas" in (body.get("spec") or {})}
    if not fixed:
        return []
    stored = kubectl.get("horizontalpodautoscalers", "--namespace", namespace, "--selector", ours)
    targets = {one["metadata"]["name"]: one["spec"]["scaleTargetRef"] for one in stored}
    return [name for name, to in targets.items() if name not in kept and (to["kind"], to["name"]) in fixed]
