"""One example a component, with as much switched on as it has: what the contract tests hold to the rules.

An example takes the name and the options of its component, and the `Surroundings` in which to make
what the component only needs, so that it is not taken for the component's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from slipway import (
    Allow,
    Autoscaler,
    AutoscalerArgs,
    Backend,
    Certificate,
    CertificateArgs,
    Config,
    ConfigArgs,
    Connection,
    ConnectionArgs,
    Container,
    ContainerDefaults,
    Deployment,
    DeploymentArgs,
    HttpMatch,
    Image,
    ImageArgs,
    Ingress,
    IngressArgs,
    IngressPath,
    Namespace,
    NamespaceArgs,
    NetworkPolicy,
    NetworkPolicyArgs,
    Port,
    Probe,
    Probes,
    Route,
    RouteArgs,
    RouteRule,
    Scaling,
    Service,
    ServiceArgs,
    WebService,
    WebServiceArgs,
    empty_dir,
)

NAMESPACE = "shop"
IMAGE = "registry.example.com/shop/web:1.2.3"
PORTS = (Port(name="http", number=8080), Port(name="grpc", number=50021, app_protocol="kubernetes.io/h2c"))
PROBES = Probes(readiness=Probe(http="/readyz"), liveness=Probe(grpc="", port="grpc"))


@dataclass(frozen=True)
class Surroundings:
    """A namespace, and the options of what is made beside the component under test."""

    namespace: Namespace
    opts: pulumi.ResourceOptions

    TYPE = "test:index:Surroundings"


def surroundings() -> Surroundings:
    """To be made once a program."""
    opts = pulumi.ResourceOptions(parent=pulumi.ComponentResource(Surroundings.TYPE, "around"))
    return Surroundings(Namespace(NAMESPACE, opts=opts), opts)


Example = Callable[[str, pulumi.ResourceOptions, Surroundings], pulumi.ComponentResource]


def write_context(folder: Path) -> str:
    """A smallest context that an `Image` can be built from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    return str(folder)


def pod(**own: Any) -> dict[str, Any]:
    """The fields of a workload that does what a real one does; `own` is over them."""
    scratch = empty_dir("64Mi")
    return {
        "image": IMAGE,
        "ports": PORTS,
        "probes": PROBES,
        "mounts": {"/tmp": scratch},
        "environment": {"LOG_LEVEL": "info"},
        "init_containers": {"migrate": Container(image=IMAGE, args=["migrate"])},
        "sidecars": {"tail": Container(image=IMAGE, mounts={"/tmp": scratch})},
        "labels": {"team": "shop"},
        **own,
    }


def workload(name: str, around: Surroundings, **own: Any) -> Deployment:
    """A Deployment, for what refers to one."""
    return Deployment(name, DeploymentArgs(**pod(namespace=around.namespace, **own)), around.opts)


def service(name: str, around: Surroundings) -> Service:
    """A Service, for what leads to one."""
    return Service(name, ServiceArgs(workload=workload(name, around, replicas=2)), around.opts)


def certificate(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Certificate:
    args = CertificateArgs(
        namespace=around.namespace, hosts=["shop.example.com", "*.shop.example.com"], issuer="ours", duration=48
    )
    return Certificate(name, args, opts)


def _connection(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Connection:
    callee = service(name, around)
    return Connection(name, ConnectionArgs(caller=callee.workload, callee=callee, port="grpc"), opts)


def _ingress(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Ingress:
    args = IngressArgs(
        hosts=["shop.example.com"],
        paths=[IngressPath(service=service(name, around), port="http")],
        tls=certificate(name, around.opts, around),
        class_name="traefik",
    )
    return Ingress(name, args, opts)


def _network_policy(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> NetworkPolicy:
    args = NetworkPolicyArgs(
        of=workload(name, around, replicas=2),
        ingress=[Allow(namespaces=["ingress"], ports=["http"])],
        egress=[Allow(cidrs=["10.0.0.0/8"], excepted=["10.1.0.0/16"], ports=[5432])],
    )
    return NetworkPolicy(name, args, opts)


def _route(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Route:
    rule = RouteRule(to=[Backend(service=service(name, around), port="http")], matches=[HttpMatch(path="/api")])
    return Route(name, RouteArgs(gateway="public", gateway_namespace="infra", rules=[rule]), opts)


def _namespace(name: str, opts: pulumi.ResourceOptions, _: Surroundings) -> Namespace:
    return Namespace(name, NamespaceArgs(quota={"pods": "20"}, defaults=ContainerDefaults()), opts)


def _config(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Config:
    args = ConfigArgs(namespace=around.namespace, values={"greeting": "hi"}, secrets={"TOKEN": "t0ps3cret"})
    return Config(name, args, opts)


def _image(name: str, opts: pulumi.ResourceOptions, _: Surroundings) -> Image:
    return Image(name, ImageArgs(repository=f"registry.example.com/{name}", context="app"), opts)


def _deployment(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Deployment:
    settings = ConfigArgs(namespace=around.namespace, values={"A": "b"}, rollout="restart")
    environment = Config(f"{name}-settings", settings, around.opts).values.environment()
    args = DeploymentArgs(**pod(namespace=around.namespace, environment=environment, replicas=2))
    return Deployment(name, args, opts)


def _service(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Service:
    return Service(name, ServiceArgs(workload=workload(name, around, replicas=2)), opts)


def _autoscaler(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Autoscaler:
    args = AutoscalerArgs(workload=workload(name, around), scaling=Scaling(min=2, max=4, memory=80))
    return Autoscaler(name, args, opts)


def _web_service(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> WebService:
    args = WebServiceArgs(
        **pod(namespace=around.namespace),
        config={"greeting": "hi"},
        config_dir="/etc/web",
        secrets={"TOKEN": "t0ps3cret"},
        scaling=Scaling(min=2, max=4),
    )
    return WebService(name, args, opts)


EXAMPLES: dict[type[pulumi.ComponentResource], Example] = {
    Autoscaler: _autoscaler,
    Certificate: certificate,
    Config: _config,
    Connection: _connection,
    Deployment: _deployment,
    Image: _image,
    Ingress: _ingress,
    Namespace: _namespace,
    NetworkPolicy: _network_policy,
    Route: _route,
    Service: _service,
    WebService: _web_service,
}
