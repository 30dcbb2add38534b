"""What sets the number of pods of a workload: HorizontalPodAutoscalers, and the ScaledObjects of KEDA.

https://keda.sh/docs/latest/reference/scaledobject-spec/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slipway.preview.checks.fields import at, get, items, mapping, text
from slipway.preview.checks.objects import Objects, kind_of, name_of, namespace_of
from slipway.preview.model import Manifest, Placeholder

KEDA = "keda.sh"
_TRANSFER = "scaledobject.keda.sh/transfer-hpa-ownership"


@dataclass(frozen=True)
class Utilization:
    """A metric relative to requests: its path, its resource, and the container if it is for only one."""

    path: str
    resource: str
    container: str | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Scaler:
    """An object that scales the workload `kind` `name` of the API group `group`."""

    manifest: Manifest
    group: str
    kind: str
    name: str

    @property
    def target(self) -> tuple[str, ...]:
        return namespace_of(self.manifest), self.group, self.kind, self.name

    def utilizations(self) -> Iterator[Utilization]:
        """The metrics relative to the requests of the pods."""
        by_keda = kind_of(self.manifest) == "ScaledObject"
        return _of_triggers(self.manifest) if by_keda else _of_metrics(self.manifest)

    def takes_over(self, other: Scaler) -> bool:
        """Whether it is a ScaledObject that adopts the other, a HorizontalPodAutoscaler, instead of making its own."""
        body = self.manifest.body
        adopted = text(body, "spec", "advanced", "horizontalPodAutoscalerConfig", "name")
        asked = text(body, "metadata", "annotations", _TRANSFER) == "true"
        return asked and adopted is not None and adopted == name_of(other.manifest)


def scalers(objects: Objects) -> Iterator[Scaler]:
    """The scalers whose target is known."""
    for hpa in objects.of_kind("autoscaling", "HorizontalPodAutoscaler"):
        # An absent `apiVersion` means the core group.
        yield from _scaler(hpa, group="", kind=None)
    for scaled in objects.of_kind(KEDA, "ScaledObject"):
        yield from _scaler(scaled, group="apps", kind="Deployment")


def _scaler(manifest: Manifest, *, group: str, kind: str | None) -> Iterator[Scaler]:
    """`group` and `kind` are the defaults of the reference."""
    reference = mapping(manifest.body, "spec", "scaleTargetRef")
    name, api_version = text(reference, "name"), get(reference, "apiVersion", kind=str)
    stated = get(reference, "kind", kind=str)
    if isinstance(stated, Placeholder) or isinstance(api_version, Placeholder):
        return
    of = stated or kind
    if of and name:
        yield Scaler(
            manifest=manifest, group=api_version.rpartition("/")[0] if api_version else group, kind=of, name=name
        )


def _of_metrics(hpa: Manifest) -> Iterator[Utilization]:
    metrics = get(hpa.body, "spec", "metrics", kind=list)
    if isinstance(metrics, Placeholder):
        return
    if not metrics:
        # Without metrics, the default is 80 % of the CPU, in autoscaling/v1 and v2.
        yield Utilization("spec.metrics" if hpa.body.get("apiVersion") != "autoscaling/v1" else "spec", "cpu", None)
    for index, metric in items(hpa.body, "spec", "metrics"):
        for field in ("resource", "containerResource"):
            source = mapping(metric, field)
            resource = text(source, "name")
            if resource and get(source, "target", "type", kind=str) == "Utilization":
                container = text(source, "container") if field != "resource" else None
                yield Utilization(at("spec", "metrics", index, field), resource, container)


def _of_triggers(scaled: Manifest) -> Iterator[Utilization]:
    """https://keda.sh/docs/latest/scalers/cpu/"""
    for index, trigger in items(scaled.body, "spec", "triggers"):
        resource, stated = text(trigger, "type"), get(trigger, "metricType", kind=str)
        if resource in ("cpu", "memory") and stated == "Utilization":
            yield Utilization(at("spec", "triggers", index), resource, text(trigger, "metadata", "containerName"))
