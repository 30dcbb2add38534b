"""hello-world: HTTP and gRPC over TLS, a ConfigMap in two volumes, and accounts that may read what they need."""

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

import slipway as sw

NAME = "hello-world"
settings = pulumi.Config()
namespace = sw.Namespace(NAME)

# What the pods read: two files, each in a volume of its own, and a token.
config = sw.Config(
    "hello-world-config",
    sw.ConfigArgs(
        namespace=namespace,
        values={"hello-world.data": "Hello over TLS.\n", "hello-world.config": "drain_delay = 1s\n"},
        # The name stays, and a change rolls the pods.
        rollout="restart",
    ),
)
secret = {"API_TOKEN": settings.require_secret("apiToken")}
token = sw.Config("hello-world-token", sw.ConfigArgs(namespace=namespace, secrets=secret)).secrets

# The certificate: a given one, or one that cert-manager signs with a given CA, and renews.
pair = sw.TlsSecretArgs(
    namespace=namespace, certificate=settings.require_secret("certificate"), key=settings.require_secret("key")
)
if settings.require_bool("authority"):
    authority = sw.TlsSecret("hello-world-ca", pair)
    CustomResource(
        NAME,
        api_version="cert-manager.io/v1",
        kind="Issuer",
        metadata={"name": NAME, "namespace": NAME},
        spec={"ca": {"secretName": authority.secret.name}},
        opts=pulumi.ResourceOptions(depends_on=[namespace]),
    )
    hosts = [f"{service}.{NAME}.svc" for service in (NAME, "hello-world-grpc")]
    signed = sw.CertificateArgs(namespace=namespace, hosts=hosts, issuer=NAME, issuer_kind="Issuer")
    tls = sw.Certificate("hello-world-tls", signed).secret
else:
    tls = sw.TlsSecret("hello-world-tls", pair).secret

# The service. Its account has no rights, so its pods get no token.
deployment = sw.DeploymentArgs(
    namespace=namespace,
    image="registry.example.com/hello-world:1.1.0",
    replicas=3,
    resources=sw.Resources(cpu="20m", memory="64Mi"),
    ports=[sw.Port(name="http", number=8080, tls=True), sw.Port(name="grpc", number=50021, tls=True)],
    environment={"CONFIG_DIR": "/config", "DATA_DIR": "/data", "TLS_DIR": "/tls", **token.environment()},
    mounts={
        "/data": config.values.volume(keys=["hello-world.data"]),
        "/config": config.values.volume(keys=["hello-world.config"]),
        "/tls": tls.volume(keys=["tls.crt", "tls.key"]),
    },
    # The kubelet cannot ask gRPC over TLS. /readyz answers what the gRPC health service does.
    probes=sw.Probes(readiness=sw.Probe(http="/readyz"), liveness=sw.Probe(http="/livez")),
    service_account=sw.ServiceAccount(NAME, sw.ServiceAccountArgs(namespace=namespace)),
)
hello = sw.Deployment(NAME, deployment)
http = sw.Service(NAME, sw.ServiceArgs(workload=hello, ports={"http": 80}))
# A gRPC client keeps one connection. It finds all pods by this name, and shares its calls among them.
grpc = sw.Service("hello-world-grpc", sw.ServiceArgs(workload=hello, ports={"grpc": 50021}, type="Headless"))

# Who may read what: the reader this one ConfigMap, the operator the pods, their logs and the Deployment.
reader = sw.ServiceAccount("reader", sw.ServiceAccountArgs(namespace=namespace))
sw.Grant("reader", sw.GrantArgs(to=reader, may=["get"], what=[config.values]))
operator = sw.ServiceAccount("operator", sw.ServiceAccountArgs(namespace=namespace))
sw.Grant("operator", sw.GrantArgs(to=operator, may="read", what=["pods", "pods/log", hello]))

reading = sw.CronJobArgs(
    namespace=namespace,
    schedule="@hourly",
    service_account=reader,
    image="registry.k8s.io/kubectl:v1.36.3",
    args=["get", "configmap/hello-world-config", r"--output=jsonpath={.data.hello-world\.data}"],
    resources=sw.Resources(cpu="20m"),
    user=65532,
    retries=0,
)
sw.CronJob("reader", reading)
pulumi.export("http", http.url())
pulumi.export("grpc", grpc.endpoint())
