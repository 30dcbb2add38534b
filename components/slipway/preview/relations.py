"""What the objects of one render have to do with one another: who serves, scales, reads and calls whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.preview.checks.backends import ingress_services, route_services
from slipway.preview.checks.fields import get, items, mapping, text
from slipway.preview.checks.objects import GATEWAY_API, Objects, is_custom, kind_of, name_of, namespace_of
from slipway.preview.checks.pods import PodTemplate, pod_templates
from slipway.preview.checks.references import references
from slipway.preview.checks.scalers import scalers
from slipway.preview.checks.selectors import labels_match, matches
from slipway.preview.model import Manifest

_READ = {"ConfigMap": "reads", "Secret": "reads", "PersistentVolumeClaim": "mounts", "ServiceAccount": "runs as"}
_ROUTES = ("GRPCRoute", "HTTPRoute")
_RBAC = "rbac.authorization.k8s.io"
CALLS = "calls"


@dataclass(frozen=True)
class Relation:
    """`one` does something to `other`. `verb` says what; `CALLS` stands for requests over the network."""

    one: Manifest
    verb: str
    other: Manifest


def relations(manifests: Sequence[Manifest]) -> list[Relation]:
    """The relations between objects of this render that are known before a deployment, each once."""
    objects = Objects(manifests)
    templates = list(pod_templates(manifests))
    found = [
        *_served(objects, templates),
        *_covered(objects, templates),
        *_routed(objects),
        *_scaled(objects),
        *_read(objects, templates),
        *_granted(objects),
        *_called(objects, templates),
    ]
    return list({(id(one.one), one.verb, id(one.other)): one for one in found}.values())


def _served(objects: Objects, templates: Sequence[PodTemplate]) -> Iterator[Relation]:
    for service in objects.of_kind("", "Service"):
        if selector := mapping(service.body, "spec", "selector"):
            for pods in _near(service, templates):
                if labels_match(selector, pods.labels, if_unknown=False):
                    yield Relation(service, "serves", pods.manifest)


def _covered(objects: Objects, templates: Sequence[PodTemplate]) -> Iterator[Relation]:
    for group, kind, field, verb in (
        ("policy", "PodDisruptionBudget", "selector", "protects"),
        ("networking.k8s.io", "NetworkPolicy", "podSelector", "limits"),
        ("monitoring.coreos.com", "PodMonitor", "selector", "scrapes"),
    ):
        for one in objects.of_kind(group, kind):
            # An empty selector means the whole namespace, which needs no line to each of its pods.
            if selector := mapping(one.body, "spec", field):
                for pods in _near(one, templates):
                    if matches(selector, pods.labels, if_unknown=False):
                        yield Relation(one, verb, pods.manifest)
    for monitor in objects.of_kind("monitoring.coreos.com", "ServiceMonitor"):
        if selector := mapping(monitor.body, "spec", "selector"):
            for service in objects.of_kind("", "Service", namespace_of(monitor)):
                if matches(selector, mapping(service.body, "metadata", "labels"), if_unknown=False):
                    yield Relation(monitor, "scrapes", service)


def _near(one: Manifest, templates: Sequence[PodTemplate]) -> Iterator[PodTemplate]:
    return (pods for pods in templates if pods.namespace == namespace_of(one))


def _routed(objects: Objects) -> Iterator[Relation]:
    for ingress in objects.of_kind("networking.k8s.io", "Ingress"):
        yield from _to_services(objects, ingress, ingress_services(ingress))
        for _, tls in items(ingress.body, "spec", "tls"):
            for other in _providers(objects, ingress, "Secret", text(tls, "secretName")):
                yield Relation(ingress, "has its certificate from", other)
    for kind in _ROUTES:
        for route in objects.of_kind(GATEWAY_API, kind):
            yield from _to_services(objects, route, route_services(route))


def _to_services(objects: Objects, one: Manifest, backends: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[Relation]:
    for _, backend in backends:
        if name := text(backend, "name"):
            namespace = get(backend, "namespace", kind=str) or namespace_of(one)
            for service in objects.named("", "Service", name, namespace):
                yield Relation(one, "routes to", service)


def _scaled(objects: Objects) -> Iterator[Relation]:
    targets = [(one.manifest, one.kind, one.name) for one in scalers(objects)]
    for vpa in objects.of_kind("autoscaling.k8s.io", "VerticalPodAutoscaler"):
        target = mapping(vpa.body, "spec", "targetRef")
        targets.append((vpa, text(target, "kind") or "", text(target, "name") or ""))
    for scaler, *target in targets:
        for other in objects.all:
            if [kind_of(other), name_of(other)] == target and namespace_of(other) == namespace_of(scaler):
                yield Relation(scaler, "scales", other)


def _read(objects: Objects, templates: Sequence[PodTemplate]) -> Iterator[Relation]:
    for pods in templates:
        for reference in references(pods):
            for other in _providers(objects, pods.manifest, reference.kind, reference.name):
                yield Relation(pods.manifest, _READ.get(reference.kind, "needs"), other)
    for claim in objects.of_kind("", "PersistentVolumeClaim"):
        if volume := text(claim.body, "spec", "volumeName"):
            for other in objects.named("", "PersistentVolume", volume):
                yield Relation(claim, "is bound to", other)


def _providers(objects: Objects, one: Manifest, kind: str, name: str | None) -> list[Manifest]:
    """The object of that name, or else the custom resources that make it, such as a Certificate its Secret."""
    if name is None:
        return []
    return objects.named("", kind, name, namespace_of(one)) or [
        other
        for other in objects.all
        if is_custom(other)
        and namespace_of(other) == namespace_of(one)
        and name in (text(other.body, "spec", "secretName"), text(other.body, "spec", "target", "name"))
    ]


def _granted(objects: Objects) -> Iterator[Relation]:
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in objects.of_kind(_RBAC, kind):
            role = mapping(binding.body, "roleRef")
            role_kind, role_name = text(role, "kind"), text(role, "name")
            if role_kind and role_name:
                namespace = namespace_of(binding) if role_kind == "Role" else None
                for other in objects.named(_RBAC, role_kind, role_name, namespace):
                    yield Relation(binding, "grants", other)
            for _, subject in items(binding.body, "subjects"):
                if (name := text(subject, "name")) and text(subject, "kind") == "ServiceAccount":
                    where = text(subject, "namespace") or namespace_of(binding)
                    for account in objects.named("", "ServiceAccount", name, where):
                        yield Relation(binding, "to", account)


def _called(objects: Objects, templates: Sequence[PodTemplate]) -> Iterator[Relation]:
    """Pods whose variables hold the address of a Service call it."""
    addresses = [(f"{name_of(one)}.{namespace_of(one)}", one) for one in objects.of_kind("", "Service")]
    for pods in templates:
        values = {
            str(value)
            for container in pods.containers()
            for _, variable in items(container.body, "env")
            if (value := get(variable, "value", kind=str))
        }
        for address, service in addresses:
            if any(_has_host(value, address) for value in values):
                yield Relation(pods.manifest, CALLS, service)


def _has_host(value: str, address: str) -> bool:
    """Whether an address is in a value as a whole name: `db.shop` is not in `http://mydb.shop`."""
    before, found, after = value.partition(address)
    whole = not (before[-1:].isalnum() or before[-1:] in ("-", ".")) and not (after[:1].isalnum() or after[:1] == "-")
    return bool(found) and whole
