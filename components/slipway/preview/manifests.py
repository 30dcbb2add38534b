"""Turns what a program registered into the Kubernetes objects that the provider would send."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, cast

from slipway.parts.kept import KEEP
from slipway.preview.clusters import cluster_of
from slipway.preview.model import Manifest, Registration

_NOT_OBJECTS = tuple(
    f"kubernetes:{module}" for module in ("helm.sh/", "yaml:", "yaml/", "kustomize:", "kustomize/", "index:")
)

# https://kubernetes.io/docs/reference/kubernetes-api/ (kinds without a namespace)
_CLUSTER_WIDE = frozenset(
    "APIService CSIDriver CSINode CertificateSigningRequest ClusterRole ClusterRoleBinding ClusterTrustBundle "
    "ComponentStatus CustomResourceDefinition DeviceClass DeviceTaintRule FlowSchema GatewayClass IPAddress "
    "IngressClass MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node "
    "PersistentVolume PriorityClass PriorityLevelConfiguration ResourceSlice RuntimeClass SelfSubjectAccessReview "
    "SelfSubjectReview SelfSubjectRulesReview ServiceCIDR StorageClass StorageVersion StorageVersionMigration "
    "SubjectAccessReview TokenReview ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding "
    "ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass".split()
)

# Kinds that others need come first. Kinds in neither list come in the middle.
_FIRST = (
    "Namespace ResourceQuota LimitRange PriorityClass CustomResourceDefinition StorageClass PersistentVolume "
    "ServiceAccount ClusterRole ClusterRoleBinding Role RoleBinding Secret ConfigMap PersistentVolumeClaim "
    "NetworkPolicy Service"
).split()
_LAST = (
    "Pod ReplicaSet ReplicationController DaemonSet Deployment StatefulSet Job CronJob PodDisruptionBudget "
    "HorizontalPodAutoscaler Ingress APIService MutatingWebhookConfiguration ValidatingWebhookConfiguration"
).split()
_RANK = {kind: rank for rank, kind in enumerate(_FIRST)} | {kind: rank + 900 for rank, kind in enumerate(_LAST)}
_NONE: Mapping[str, str] = {}


def apply_rank(kind: str) -> int:
    """The place of a kind in the order of applying, from 0 to 999."""
    return _RANK.get(kind, 500)


def is_namespaced(api_version: str, kind: str) -> bool | None:
    """Whether a built-in kind is namespaced; None for a custom kind, where it is unknown."""
    group = api_version.rpartition("/")[0]
    if "." in group and not group.endswith(".k8s.io"):
        return None
    return kind not in _CLUSTER_WIDE


def made_name(name: str, urn: str) -> str:
    """A generated name: the logical name and eight digits. Unlike the provider's, they are the same in every run."""
    return f"{name}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def namespace_of(inputs: Mapping[str, Any], provider: Mapping[str, Any] | None, default: str) -> Any:
    """The namespace that a provider gives an object without one; None if the kind has no namespace or it is unknown.

    `provider` are the inputs of the object's explicit provider; None means the default provider. Only the
    default provider follows the stack's configuration, which is `default`.
    """
    if not is_namespaced(str(inputs["apiVersion"]), str(inputs["kind"])):
        return None
    return default if provider is None else provider.get("namespace") or "default"


def is_object(registration: Registration) -> bool:
    """Whether a deployment would create one Kubernetes object for the registration."""
    return (
        registration.type.startswith("kubernetes:")
        and registration.custom
        and not registration.read
        and not registration.type.startswith(_NOT_OBJECTS)
        and (not registration.type.endswith("Patch") or is_kept(registration.inputs))
        and {"apiVersion", "kind"} <= registration.inputs.keys()
    )


def is_kept(body: Mapping[str, Any]) -> bool:
    """Whether an object outlives its stack: then it is declared whole, as a patch of what may be there."""
    metadata: Any = body.get("metadata")
    annotations: Any = cast("dict[str, Any]", metadata).get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and cast("dict[str, Any]", annotations).get(KEEP) == "true"


def leaves_replicas(registration: Registration) -> bool:
    """Whether the number of pods is only for the start, and an autoscaler sets it from then on."""
    return "spec.replicas" in registration.options.get("ignoreChanges", ())


def manifests(registrations: Iterable[Registration], settings: Mapping[str, str] = _NONE) -> list[Manifest]:
    """The objects in the order in which they can be applied. The same program always gives the same order.

    `settings` is the stack's configuration. The default provider follows it.
    """
    known = list(registrations)
    providers = {registration.urn: registration for registration in known}
    rendered = [_manifest(one, providers, settings) for one in known if is_object(one)]
    return sorted(
        rendered,
        key=lambda one: (apply_rank(one.kind), one.kind, one.namespace or "", one.name, one.cluster or "", one.urn),
    )


def _manifest(
    registration: Registration, providers: Mapping[str, Registration], settings: Mapping[str, str]
) -> Manifest:
    inputs = registration.inputs
    given: Any = inputs.get("metadata", {})
    metadata: dict[str, Any] = dict(given) if isinstance(given, dict) else {"name": given, "namespace": given}  # pyright: ignore[reportUnknownArgumentType]
    provider = providers.get(str(registration.options.get("provider", "")).rpartition("::")[0])
    if not metadata.get("namespace"):
        default = settings.get("kubernetes:namespace", "default")
        namespace = namespace_of(inputs, provider.inputs if provider else None, default)
        metadata |= {"namespace": namespace} if namespace else {}
    body = {key: _sorted(inputs[key]) for key in ("apiVersion", "kind")} | {"metadata": _sorted(metadata)}
    body |= {key: _sorted(inputs[key]) for key in sorted(inputs) if key not in body}
    initial = _without_replicas(body) if leaves_replicas(registration) else None
    cluster = cluster_of(provider) if provider else None
    return Manifest(
        urn=registration.urn,
        body=body,
        source=registration.source,
        initial_replicas=initial,
        cluster=None if cluster == settings.get("kubernetes:context") else cluster,
    )


def _without_replicas(body: dict[str, Any]) -> int | None:
    """Removes the field. A manifest is applied again and again, and would undo the scaling each time."""
    spec: Any = body.get("spec")
    if not isinstance(spec, dict):
        return None
    body["spec"] = {key: value for key, value in spec.items() if key != "replicas"}  # pyright: ignore[reportUnknownVariableType]
    stated: Any = spec.get("replicas")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return stated if isinstance(stated, int) else None


def _sorted(value: Any) -> Any:
    """The same value with its keys sorted, because the SDK registers them in any order."""
    match value:
        case dict():
            return {key: _sorted(value[key]) for key in sorted(value)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case list():
            return [_sorted(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
