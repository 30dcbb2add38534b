"""Which workloads the manifests declare, and how many pods each has at least, at first, and at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from slipway.preview.checks.fields import get, items, mapping, text
from slipway.preview.checks.quantities import parse
from slipway.preview.model import Manifest

_REPLICATED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
# https://keda.sh/docs/latest/reference/scaledobject-spec/
_KEDA_MOST = 100


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One workload. `template` is a pod template, or a whole pod.

    `declared` is the number of pods that the program states, or that its autoscaler starts with. `surge` and
    `unavailable` are of a rolling update at the maximum. A workload `on_every_node` has a pod for each node that
    admits it, and its numbers mean nothing.
    """

    kind: str
    namespace: str
    name: str
    template: dict[str, Any]
    selector: dict[str, Any]
    declared: int = 1
    minimum: int = 1
    maximum: int = 1
    surge: int = 0
    unavailable: int = 0
    on_every_node: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def workloads(manifests: Sequence[Manifest]) -> list[Workload]:
    """The workloads in the order of the manifests."""
    scalers = dict(_autoscalers(manifests))
    return [found for manifest in manifests if (found := _workload(manifest, scalers)) is not None]


def unknowns(manifests: Sequence[Manifest]) -> list[str]:
    """What the manifests leave open, so that it counts as nothing: one sentence for each."""
    told: list[str] = []
    for one in workloads(manifests):
        for holder in ("containers", "initContainers"):
            for _, container in items(one.template, "spec", holder):
                name = text(container, "name") or "?"
                limits = mapping(container, "resources", "limits")
                asked = {**limits, **mapping(container, "resources", "requests")}
                unread = [resource for resource, quantity in asked.items() if parse(quantity) is None]
                told += [f"{one}: the {resource} request of container {name} is not known" for resource in unread]
    return told


_Target = tuple[str, str, str]


def _autoscalers(manifests: Sequence[Manifest]) -> Iterator[tuple[_Target, tuple[int, int]]]:
    for manifest in manifests:
        body, namespace = manifest.body, _namespace(manifest)
        target = mapping(body, "spec", "scaleTargetRef")
        name = text(target, "name") or ""
        if manifest.kind == "HorizontalPodAutoscaler":
            low, high = _number(body, "spec", "minReplicas", default=1), _number(body, "spec", "maxReplicas", default=1)
            yield (namespace, text(target, "kind") or "", name), (low, high)
        elif manifest.kind == "ScaledObject":
            low = _number(body, "spec", "minReplicaCount", default=0)
            high = _number(body, "spec", "maxReplicaCount", default=_KEDA_MOST)
            yield (namespace, text(target, "kind") or "Deployment", name), (low, high)


def _workload(manifest: Manifest, scalers: dict[_Target, tuple[int, int]]) -> Workload | None:
    kind, body, namespace = manifest.kind, manifest.body, _namespace(manifest)
    spec = mapping(body, "spec")

    def made(template: Any, **numbers: Any) -> Workload:
        return Workload(
            kind=kind,
            namespace=namespace,
            name=manifest.name,
            template=mapping({"it": template}, "it"),
            selector=mapping(spec, "selector"),
            **numbers,
        )

    match kind:
        case "Pod":
            return made(body)
        case "DaemonSet":
            return made(spec.get("template"), on_every_node=True, surge=_surge(spec, "updateStrategy", 1))
        case "Job":
            count = _parallel(spec)
            return made(spec.get("template"), declared=count, minimum=count, maximum=count)
        case "CronJob":
            job = mapping(spec, "jobTemplate", "spec")
            count = 0 if get(spec, "suspend", kind=bool) is True else _parallel(job)
            return made(job.get("template"), declared=count, minimum=count, maximum=count)
        case "ScaledJob":
            job = mapping(spec, "jobTargetRef")
            low = _number(spec, "minReplicaCount", default=0)
            most = _number(spec, "maxReplicaCount", default=_KEDA_MOST) * _parallel(job)
            return made(job.get("template"), declared=low, minimum=low, maximum=most)
        case _ if kind in _REPLICATED:
            scaler = scalers.get((namespace, kind, manifest.name))
            stated = _number(spec, "replicas", default=scaler[0] if scaler else 1)
            declared = stated if manifest.initial_replicas is None else manifest.initial_replicas
            low, high = scaler or (declared, declared)
            rolls = kind == "Deployment" and text(spec, "strategy", "type") != "Recreate"
            return made(
                spec.get("template"),
                declared=declared,
                minimum=low,
                maximum=high,
                surge=_surge(spec, "strategy", high) if rolls else 0,
                unavailable=_unavailable(spec, high) if rolls else 0,
            )
        case _:
            return None


def _parallel(job: Any) -> int:
    """How many pods of a Job run at once."""
    if get(job, "suspend", kind=bool) is True:
        return 0
    parallel = _number(job, "parallelism", default=1)
    return min(parallel, _number(job, "completions", default=parallel))


def _surge(spec: Any, strategy: str, replicas: int) -> int:
    default = "25%" if strategy == "strategy" else 0
    return ceil(_share(mapping(spec, strategy, "rollingUpdate").get("maxSurge", default), replicas))


def _unavailable(spec: Any, replicas: int) -> int:
    rolling = mapping(spec, "strategy", "rollingUpdate")
    number = int(_share(rolling.get("maxUnavailable", "25%"), replicas))
    # Where both come to nothing, Kubernetes lets one pod be unavailable.
    return number or (0 if _surge(spec, "strategy", replicas) else 1)


def _share(given: Any, replicas: int) -> float:
    written = str(given)
    try:
        return replicas * int(written[:-1]) / 100 if written.endswith("%") else int(written)
    except ValueError:
        return 0


def _namespace(manifest: Manifest) -> str:
    return text(manifest.body, "metadata", "namespace") or "default"


def _number(node: Any, *steps: str, default: int) -> int:
    value = get(node, *steps, kind=int)
    return value if isinstance(value, int) else default
