"""One example a component, with as much switched on as it has: what the contract tests hold to the rules.

An example takes the name and the options of its component, and the `Surroundings` in which to make
what the component only needs, so that it is not taken for the component's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pulumi

from slipway import (
    Alert,
    Alerts,
    AlertsArgs,
    Allow,
    Autoscaler,
    AutoscalerArgs,
    Backend,
    Bounds,
    Certificate,
    CertificateArgs,
    Claim,
    ClaimArgs,
    ClaimTemplate,
    Config,
    ConfigArgs,
    Connection,
    ConnectionArgs,
    Container,
    ContainerDefaults,
    CronJob,
    CronJobArgs,
    DaemonSet,
    DaemonSetArgs,
    Dashboard,
    DashboardArgs,
    Deployment,
    DeploymentArgs,
    DisruptionBudget,
    DisruptionBudgetArgs,
    EventScaler,
    EventScalerArgs,
    EventScaling,
    ExternalSecret,
    ExternalSecretArgs,
    Grant,
    GrantArgs,
    HttpMatch,
    Image,
    ImageArgs,
    Ingress,
    IngressArgs,
    IngressPath,
    Job,
    JobArgs,
    Login,
    Monitor,
    MonitorArgs,
    Namespace,
    NamespaceArgs,
    NetworkPolicy,
    NetworkPolicyArgs,
    Password,
    PasswordArgs,
    PersistentVolume,
    PersistentVolumeArgs,
    Pod,
    PodArgs,
    Port,
    Probe,
    Probes,
    PullSecret,
    PullSecretArgs,
    Recorded,
    Remote,
    Route,
    RouteArgs,
    RouteRule,
    Scaling,
    Service,
    ServiceAccount,
    ServiceAccountArgs,
    ServiceArgs,
    StatefulSet,
    StatefulSetArgs,
    TlsSecret,
    TlsSecretArgs,
    Trigger,
    VerticalAutoscaler,
    VerticalAutoscalerArgs,
    WebService,
    WebServiceArgs,
    Worker,
    WorkerArgs,
    empty_dir,
)

NAMESPACE = "shop"
IMAGE = "registry.example.com/shop/web:1.2.3"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n"
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


STATES = {"random:index/randomPassword:RandomPassword": {"result": "what-a-provider-has-made"}}
"""What only a deployment tells of the resources below."""

Example = Callable[[str, pulumi.ResourceOptions, Surroundings], pulumi.ComponentResource]


def write_context(folder: Path) -> str:
    """A smallest context that an `Image` can be built from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    return str(folder)


