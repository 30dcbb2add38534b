"""One service on several clusters. The weight of a cluster is its share of the requests, and so of the pods."""

import math
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

import slipway as sw


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """An entry of `clusters` in the stack's file."""

    name: str
    context: str
    weight: int


settings = pulumi.Config()
clusters = [Cluster(**entry) for entry in settings.require_object("clusters")]
total = sum(cluster.weight for cluster in clusters)
host = settings.require("host")
endpoints: list[dict[str, object]] = []

for cluster in clusters:
    provider = k8s.Provider(cluster.name, context=cluster.context)
    if not cluster.weight:
        # Its provider is still there. So `apply` knows the cluster, and deletes what it had.
        continue
    # The name of the cluster is in the type of this parent, and so in the URN of each resource below it. That is why
    # the resources may have the same names in each cluster.
    home = pulumi.ComponentResource(
        f"multicluster:cluster:{cluster.name}", cluster.name, opts=pulumi.ResourceOptions(provider=provider)
    )
    home.register_outputs({})
    there = pulumi.ResourceOptions(parent=home)

    namespace = sw.Namespace("multicluster", opts=there)
    # Rounded up, so that each cluster bears its share. Never one pod alone, so that it can be updated and drained.
    replicas = max(2, math.ceil(settings.require_int("replicas") * cluster.weight / total))
    hello = sw.WebServiceArgs(
        namespace=namespace,
        image="registry.example.com/hello-world:1.0.0",
        ports=[sw.Port(name="http", number=8080)],
        config={"hello-world.data": f"Hello from {cluster.name}.\n", "hello-world.config": "drain_delay = 1s\n"},
        config_dir="/etc/hello-world",
        probes=sw.Probes(readiness=sw.Probe(http="/readyz"), liveness=sw.Probe(http="/livez")),
        replicas=replicas,
    )
    service = sw.WebService("hello", hello, there).service
    own_host = f"{cluster.name}.{host}"
    sw.Ingress("hello", sw.IngressArgs(paths=[sw.IngressPath(service=service)], hosts=[host, own_host]), there)
    endpoints.append({"host": own_host, "weight": cluster.weight})

# For the DNS or the load balancer in front of all clusters: `host` leads to each endpoint as often as its weight says.
pulumi.export("host", host)
pulumi.export("endpoints", endpoints)
