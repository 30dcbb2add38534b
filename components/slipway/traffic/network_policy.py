"""A NetworkPolicy: who may call the pods of a workload or namespace, and whom these pods may call."""

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
    """The arguments of a `NetworkPolicy`. Raises ValueError for unknown ports, and if it would limit nothing.

    - `of`: the limited pods: those of a workload, or all pods in a namespace.
    - `ingress`: who may call them; `[]` for nobody, None leaves that to other policies.
    - `egress`: whom they may call; `[]` for nobody, None leaves that to other policies. Answers are always allowed.
    - `dns`: whether `egress` also allows the cluster's name servers (pods `k8s-app: kube-dns` of `kube-system`). Pods
      need them to find Services by name.
    - `labels`, `annotations`: added to its own.
    - `spec`: raw provider fields, merged last (RFC 7386).

    In a direction that no policy limits, pods may do everything. If several policies limit a pod, it may do what any of
    them allows. Only the network plugin of the cluster enforces policies, and not every plugin does: check yours.
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
        """Block all calls from and to the pods of a namespace, except to name servers and what other policies allow."""
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
    """The limited workload (None for a whole namespace) and its namespace. Raises ValueError."""
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
