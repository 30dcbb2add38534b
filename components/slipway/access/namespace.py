"""A namespace with pod security, a quota and default resources for containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.keeping import keeping, keeping_annotations
from slipway.parts.merge import merge
from slipway.parts.names import check_name
from slipway.parts.place import Place
from slipway.parts.quantities import check_cpu, check_memory, parse_quantity

PodSecurity = Literal["restricted", "baseline", "privileged"]


@checked
@dataclass(frozen=True, kw_only=True)
class ContainerDefaults:
    """The resources of containers in this namespace that state none (a LimitRange).

    Both are Kubernetes quantities; anything else is a ValueError. `memory` is both request and limit, so that a node
    never promises more memory than it has.
    """

    cpu_request: str = "50m"
    memory: str = "64Mi"

    def __post_init__(self) -> None:
        check_cpu(self.cpu_request, "default cpu request")
        check_memory(self.memory, "default memory")


@checked
@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """Arguments of a `Namespace`. Raises ValueError for an invalid quota.

    - `pod_security`: the pod security standard for the modes enforce, warn and audit.
      https://kubernetes.io/docs/concepts/security/pod-security-admission/
    - `quota`: hard limits of a ResourceQuota, such as `{"requests.cpu": "4", "pods": "20"}`; None for none.
    - `defaults`: a LimitRange for containers that state no resources; None for none.
    - `keep`: whether the namespace outlives the stack. A kept `Claim` of this stack needs that. A destroy still deletes
      the stack's other objects in it. The next deployment takes the namespace over again.
    - `labels`, `annotations`: added to the namespace's own.
    - `spec`, `quota_spec`, `defaults_spec`: raw provider fields of the namespace, the ResourceQuota and the LimitRange,
      merged last (RFC 7386). ValueError for those of an object that is not made.
    """

    pod_security: PodSecurity = "restricted"
    quota: Mapping[str, str] | None = None
    defaults: ContainerDefaults | None = None
    keep: bool = False
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: core.NamespaceSpecPatchArgsDict | None = None
    quota_spec: core.ResourceQuotaSpecPatchArgsDict | None = None
    defaults_spec: core.LimitRangeSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        for what, given, of in (
            ("quota_spec", self.quota_spec, self.quota),
            ("defaults_spec", self.defaults_spec, self.defaults),
        ):
            if given is not None and not of:
                part = what.removesuffix("_spec")
                raise ValueError(f"{what} is given without {part}, which makes the object: give {part} too")
        for resource, amount in (self.quota or {}).items():
            check = check_memory if resource.endswith(("memory", "storage")) else parse_quantity
            check(amount, f"quota {resource}")


@checked
class Namespace(pulumi.ComponentResource):
    """A namespace named exactly `name`.

    `name` is an Output that resolves when the namespace, its quota and its default limits exist. Objects that use it
    are created after them. A preview knows its value.
    """

    name: pulumi.Output[str]
    resource: core.Namespace | core.NamespacePatch
    keep: bool
    quota: core.ResourceQuota | None
    limits: core.LimitRange | None

    def __init__(
        self, name: str, args: NamespaceArgs | None = None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name, "namespace")
        args = args or NamespaceArgs()
        super().__init__("slipway:index:Namespace", name, None, opts)
        self.keep = args.keep
        self.resource = (core.NamespacePatch if args.keep else core.Namespace)(
            name,
            metadata={
                "name": name,
                "labels": {
                    **args.labels,
                    "pod-security.kubernetes.io/enforce": args.pod_security,
                    "pod-security.kubernetes.io/warn": args.pod_security,
                    "pod-security.kubernetes.io/audit": args.pod_security,
                },
                "annotations": {**args.annotations, **keeping_annotations(args.keep)} or None,
            },
            spec=args.spec,
            opts=keeping(pulumi.ResourceOptions(parent=self), "Namespace", args.keep),
        )
        inside = _placed(self, name).child(self, depends_on=[self.resource])
        self.quota = _quota(name, args, inside) if args.quota else None
        self.limits = _limit_range(name, args.defaults, args, inside) if args.defaults else None
        guards = [made.urn for made in (self.resource, self.quota, self.limits) if made]
        # A URN is known in a preview and resolves once its object exists. So does a name that is derived from it.
        self.name = pulumi.Output.all(*guards).apply(lambda _: name)
        self.register_outputs({"name": self.name})


def _quota(name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions) -> core.ResourceQuota:
    spec = cast("core.ResourceQuotaSpecArgsDict", merge({"hard": args.quota}, args.quota_spec))
    return core.ResourceQuota(name, metadata={"name": name, "namespace": name}, spec=spec, opts=opts)


def _limit_range(
    name: str, defaults: ContainerDefaults, args: NamespaceArgs, opts: pulumi.ResourceOptions
) -> core.LimitRange:
    limit: core.LimitRangeItemArgsDict = {
        "type": "Container",
        "default_request": {"cpu": defaults.cpu_request, "memory": defaults.memory},
        "default": {"memory": defaults.memory},
    }
    spec = cast("core.LimitRangeSpecArgsDict", merge({"limits": [limit]}, args.defaults_spec))
    return core.LimitRange(name, metadata={"name": name, "namespace": name}, spec=spec, opts=opts)


def _placed(namespace: Namespace, name: pulumi.Input[str]) -> Place:
    known = namespace.pulumi_resource_name
    return Place(name=name, known=known, resource=namespace.resource, keep=namespace.keep)


def place_of(namespace: Namespace | pulumi.Input[str]) -> Place:
    """The `Place` of objects in a namespace. Raises ValueError for a name that is not valid for a namespace."""
    if isinstance(namespace, Namespace):
        return _placed(namespace, namespace.name)
    if isinstance(namespace, str):
        check_name(namespace, "namespace")
    return Place(name=namespace, known=namespace if isinstance(namespace, str) else None)
