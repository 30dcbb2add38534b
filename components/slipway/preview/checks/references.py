"""Rules `reference/…`: references to objects and keys that nothing in the render provides.

Somebody else may make a ConfigMap, Secret, ServiceAccount or claim, so its absence is a warning. A missing
key of a rendered object is an error, because nobody else will add it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slipway.preview.checks.fields import (
    at,
    described,
    finding,
    get,
    hint,
    items,
    known_keys,
    mapping,
    text,
)
from slipway.preview.checks.objects import Objects, kind_of, name_of, namespace_of
from slipway.preview.checks.pods import PodTemplate, pod_templates
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_ALWAYS_THERE = {
    # Kubernetes creates these two in every namespace.
    ("ConfigMap", "kube-root-ca.crt"),
    ("ServiceAccount", "default"),
}
_SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_BUILT_IN_CLUSTER_ROLES = ("admin", "cluster-admin", "edit", "view")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What one field of a pod refers to: an object of the core group, and perhaps keys in it."""

    kind: str
    name: str
    path: str
    consequence: str
    keys: tuple[tuple[str, str], ...] = ()


def check(objects: Objects) -> Iterator[Finding]:
    """Finds references to objects that nothing in the render provides, unless they are optional or unknown."""
    for template in pod_templates(objects.all):
        for reference in references(template):
            yield from _resolved(template.manifest, objects, reference)
    for stateful_set in objects.of_kind("apps", "StatefulSet"):
        yield from _governing_service(stateful_set, objects)
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in objects.of_kind("rbac.authorization.k8s.io", kind):
            yield from _binding(binding, objects)
    for ingress in objects.of_kind("networking.k8s.io", "Ingress"):
        yield from _certificates(ingress, objects)
    yield from _namespaces(objects)


def _resolved(manifest: Manifest, objects: Objects, reference: Reference) -> Iterator[Finding]:
    namespace = namespace_of(manifest)
    kind, name = reference.kind, reference.name
    targets = objects.named("", kind, name, namespace)
    if not targets:
        known = (
            (kind, name) in _ALWAYS_THERE
            or isinstance(namespace, Placeholder)
            or objects.may_have("", kind, name, namespace)
            or objects.exists(kind, name, namespace)
            or objects.custom_mentions(namespace, name)
        )
        if not known:
            yield _missing(manifest, objects, reference, namespace)
        return
    known = _keys_of(targets[0])
    for path, key in reference.keys:
        if known is not None and key not in known:
            yield finding(
                manifest,
                Severity.ERROR,
                "reference/missing-key",
                path,
                f"{described(targets[0])} has no key `{key}`, so {reference.consequence}"
                + (hint(key, known) or f": add it there (it has {', '.join(sorted(known))})"),
            )


def _missing(manifest: Manifest, objects: Objects, reference: Reference, namespace: str) -> Finding:
    kind, name = reference.kind, reference.name
    elsewhere = [namespace_of(m) for m in objects.named("", kind, name)]
    others = {name_of(m) or "" for m in objects.of_kind("", kind, namespace)} - {""}
    if elsewhere:
        way_out = f": it is in namespace `{elsewhere[0]}`, and a pod can only use its own"
    else:
        way_out = hint(name, others) or ": add it, unless somebody else creates it"
    return finding(
        manifest,
        Severity.WARNING,
        f"reference/missing-{_kebab(kind)}",
        reference.path,
        f"nothing in this program provides {kind} {namespace}/{name}, without which {reference.consequence}{way_out}",
    )


def _kebab(kind: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in kind).lstrip("-")


def _keys_of(manifest: Manifest) -> set[str] | None:
    """The keys of a ConfigMap or Secret; None if not all of them are known.

    If it has no keys, they are unknown too: a controller fills it, with a token or a certificate bundle.
    """
    found: set[str] = set()
    for field in ("data", "binaryData", "stringData"):
        keys = known_keys(manifest.body, field)
        if keys is None:
            return None
        found |= keys
    is_token = text(manifest.body, "type") == "kubernetes.io/service-account-token"
    return None if is_token or not found else found


def references(template: PodTemplate) -> Iterator[Reference]:
    """What the pods need to start: ConfigMaps, Secrets, claims and their service account."""
    for container in template.containers():
        starts = f"container `{container.name}` cannot start"
        for index, variable in items(container.body, "env"):
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                path = at(container.path, "env", index, "valueFrom", field)
                source = mapping(variable, "valueFrom", field)
                yield from _reference(kind, source, path, starts, keyed=True)
        for index, source in items(container.body, "envFrom"):
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                path = at(container.path, "envFrom", index, field)
                yield from _reference(kind, mapping(source, field), path, starts)
    for index, volume in items(template.spec, "volumes"):
        yield from _volume(template.at("volumes", index), volume)
    for index, secret in items(template.spec, "imagePullSecrets"):
        path = template.at("imagePullSecrets", index)
        yield from _reference("Secret", secret, path, "a private image cannot be pulled")
    if account := text(template.spec, "serviceAccountName"):
        yield Reference(
            kind="ServiceAccount",
            name=account,
            path=template.at("serviceAccountName"),
            consequence="no pod can be created",
        )


