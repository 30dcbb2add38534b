"""Rules `duplicate/…`: the same thing declared twice.

The Pulumi provider uses server-side apply. It refuses an object that has two entries with the same key in one
of these lists: container ports, environment, volumes, mounts.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from slipway.preview.checks.fields import at, described, finding, get, items, text
from slipway.preview.checks.objects import group_of, kind_of, name_of, namespace_of
from slipway.preview.checks.pods import PodTemplate, pod_templates
from slipway.preview.model import Finding, Manifest, Placeholder, Severity


def check(manifests: Sequence[Manifest]) -> Iterator[Finding]:
    """Finds duplicate objects, and duplicates within each pod and Service."""
    yield from _urns(manifests)
    yield from _objects(manifests)
    for template in pod_templates(manifests):
        yield from _in_pod(template)
    for manifest in manifests:
        if (group_of(manifest), kind_of(manifest)) == ("", "Service"):
            yield from _in_service(manifest)


def _urns(manifests: Sequence[Manifest]) -> Iterator[Finding]:
    """https://www.pulumi.com/docs/iac/concepts/resources/names/#urns"""
    for manifest, first in _repeated((m, m.urn) for m in manifests):
        yield finding(
            manifest,
            Severity.ERROR,
            "duplicate/urn",
            "",
            f"{described(first)} has the same URN `{manifest.urn}`, which `pulumi up` refuses: "
            "give one of them another resource name",
        )


def _objects(manifests: Sequence[Manifest]) -> Iterator[Finding]:
    keyed = ((m, _identity(m)) for m in manifests)
    for manifest, first in _repeated((m, key) for m, key in keyed if key is not None):
        if manifest.urn == first.urn:
            continue
        declared_by = f"`{first.urn}`" + (f" ({first.source})" if first.source else "")
        yield finding(
            manifest,
            Severity.ERROR,
            "duplicate/object",
            "metadata.name",
            f"{declared_by} declares {described(first)} as well, and each would overwrite the "
            "other: rename one or remove it",
        )


def _identity(manifest: Manifest) -> Hashable | None:
    """What identifies the object in all clusters; None if it is unknown. The API version is not part of it."""
    kind, name, namespace = kind_of(manifest), name_of(manifest), namespace_of(manifest)
    if not kind or name is None or isinstance(namespace, Placeholder):
        return None
    return manifest.cluster, group_of(manifest), kind, namespace, name


def _repeated(keyed: Iterable[tuple[Any, Hashable]]) -> Iterator[tuple[Any, Any]]:
    """Each item with a repeated key, together with the first item that has the key."""
    first: dict[Hashable, Any] = {}
    for item, key in keyed:
        if first.setdefault(key, item) is not item:
            yield item, first[key]


def _in_pod(template: PodTemplate) -> Iterator[Finding]:
    containers = [(at(c.path, "name"), text(c.body, "name")) for c in template.containers()]
    yield from _twice(template.manifest, "container", containers, "the pod has another container")
    volumes = [
        (template.at("volumes", i, "name"), text(volume, "name")) for i, volume in items(template.spec, "volumes")
    ]
    yield from _twice(template.manifest, "volume", volumes, "the pod has another volume")
    for container in template.containers():
        whose = f"container `{container.name}` has another"
        for rule, what, field, key in (
            ("env", "variable", "env", "name"),
            ("port", "port", "ports", "name"),
            ("mount", "mount", "volumeMounts", "mountPath"),
        ):
            entries = [(at(container.path, field, i, key), text(item, key)) for i, item in items(container.body, field)]
            yield from _twice(template.manifest, rule, entries, f"{whose} {what}")
        numbers = [
            (at(container.path, "ports", i, "containerPort"), _port(port, "containerPort"))
            for i, port in items(container.body, "ports")
        ]
        yield from _twice(template.manifest, "port", numbers, f"{whose} port")
    yield from _across_containers(template)


def _across_containers(template: PodTemplate) -> Iterator[Finding]:
    """The containers of a pod share one network, so two cannot listen on the same port.

    https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking
    """
    takers: dict[str, str] = defaultdict(str)
    for container in template.containers():
        if not container.is_long_running:
            continue
        for index, port in items(container.body, "ports"):
            number = _port(port, "containerPort")
            taker = takers.setdefault(number, container.path) if number else container.path
            if taker != container.path:
                yield finding(
                    template.manifest,
                    Severity.WARNING,
                    "duplicate/pod-port",
                    at(container.path, "ports", index, "containerPort"),
                    f"`{taker}` declares port {number} as well, and the containers of a pod share "
                    "one network, so only one can listen on it: change one",
                )


def _in_service(service: Manifest) -> Iterator[Finding]:
    entries = list(items(service.body, "spec", "ports"))
    names = [(at("spec", "ports", i, "name"), text(port, "name")) for i, port in entries]
    yield from _twice(service, "service-port", names, "the Service has another port")
    ports = [(at("spec", "ports", i, "port"), _port(port, "port")) for i, port in entries]
    yield from _twice(service, "service-port", ports, "the Service has another port")


def _port(port: dict[str, Any], field: str) -> str | None:
    """A port as `8080/TCP`, since the same number may serve TCP and UDP; None if not known."""
    number, protocol = get(port, field, kind=int), get(port, "protocol", kind=str) or "TCP"
    known = isinstance(number, int) and not isinstance(protocol, Placeholder)
    return f"{number}/{protocol}" if known else None


def _twice(manifest: Manifest, rule: str, entries: Sequence[tuple[str, str | None]], whose: str) -> Iterator[Finding]:
    named = [(path, value) for path, value in entries if value is not None]
    for (path, value), _ in _repeated((entry, entry[1]) for entry in named):
        yield finding(
            manifest,
            Severity.ERROR,
            f"duplicate/{rule}",
            path,
            f"{whose} `{value}`, which Kubernetes refuses: rename or remove one",
        )