def write_dashboard(folder: Path) -> str:
    """A smallest file that a `Dashboard` can show."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "web.json"
    file.write_text('{"title": "Web", "panels": []}\n')
    return str(file)


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


def _claim(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Claim:
    return Claim(name, ClaimArgs(namespace=around.namespace, size="10Gi", storage_class="fast"), opts)


def _external_secret(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> ExternalSecret:
    keys = {"TOKEN": Remote(key="shop/api", property="token"), "PASSWORD": "shop/database"}
    return ExternalSecret(name, ExternalSecretArgs(namespace=around.namespace, store="vault", keys=keys), opts)


def _password(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Password:
    return Password(name, PasswordArgs(namespace=around.namespace, keepers={"year": "2026"}), opts)


def _persistent_volume(name: str, opts: pulumi.ResourceOptions, _: Surroundings) -> PersistentVolume:
    args = PersistentVolumeArgs(size="10Gi", source={"local": {"path": f"/mnt/{name}"}}, nodes=["node-1"])
    return PersistentVolume(name, args, opts)


def _pull_secret(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> PullSecret:
    registries = {"registry.example.com/shop": Login(username="shop", password=pulumi.Output.secret("t0ps3cret"))}
    return PullSecret(name, PullSecretArgs(namespace=around.namespace, registries=registries), opts)


def _tls_secret(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> TlsSecret:
    args = TlsSecretArgs(namespace=around.namespace, certificate=CERTIFICATE, key=KEY)
    return TlsSecret(name, args, opts)


def _image(name: str, opts: pulumi.ResourceOptions, _: Surroundings) -> Image:
    return Image(name, ImageArgs(repository=f"registry.example.com/{name}", context="app"), opts)


def _deployment(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Deployment:
    settings = ConfigArgs(namespace=around.namespace, values={"A": "b"}, rollout="restart")
    environment = Config(f"{name}-settings", settings, around.opts).values.environment()
    args = DeploymentArgs(**pod(namespace=around.namespace, environment=environment, replicas=2))
    return Deployment(name, args, opts)


def _stateful_set(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> StatefulSet:
    mounts = {"/tmp": empty_dir("64Mi"), "/data": ClaimTemplate(name="data", size="1Gi")}
    args = StatefulSetArgs(**pod(namespace=around.namespace, mounts=mounts, replicas=2, fs_group=1000))
    return StatefulSet(name, args, opts)


def _daemon_set(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> DaemonSet:
    return DaemonSet(name, DaemonSetArgs(**pod(namespace=around.namespace)), opts)


def _job(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Job:
    return Job(name, JobArgs(namespace=around.namespace, image=IMAGE, completions=2, indexed=True), opts)


def _cron_job(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> CronJob:
    return CronJob(name, CronJobArgs(namespace=around.namespace, image=IMAGE, schedule="0 3 * * *"), opts)


def _pod(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Pod:
    return Pod(name, PodArgs(**pod(namespace=around.namespace, restart_policy="Never")), opts)


def _service(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Service:
    return Service(name, ServiceArgs(workload=workload(name, around, replicas=2)), opts)


def _autoscaler(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Autoscaler:
    args = AutoscalerArgs(workload=workload(name, around), scaling=Scaling(min=2, max=4, memory=80))
    return Autoscaler(name, args, opts)


def account(name: str, around: Surroundings) -> ServiceAccount:
    """A ServiceAccount, for what refers to one."""
    return ServiceAccount(name, ServiceAccountArgs(namespace=around.namespace), around.opts)


def _service_account(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> ServiceAccount:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/web"}
    return ServiceAccount(name, ServiceAccountArgs(namespace=around.namespace, annotations=role), opts)


def _grant(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Grant:
    what = ["pods", "pods/log", workload(name, around, replicas=2)]
    return Grant(name, GrantArgs(to=account(name, around), may="read", what=what), opts)


def _disruption_budget(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> DisruptionBudget:
    args = DisruptionBudgetArgs(workload=workload(name, around, replicas=3), min_available="50%", labels={"a": "b"})
    return DisruptionBudget(name, args, opts)


def _vertical_autoscaler(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> VerticalAutoscaler:
    bounds = {name: Bounds(min_cpu="50m", max_cpu="2", max_memory="1Gi"), "tail": Bounds(max_memory="64Mi")}
    args = VerticalAutoscalerArgs(workload=workload(name, around, replicas=2), containers=bounds, min_replicas=1)
    return VerticalAutoscaler(name, args, opts)


def _event_scaler(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> EventScaler:
    queue = Trigger(type="rabbitmq", metadata={"queueName": "orders", "value": "5"}, authentication="rabbitmq")
    args = EventScalerArgs(workload=workload(name, around), triggers=[queue], min=0, max=9, cooldown=60)
    return EventScaler(name, args, opts)


def _monitor(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Monitor:
    args = MonitorArgs(of=workload(name, around, replicas=2), port="http", timeout=10, labels={"release": "prometheus"})
    return Monitor(name, args, opts)


def _alerts(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Alerts:
    ratio = Recorded(name="web:errors:ratio", expression="sum(rate(errors[5m])) / sum(rate(requests[5m]))")
    alert = Alert(name="WebFails", when="web:errors:ratio > 0.05", for_=300, severity="critical", summary="It fails")
    return Alerts(name, AlertsArgs(namespace=around.namespace, groups={"web": [ratio, alert]}, every=30), opts)


def _dashboard(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Dashboard:
    file = write_dashboard(Path(gettempdir()) / "slipway-examples")
    return Dashboard(name, DashboardArgs(namespace=around.namespace, file=file, folder="Shop"), opts)


def _web_service(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> WebService:
    args = WebServiceArgs(
        **pod(namespace=around.namespace),
        config={"greeting": "hi"},
        config_dir="/etc/web",
        secrets={"TOKEN": "t0ps3cret"},
        scaling=Scaling(min=2, max=4),
    )
    return WebService(name, args, opts)


def _worker(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> Worker:
    queue = Trigger(type="rabbitmq", metadata={"queueName": "orders", "value": "5"}, authentication="rabbitmq")
    scaling = EventScaling(triggers=[queue], max=9)
    args = WorkerArgs(**pod(namespace=around.namespace), secrets={"TOKEN": "t0ps3cret"}, scaling=scaling)
    return Worker(name, args, opts)


EXAMPLES: dict[type[pulumi.ComponentResource], Example] = {
    Alerts: _alerts,
    Autoscaler: _autoscaler,
    Claim: _claim,
    Config: _config,
    CronJob: _cron_job,
    DaemonSet: _daemon_set,
    Certificate: certificate,
    Connection: _connection,
    Deployment: _deployment,
    Dashboard: _dashboard,
    DisruptionBudget: _disruption_budget,
    EventScaler: _event_scaler,
    Grant: _grant,
    ExternalSecret: _external_secret,
    Image: _image,
    Job: _job,
    Monitor: _monitor,
    Namespace: _namespace,
    Pod: _pod,
    Ingress: _ingress,
    NetworkPolicy: _network_policy,
    Route: _route,
    Service: _service,
    StatefulSet: _stateful_set,
    ServiceAccount: _service_account,
    VerticalAutoscaler: _vertical_autoscaler,
    Password: _password,
    PersistentVolume: _persistent_volume,
    PullSecret: _pull_secret,
    TlsSecret: _tls_secret,
    WebService: _web_service,
    Worker: _worker,
}
