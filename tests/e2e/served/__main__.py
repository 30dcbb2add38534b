"""Two services in a namespace of the stack's name, reached from outside by host, path, header and weight."""

import pulumi

from slipway import (
    Backend,
    Certificate,
    CertificateArgs,
    GrpcMatch,
    HttpMatch,
    Ingress,
    IngressArgs,
    IngressPath,
    Namespace,
    Port,
    Probe,
    Probes,
    Route,
    RouteArgs,
    RouteRule,
    Service,
    WebService,
    WebServiceArgs,
)

config = pulumi.Config()
stack = pulumi.get_stack()
namespace = Namespace(stack)
# The certificate of the Gateway covers its own domain, and not that of the Ingresses.
own, domain = f"{stack}.example.com", config.require("domain")


def serve(name: str) -> Service:
    args = WebServiceArgs(
        namespace=namespace,
        image=config.require("image"),
        ports=[Port(name="http", number=8080), Port(name="grpc", number=50021)],
        probes=Probes(readiness=Probe(http="/readyz", period=1)),
        config={"hello-world.data": f"this is {name}", "hello-world.config": "drain_delay = 0s\n"},
        config_dir="/etc/hello-world",
        replicas=1,
        pre_stop=1,
    )
    return WebService(name, args).service


web, canary = serve("web"), serve("canary")
secure = Certificate(
    "shop", CertificateArgs(namespace=namespace, hosts=[f"shop.{own}"], issuer=config.require("issuer"))
)
path = IngressPath(service=web, port="http", path=config.require("path"), match="Exact")
shop = Ingress("shop", IngressArgs(hosts=secure.hosts, paths=[path], tls=secure, class_name="traefik"))
front = IngressPath(service=canary, port="http")
plain = Ingress("plain", IngressArgs(hosts=[f"plain.{own}"], paths=[front], class_name="traefik"))

share = config.require_int("share")
split = [Backend(service=web, port="http", weight=100 - share), Backend(service=canary, port="http", weight=share)]
asked = RouteRule(matches=[HttpMatch(headers={"x-canary": "yes"})], to=[Backend(service=canary, port="http")])
gateway, where = config.require("gateway"), config.require("gatewayNamespace")
Route(
    "split",
    RouteArgs(
        gateway=gateway,
        gateway_namespace=where,
        listener="https",
        hosts=[f"split.{domain}"],
        rules=[asked, RouteRule(to=split)],
    ),
)
health = GrpcMatch(service="grpc.health.v1.Health", method="Check")
Route(
    "health",
    RouteArgs(
        gateway=gateway,
        gateway_namespace=where,
        listener="http",
        protocol="grpc",
        hosts=[f"health.{domain}"],
        rules=[RouteRule(matches=[health], to=[Backend(service=web, port="grpc")])],
    ),
)
pulumi.export("shop", shop.url)
pulumi.export("plain", plain.url)
