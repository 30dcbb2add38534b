"""The pod templates of a render and the containers in them, with their paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.preview.checks.fields import all_items, at, get, items, mapping, text
from slipway.preview.checks.objects import group_of, kind_of, namespace_of
from slipway.preview.model import Manifest, Placeholder

_TEMPLATE: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (),
    ("", "PodTemplate"): ("template",),
    ("", "ReplicationController"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "Job"): ("spec", "template"),
}
"""The path of the pod template in each built-in kind. A Pod is its own template."""

REGULAR = "containers"
INIT = "initContainers"
EPHEMERAL = "ephemeralContainers"


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a pod template: regular, init or ephemeral."""

    role: str
    path: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return text(self.body, "name") or self.path

    @property
    def is_long_running(self) -> bool:
        """Whether it runs as long as its pod: a regular container or a sidecar.

        https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
        """
        return self.role == REGULAR or (self.role == INIT and text(self.body, "restartPolicy") == "Always")


@dataclass(frozen=True, kw_only=True)
class PodTemplate:
    """The pod template of one manifest. `path` is empty for a Pod, which is its own template."""

    manifest: Manifest
    path: str
    body: Any

    @property
    def spec(self) -> dict[str, Any]:
        return mapping(self.body, "spec")

    def at(self, *steps: str | int) -> str:
        """The path of a field in the pod's spec."""
        return at(self.path, "spec", *steps)

    @property
    def namespace(self) -> str | Placeholder:
        return namespace_of(self.manifest)

    @property
    def labels(self) -> dict[str, Any] | None:
        """The pods' labels; None if they are unknown."""
        labels = get(self.body, "metadata", "labels", kind=dict)
        return None if isinstance(labels, Placeholder) else labels or {}

    def containers(self, *roles: str) -> Iterator[Container]:
        """The containers with one of `roles`, or all containers."""
        for role in roles or (REGULAR, INIT, EPHEMERAL):
            for index, body in items(self.spec, role):
                yield Container(role=role, path=self.at(role, index), body=body)


def pod_templates(manifests: Iterable[Manifest]) -> Iterator[PodTemplate]:
    """The pod templates of the built-in workloads among `manifests`, in the same order."""
    for manifest in manifests:
        steps = _TEMPLATE.get((group_of(manifest), kind_of(manifest)))
        if steps is None:
            continue
        body = get(manifest.body, *steps, kind=dict)
        # An unknown template still counts: a Service may select its pods.
        if body is not None:
            yield PodTemplate(manifest=manifest, path=at("", *steps), body=body)


def ends(template: PodTemplate) -> bool:
    """Whether the pods run to their end, instead of as long as they are wanted."""
    manifest = template.manifest
    policy = text(template.body, "spec", "restartPolicy") if kind_of(manifest) == "Pod" else None
    return group_of(manifest) == "batch" or policy in ("Never", "OnFailure")


def declared_ports(templates: Sequence[PodTemplate]) -> set[tuple[str | None, int, str]] | None:
    """Name, number and protocol of each port of the running containers; None unless all of them are known."""
    found: set[tuple[str | None, int, str]] = set()
    for template in templates:
        if any(all_items(template.body, "spec", role) is None for role in (REGULAR, INIT)):
            return None
        for container in template.containers(REGULAR, INIT):
            ports = all_items(container.body, "ports")
            if ports is None:
                return None
            for port in ports if container.is_long_running else ():
                name, number = get(port, "name", kind=str), get(port, "containerPort", kind=int)
                protocol = get(port, "protocol", kind=str) or "TCP"
                if (
                    isinstance(name, Placeholder)
                    or isinstance(number, Placeholder)
                    or isinstance(protocol, Placeholder)
                ):
                    return None
                found.add((name, number or 0, protocol))
    return found