def _volume(path: str, volume: dict[str, Any]) -> Iterator[Reference]:
    waits = "the pods wait in ContainerCreating"
    for field, kind, name_field in (
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "secretName"),
    ):
        source = mapping(volume, field)
        yield from _reference(kind, source, at(path, field), waits, name_field=name_field)
    for index, projection in items(volume, "projected", "sources"):
        for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            where = at(path, "projected", "sources", index, field)
            yield from _reference(kind, mapping(projection, field), where, waits)
    if claim := text(volume, "persistentVolumeClaim", "claimName"):
        yield Reference(
            kind="PersistentVolumeClaim",
            name=claim,
            path=at(path, "persistentVolumeClaim", "claimName"),
            consequence="the pods cannot be scheduled",
        )


def _reference(
    kind: str,
    source: dict[str, Any],
    path: str,
    consequence: str,
    *,
    name_field: str = "name",
    keyed: bool = False,
) -> Iterator[Reference]:
    name = text(source, name_field)
    optional = get(source, "optional", kind=bool)
    if name is None or optional is True or isinstance(optional, Placeholder):
        return
    keys = [(at(path, "key"), text(source, "key"))] if keyed else []
    keys += [(at(path, "items", i, "key"), text(item, "key")) for i, item in items(source, "items")]
    yield Reference(
        kind=kind,
        name=name,
        path=at(path, name_field),
        consequence=consequence,
        keys=tuple((where, key) for where, key in keys if key is not None),
    )


def _governing_service(stateful_set: Manifest, objects: Objects) -> Iterator[Finding]:
    """https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id"""
    name = text(stateful_set.body, "spec", "serviceName")
    if name:
        path = "spec.serviceName"
        consequence = "the pods have no DNS names of their own"
        reference = Reference(kind="Service", name=name, path=path, consequence=consequence)
        yield from _resolved(stateful_set, objects, reference)


def _binding(binding: Manifest, objects: Objects) -> Iterator[Finding]:
    """https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding"""
    role = mapping(binding.body, "roleRef")
    kind, name = text(role, "kind"), text(role, "name")
    if name and kind in ("Role", "ClusterRole"):
        built_in = kind == "ClusterRole" and (name in _BUILT_IN_CLUSTER_ROLES or name.startswith("system:"))
        namespace = namespace_of(binding) if kind == "Role" else None
        if not built_in and not objects.may_have("rbac.authorization.k8s.io", kind, name, namespace):
            yield finding(
                binding,
                Severity.WARNING,
                "reference/missing-role",
                "roleRef.name",
                f"nothing in this program provides {kind} `{name}`, without which the binding "
                "grants nothing: add it, unless somebody else creates it",
            )
    for index, subject in items(binding.body, "subjects"):
        name = text(subject, "name")
        # If the subject's namespace is not rendered here, its account belongs to somebody else by design.
        namespace = text(subject, "namespace")
        if get(subject, "kind", kind=str) != "ServiceAccount" or name is None or namespace is None:
            continue
        ours = bool(objects.named("", "Namespace", namespace)) or namespace == namespace_of(binding)
        known = objects.may_have("", "ServiceAccount", name, namespace) or name == "default"
        if ours and not known and not objects.custom_mentions(namespace, name):
            yield finding(
                binding,
                Severity.WARNING,
                "reference/missing-service-account",
                at("subjects", index, "name"),
                f"nothing in this program provides ServiceAccount {namespace}/{name}, to which "
                f"this {kind_of(binding)} grants rights: add it, unless somebody else creates it",
            )


def _certificates(ingress: Manifest, objects: Objects) -> Iterator[Finding]:
    """https://kubernetes.io/docs/concepts/services-networking/ingress/#tls"""
    # cert-manager makes the Secrets of an Ingress that carries one of its annotations.
    managers = ("cert-manager.io/", "kubernetes.io/tls-acme")
    if any(key.startswith(managers) for key in mapping(ingress.body, "metadata", "annotations")):
        return
    for index, tls in items(ingress.body, "spec", "tls"):
        path = at("spec", "tls", index)
        consequence = "the controller serves its own certificate"
        for reference in _reference("Secret", tls, path, consequence, name_field="secretName"):
            yield from _resolved(ingress, objects, reference)


def _namespaces(objects: Objects) -> Iterator[Finding]:
    """Yields one finding per missing namespace, not one per object in it."""
    inside: dict[str, list[Manifest]] = defaultdict(list)
    for manifest in objects.all:
        if namespace := text(manifest.body, "metadata", "namespace"):
            inside[namespace].append(manifest)
    for namespace, manifests in inside.items():
        if namespace in _SYSTEM_NAMESPACES or objects.may_have("", "Namespace", namespace):
            continue
        count = "1 object goes" if len(manifests) == 1 else f"{len(manifests)} objects go"
        yield finding(
            manifests[0],
            Severity.WARNING,
            "reference/missing-namespace",
            "metadata.namespace",
            f"nothing in this program creates namespace `{namespace}`, into which {count}: add it, "
            "unless it exists already",
        )
