"""A shop: web asks catalog and orders, packer works off a queue in the database, and nobody else gets in."""

from dataclasses import replace

import pulumi

from slipway import (
    Allow,
    Certificate,
    CertificateArgs,
    ClaimTemplate,
    Config,
    ConfigArgs,
    Connection,
    ConnectionArgs,
    CronJob,
    CronJobArgs,
    Ingress,
    IngressArgs,
    IngressPath,
    Job,
    JobArgs,
    Monitor,
    MonitorArgs,
    Namespace,
    NetworkPolicy,
    NetworkPolicyArgs,
    Port,
    Probe,
    Probes,
    Resources,
    Scaling,
    Service,
    ServiceArgs,
    StatefulSet,
    StatefulSetArgs,
    WebService,
    WebServiceArgs,
    Worker,
    WorkerArgs,
    empty_dir,
)

CATALOG, ORDERS, WEB = (f"registry.example.com/shop/{name}:2.3.0" for name in ("catalog", "orders", "web"))
HTTP, PROBES = [Port(name="http", number=8080)], Probes(readiness=Probe(http="/readyz"), liveness=Probe(http="/livez"))

settings = pulumi.Config()
namespace = Namespace(f"shop-{pulumi.get_stack()}")
replicas = settings.require_int("replicas")
scaling = Scaling(min=replicas, max=3 * replicas)

# The database. Its claim stays when its pods change.
secrets = {"PASSWORD": settings.require_secret("databasePassword")}
password = Config("database", ConfigArgs(namespace=namespace, secrets=secrets)).secrets
postgres = StatefulSet(
    "postgres",
    StatefulSetArgs(
        namespace=namespace,
        image="registry.example.com/postgres:17.6",
        ports=[Port(name="sql", number=5432)],
        environment={"POSTGRES_USER": "shop", "PGDATA": "/data/17", **password.environment(prefix="POSTGRES_")},
        mounts={
            "/data": ClaimTemplate(name="data", size=settings.require("databaseSize")),
            "/run/postgresql": empty_dir("16Mi"),
        },
        user=999,
        fs_group=999,
        resources=Resources.medium(),
    ),
)
database = Service("postgres", ServiceArgs(workload=postgres))
access = {"DATABASE_URL": database.url(scheme="postgres"), "PGUSER": "shop", **password.environment(prefix="PG")}

# No pod of a new version starts before the tables are as it needs them.
migrate = Job("migrate", JobArgs(namespace=namespace, image=ORDERS, args=["migrate"], environment=access))

service = WebServiceArgs(
    namespace=namespace, image=CATALOG, ports=HTTP, probes=PROBES, environment=access, scaling=scaling, before=[migrate]
)
catalog = WebService("catalog", service)
to_catalog = {"CATALOG_URL": catalog.service.url()}
orders = WebService("orders", replace(service, image=ORDERS, environment={**access, **to_catalog}))
to_orders = {"ORDERS_URL": orders.service.url()}
web = WebService("web", replace(service, image=WEB, environment={**to_catalog, **to_orders}))
packer = Worker(
    "packer",
    WorkerArgs(
        namespace=namespace,
        image=ORDERS,
        args=["pack"],
        ports=HTTP,
        probes=PROBES,
        environment=access,
        scaling=scaling,
        before=[migrate],
    ),
)
nightly = CronJobArgs(namespace=namespace, image=ORDERS, args=["report"], environment=access, schedule="0 3 * * *")
report = CronJob("report", nightly)

# Customers come over HTTPS, to web alone.
issuer = settings.require("issuer")
tls = Certificate("shop", CertificateArgs(namespace=namespace, hosts=[settings.require("host")], issuer=issuer))
shop = Ingress("shop", IngressArgs(paths=[IngressPath(service=web.service)], hosts=tls.hosts, tls=tls))

# Who may call whom. What is not said here is denied.
NetworkPolicy("deny-all", NetworkPolicyArgs.deny_all(namespace))
NetworkPolicy("customers", NetworkPolicyArgs(of=web, ingress=[Allow(namespaces=["ingress"], ports=["http"])]))
NetworkPolicy("prometheus", NetworkPolicyArgs(of=namespace, ingress=[Allow(namespaces=["monitoring"], ports=[8080])]))
for caller in (catalog, orders, packer, migrate, report):
    name = f"{caller.workload.name}-to-postgres"
    Connection(name, ConnectionArgs(caller=caller, callee=database))
for caller, callee in ((web, catalog), (web, orders), (orders, catalog)):
    name = f"{caller.workload.name}-to-{callee.workload.name}"
    Connection(name, ConnectionArgs(caller=caller, callee=callee.service))

for scraped in (catalog.service, orders.service, web.service, packer.workload):
    Monitor(scraped.name, MonitorArgs(of=scraped))
pulumi.export("url", shop.url)
