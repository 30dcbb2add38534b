"""More than `WebService` offers: two Services for one Deployment, a sidecar, a migration that runs first."""

import pulumi

from slipway import (
    Autoscaler,
    AutoscalerArgs,
    Container,
    Deployment,
    DeploymentArgs,
    Namespace,
    NamespaceArgs,
    Port,
    Probe,
    Probes,
    Resources,
    Scaling,
    Service,
    ServiceArgs,
    empty_dir,
)

SHOP = "registry.example.com/team/shop:2.0.1"

namespace = Namespace("shop", NamespaceArgs(quota={"pods": "30", "requests.cpu": "10"}))
cache = empty_dir("1Gi")
shop = Deployment(
    "shop",
    DeploymentArgs(
        namespace=namespace,
        image=SHOP,
        ports=[Port(name="http", number=8080), Port(name="metrics", number=9090)],
        mounts={"/var/cache/shop": cache},
        probes=Probes(readiness=Probe(http="/ready"), liveness=Probe(http="/alive")),
        resources=Resources(cpu="500m", memory="512Mi"),
        init_containers={"migrate": Container(image=SHOP, command=["/shop", "migrate"])},
        sidecars={"warm-cache": Container(image=SHOP, command=["/shop", "warm"], mounts={"/cache": cache})},
        spread="required",
    ),
)
web = Service("shop", ServiceArgs(workload=shop, ports={"http": 80}, type="LoadBalancer"))
metrics = Service("shop-metrics", ServiceArgs(workload=shop, ports={"metrics": 9090}, type="Headless"))
Autoscaler("shop", AutoscalerArgs(workload=shop, scaling=Scaling(min=3, max=9, cpu=60, down_window=600)))
pulumi.export("host", web.host)
