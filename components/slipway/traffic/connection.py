"""A connection: it lets one workload call the Service of another."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.networking import v1 as networking

from slipway.parts.arguments.checked import checked
from slipway.parts.names import LONGEST, check_name
from slipway.parts.workload import Workload, WorkloadResource
from slipway.traffic.network_policy import NetworkPolicy, NetworkPolicyArgs
from slipway.traffic.peers import Allow
from slipway.traffic.service import Service

_LONGEST_ROLE = len("-ingress")


@checked
@dataclass(frozen=True, kw_only=True)
class ConnectionArgs:
    """The arguments of a `Connection`. Raises ValueError for a port that the Service does not have.

    - `caller`: the workload that calls. `callee`: the Service that it calls. They may be in different namespaces.
    - `port`: the name of the Service's port; None for its only one.
    - `egress_spec`, `ingress_spec`: raw provider fields of the two policies, merged last (RFC 7386).
    """

    caller: Workload | WorkloadResource
    callee: Service
    port: str | None = None
    egress_spec: networking.NetworkPolicySpecPatchArgsDict | None = None
    ingress_spec: networking.NetworkPolicySpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        self.callee.port_name(self.port)


@checked
class Connection(pulumi.ComponentResource):
    """Two NetworkPolicies: `<name>-egress` lets the caller call, `<name>-ingress` lets the callee be called.

    The policies also limit both sides. The caller may call only what its connections and other policies allow, and the
    name servers. The pods behind `callee` accept calls only from workloads that their own policies allow.

    Give the caller the address in a variable: `environment={"API_URL": api.url("http")}`. See
    docs/adr/0018-connections.md.
    """

    def __init__(self, name: str, args: ConnectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "connection", longest=LONGEST - _LONGEST_ROLE)
        super().__init__("slipway:index:Connection", name, None, opts)
        callee, ports = args.callee.workload, [args.callee.port_name(args.port)]
        egress = NetworkPolicyArgs(
            of=args.caller, egress=[Allow(workloads=[callee], ports=ports)], spec=args.egress_spec
        )
        ingress = NetworkPolicyArgs(
            of=callee, ingress=[Allow(workloads=[args.caller], ports=ports)], spec=args.ingress_spec
        )
        child = pulumi.ResourceOptions(parent=self)
        self.egress = NetworkPolicy(f"{name}-egress", egress, child)
        self.ingress = NetworkPolicy(f"{name}-ingress", ingress, child)
        self.register_outputs({"endpoint": args.callee.endpoint(args.port)})
