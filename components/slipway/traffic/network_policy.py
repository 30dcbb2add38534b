"""A NetworkPolicy: who may call the pods of a workload or a namespace, and whom they may call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import pulumi
from pulumi_kubernetes.networking import v1 as networking

from slipway.access.namespace import Namespace, place_of
from slipway.parts.arguments.checked import checked
from slipway.parts.labels import check_labels
from slipway.parts.merge import merge
from slipway.parts.names import check_name
from slipway.parts.place import Place
from slipway.parts.workload import Workload, WorkloadResource, workload_of
from slipway.traffic.peers import Allow, coming, dns, going


@checked
@dataclass(frozen=True, kw_only=True)
class NetworkPolicyArgs:
    """What a `NetworkPolicy` is made from. Raises ValueError for ports that nobody has, and for one without effect.

    - `of`: whose pods are limited: those of a workload, or all in a namespace.
    - `ingress`: who may call them; `[]` is nobody, None leaves that to other policies.
    - `egress`: whom they may call; `[]` is nobody, None leaves that to other policies. Answers are always allowed.
    - `dns`: whether they may ask the cluster's name servers (pods `k8s-app: kube-dns` of `kube-system`) where `egress`
      limits them; without names they find no Service.
    - `labels`, `annotations`: added to its own.
    - `spec`: raw provider fields, merged last (RFC 7386).

    Pods that no policy limits in a direction are free in it; those that several limit may do what any of them allows.
    The network plugin of the cluster enforces policies, or nobody does: look up yours.
    https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """

    of: Workload | WorkloadResource | Namespace | pulumi.Input[str]
    ingress: Sequence[Allow] | None = None
    egress: Sequence[Allow] | None = None
    dns: bool = True
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: networking.NetworkPolicySpecPatchArgsDict | None = None

    @classmethod
    def deny_all(cls, namespace: Namespace | pulumi.Input[str]) -> NetworkPolicyArgs:
        """Nobody calls and nobody is called in a namespace, name servers aside, but for what other policies allow."""
        return cls(of=namespace, ingress=[], egress=[])

    def __post_init__(self) -> None:
        if self.ingress is None and self.egress is None:
            raise ValueError("a policy without ingress and egress limits nothing: give it one of them, [] for nobody")
        check_labels(self.labels)
        _limited(self)
        _spec(self)


@checked
class NetworkPolicy(pulumi.ComponentResource):
    """A NetworkPolicy named exactly `name`, in the namespace of the pods that it limits."""

    def __init__(self, name: str, args: NetworkPolicyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "network policy")
        super().__init__("slipway:index:NetworkPolicy", name, None, opts)
        workload, place = _limited(args)
        self.resource = networking.NetworkPolicy(
            name,
            metadata={
                "name": name,
                "namespace": place.name,
                "labels": {**args.labels, **(workload.labels if workload else {})} or None,
                "annotations": args.annotations or None,
            },
            spec=cast("networking.NetworkPolicySpecArgsDict", merge(_spec(args), args.spec)),
            opts=place.child(self),
        )
        self.register_outputs({"name": name})


def _limited(args: NetworkPolicyArgs) -> tuple[Workload | None, Place]:
    """The workload whose pods are limited, None for all in a namespace; and where that is. Raises ValueError."""
    if isinstance(args.of, (Workload, WorkloadResource)):
        workload = workload_of(args.of)
        return workload, workload.place
    return None, place_of(args.of)


def _spec(args: NetworkPolicyArgs) -> networking.NetworkPolicySpecArgsDict:
    workload, _ = _limited(args)
    spec: networking.NetworkPolicySpecArgsDict = {
        "pod_selector": {"match_labels": workload.selector} if workload else {},
        "policy_types": [
            *(["Ingress"] if args.ingress is not None else []),
            *(["Egress"] if args.egress is not None else []),
        ],
    }
    if args.ingress is not None:
        spec["ingress"] = [coming(allowed, workload) for allowed in args.ingress]
    if args.egress is not None:
        called = [rule for allowed in args.egress for rule in going(allowed)]
        spec["egress"] = [*called, dns()] if args.dns else called
    return spec
