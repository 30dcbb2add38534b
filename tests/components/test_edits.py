"""docs/edits.md says what each edit does to what is there. Each row of it is made here, and none is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from slipway import (
    Alert,
    Alerts,
    AlertsArgs,
    Allow,
    Autoscaler,
    AutoscalerArgs,
    Backend,
    Certificate,
    CertificateArgs,
    Claim,
    ClaimArgs,
    ClaimTemplate,
    Config,
    ConfigArgs,
    Connection,
    ConnectionArgs,
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
    ExternalSecret,
    ExternalSecretArgs,
    Grant,
    GrantArgs,
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
    PullSecret,
    PullSecretArgs,
    Recreate,
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
)
from slipway.configuration import versions
from slipway.deploy import edits as deploying
from slipway.deploy.edits import check_edits
from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.parts.edits import guard
from slipway.parts.edits.objects import part
from slipway.parts.edits.rules import RULES
from slipway.preview.model import Manifest, Registration, Secret
from slipway.testing import Recording, deploy
from tests.components.examples import CERTIFICATE, IMAGE, KEY, NAMESPACE, PORTS, STATES
from tests.components.rendering import deployment
from tests.repository import ROOT

OTHER = IMAGE.replace("1.2.3", "1.2.4")
NEW_CERTIFICATE = CERTIFICATE.replace("MIIB", "MIIC")
SELECTOR = {"selector": {"match_labels": {"team": "shop"}}}
IN: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE}


# The provider, as its diff.go has it


FORCE_NEW = {
    "ConfigMap": ["data", "binaryData"],
    "Secret": ["data", "type"],
    "Deployment": ["spec.selector"],
    "StatefulSet": [
        f"spec.{field}"
        for field in (
            *("podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName"),
            "volumeClaimTemplates",
        )
    ],
    "Job": ["spec.completions", "spec.parallelism", "spec.template"],
    "PersistentVolume": [f"spec.{source}" for source in ("hostPath", "local", "nfs", "csi")],
    "PersistentVolumeClaim": ["spec.accessModes", "spec.storageClassName", "spec.volumeName", "spec.selector"],
    "Pod": ["spec"],
    "Service": ["spec.clusterIP"],
    "RoleBinding": ["roleRef"],
    "ClusterRoleBinding": ["roleRef"],
}
PLACE = ("metadata.name", "metadata.namespace")


def at(value: Any, path: str) -> Any:
    *parents, last = path.split(".")
    return part(value, *parents).get(last)


def plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return plain(value.value)
    return {key: plain(one) for key, one in part({"it": value}, "it").items()} if isinstance(value, dict) else value


def is_there(one: Registration) -> bool:
    return one.type.startswith(("kubernetes:", "random:"))


def step(was: Registration, now: Registration) -> str:
    """What the provider does to a resource."""
    before, after = plain(was.inputs), plain(now.inputs)
    ignored: list[str] = now.options.get("ignoreChanges", [])
    kind = now.type.rpartition(":")[2].removesuffix("Patch")
    for path in ignored:
        if not path.startswith("spec"):
            before, after = ({key: one for key, one in body.items() if key != path} for body in (before, after))
    changed = [path for path in FORCE_NEW.get(kind, []) if path not in ignored and at(before, path) != at(after, path)]
    if any(at(before, path) != at(after, path) for path in PLACE):
        return "made again" if now.options.get("deleteBeforeReplace") else "new first"
    if changed:
        return "made again"
    if kind in ("Deployment", "StatefulSet", "DaemonSet") and at(before, "spec.template") != at(after, "spec.template"):
        return "new pods"
    return "nothing" if before == after else "in place"


ORDER = ("refused", "made again", "new first", "new pods", "in place", "nothing")
"""What happens to a program is the worst that happens to one of its objects."""


def what_happens(before: Recording, after: Recording) -> str:
    former = {one.urn: one for one in before.registrations if is_there(one)}
    steps = {"nothing"}
    for now in filter(is_there, after.registrations):
        was = former.pop(now.urn, None) or next((former.pop(one) for one in aliased(after, now) if one in former), None)
        steps.add(step(was, now) if was else "new first")
    if former:
        steps.add("new first")
    return min(steps, key=ORDER.index)


def aliased(after: Recording, one: Registration) -> list[str]:
    """The URNs that a resource had before, as far as an alias names a type or a name."""
    *_, kind, name = re.split(r"::|\$", one.urn)
    told = after.aliases.get(one.urn, [])
    ours = one.urn.removesuffix(f"{kind}::{name}")
    return [f"{ours}{alias}::{name}" if ":" in alias else f"{ours}{kind}::{alias}" for alias in told]


# The edits


def over(own: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**fields, **own}


def stateful_set(**own: Any) -> StatefulSet:
    mounts = {"/data": ClaimTemplate(name="data", size="1Gi", storage_class="fast")}
    return StatefulSet("db", StatefulSetArgs(**over(own, **IN, mounts=mounts, labels={"team": "shop"})))


def template(**own: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"name": "data", "size": "1Gi", "storage_class": "fast", **own}
    return {"mounts": {"/data": ClaimTemplate(**made)}}


def daemon_set(**own: Any) -> DaemonSet:
    return DaemonSet("agent", DaemonSetArgs(**over(own, **IN, labels={"team": "shop"})))


def service(**own: Any) -> Service:
    fields: dict[str, Any] = {"workload": deployment(ports=PORTS, replicas=2), **own}
    return Service("api", ServiceArgs(**fields))


def turned(*made: str, to: str) -> None:
    """A Service in front of one of several workloads."""
    there = {
        "Deployment": lambda: deployment(ports=PORTS, replicas=2),
        "StatefulSet": lambda: stateful_set(ports=PORTS),
    }
    workloads = {kind: there[kind]() for kind in made}
    Service("api", ServiceArgs(workload=workloads[to]))


def pod(**own: Any) -> Pod:
    return Pod("look", PodArgs(**over(own, **IN)))


def ingress(**own: Any) -> Ingress:
    fields: dict[str, Any] = {
        "paths": [IngressPath(service=service(ports={"http": 80}))],
        "hosts": ["a.example.com"],
        **own,
    }
    return Ingress("api", IngressArgs(**fields))


def route(**own: Any) -> Route:
    rules = [RouteRule(to=[Backend(service=service(), port="http")])]
    return Route("api", RouteArgs(**over(own, gateway="public", rules=rules)))


def certificate(**own: Any) -> Certificate:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "hosts": ["a.example.com"], "issuer": "ours", **own}
    return Certificate("api", CertificateArgs(**fields))


def network_policy(**own: Any) -> NetworkPolicy:
    return NetworkPolicy("api", NetworkPolicyArgs(of=deployment(ports=PORTS, replicas=1), **own))


def connection(port: str) -> Connection:
    callee = service()
    return Connection("api", ConnectionArgs(caller=stateful_set(), callee=callee, port=port))


def config(**own: Any) -> Config:
    return Config("app", ConfigArgs(**over(own, namespace=NAMESPACE, values={"a": "b"}, secrets={"S": "t"})))


def tls(certificate: str) -> TlsSecret:
    return TlsSecret("tls", TlsSecretArgs(namespace=NAMESPACE, certificate=certificate, key=KEY))


def pull_secret(password: str) -> PullSecret:
    logins = {"ghcr.io": Login(username="shop", password=password)}
    return PullSecret("pull", PullSecretArgs(namespace=NAMESPACE, registries=logins))


def password(**own: Any) -> Password:
    return Password("db", PasswordArgs(namespace=NAMESPACE, **own))


def external(*keys: str) -> ExternalSecret:
    return ExternalSecret("api", ExternalSecretArgs(namespace=NAMESPACE, store="vault", keys=dict.fromkeys(keys, "a")))


def dashboard(title: str, folder: Path) -> Dashboard:
    file = folder / "web.json"
    file.write_text(f'{{"title": "{title}"}}', encoding="utf-8")
    return Dashboard("web", DashboardArgs(namespace=NAMESPACE, file=str(file)))


def claim(**own: Any) -> Claim:
    return Claim("data", ClaimArgs(**over(own, namespace=NAMESPACE, size="2Gi", storage_class="fast")))


def volume(**own: Any) -> PersistentVolume:
    fields: dict[str, Any] = {"size": "2Gi", "source": {"local": {"path": "/mnt/a"}}, "nodes": ["node-1"], **own}
    return PersistentVolume("disk", PersistentVolumeArgs(**fields))


def account(name: str = "worker", **own: Any) -> ServiceAccount:
    return ServiceAccount(name, ServiceAccountArgs(namespace=NAMESPACE, **own))


def grant(**own: Any) -> Grant:
    return Grant("read", GrantArgs(**over(own, to=account(), may="read", what=["pods"])))


def granted(to: str) -> Grant:
    accounts = {name: account(name) for name in ("worker", "clerk")}
    return Grant("read", GrantArgs(to=accounts[to], may="read", what=["pods"]))


def budget(**own: Any) -> DisruptionBudget:
    return DisruptionBudget("web", DisruptionBudgetArgs(workload=deployment(replicas=3), **own))


def vertical(mode: Any) -> VerticalAutoscaler:
    return VerticalAutoscaler("web", VerticalAutoscalerArgs(workload=deployment(replicas=3), mode=mode))


def events(value: str) -> EventScaler:
    queue = Trigger(type="rabbitmq", metadata={"queueName": "orders", "value": value})
    return EventScaler("web", EventScalerArgs(workload=deployment(), triggers=[queue], max=3))


def monitor(*, service_too: bool = False, **own: Any) -> Monitor:
    workload = deployment(ports=PORTS, replicas=2)
    of = Service("api", ServiceArgs(workload=workload))
    return Monitor("web", MonitorArgs(**over(own, of=of if service_too else workload, port="http")))


def alerts(over: str) -> Alerts:
    alert = Alert(name="WebFails", when=f"errors > {over}", for_=300, severity="critical", summary="It fails")
    return Alerts("web", AlertsArgs(namespace=NAMESPACE, groups={"web": [alert]}))


def named(name: str, **own: Any) -> None:
    Deployment(name, DeploymentArgs(**over(own, **IN, replicas=2)))


def inside(namespace: str, *, data: bool = False) -> None:
    where = Namespace(namespace)
    config(namespace=where)
    if data:
        claim(namespace=where)


Row = tuple[str, str]
"""The kind and the edit, as docs/edits.md has them."""

Program = Callable[[], object]
Edit = tuple[Program, Program]


def edit(make: Callable[..., object], before: Mapping[str, Any], after: Mapping[str, Any]) -> Edit:
    return lambda: make(**before), lambda: make(**after)


def of(make: Callable[..., object], **after: Any) -> Edit:
    """From the least to what is given."""
    return edit(make, {}, after)


def first(make: Callable[[Any], object], before: Any, after: Any) -> Edit:
    return lambda: make(before), lambda: make(after)


EDITS: dict[Row, Edit] = {
    ("Deployment", "`image`"): of(deployment, image=OTHER),
    ("Deployment", "`replicas`"): edit(deployment, {"replicas": 2}, {"replicas": 3}),
    ("Deployment", "`update`"): of(deployment, update=Recreate()),
    ("Deployment", "the name"): first(named, "web", "shop"),
    ("Deployment", "`namespace`"): of(deployment, namespace="other"),
    ("Deployment", "the selector, in `spec`"): edit(
        deployment, {"labels": {"team": "shop"}}, {"labels": {"team": "shop"}, "spec": SELECTOR}
    ),
    ("StatefulSet", "`image`"): of(stateful_set, image=OTHER),
    ("StatefulSet", "`replicas`"): of(stateful_set, replicas=3),
    ("StatefulSet", "`keep_claims`"): of(stateful_set, keep_claims=False),
    ("StatefulSet", "`order`"): of(stateful_set, order="parallel"),
    ("StatefulSet", "`size` of a `ClaimTemplate`"): of(stateful_set, **template(size="2Gi")),
    ("StatefulSet", "`labels` of a `ClaimTemplate`"): of(stateful_set, **template(labels={"a": "b"})),
    ("StatefulSet", "another `ClaimTemplate`"): of(stateful_set, **template(name="disk")),
    ("StatefulSet", "`revision_history_limit`, in `spec`"): of(stateful_set, spec={"revision_history_limit": 2}),
    ("StatefulSet", "`namespace`"): of(stateful_set, namespace="other"),
    ("StatefulSet", "the name"): (
        lambda: StatefulSet("a", StatefulSetArgs(**IN, **template())),
        lambda: StatefulSet("b", StatefulSetArgs(**IN, **template())),
    ),
    ("DaemonSet", "`image`"): of(daemon_set, image=OTHER),
    ("DaemonSet", "`max_unavailable`"): of(daemon_set, max_unavailable=2),
    ("DaemonSet", "the selector, in `spec`"): of(daemon_set, spec=SELECTOR),
    ("Job", "`image`"): first(lambda image: Job("run", JobArgs(namespace=NAMESPACE, image=image)), IMAGE, OTHER),
    ("Job", "`deadline`"): first(lambda deadline: Job("run", JobArgs(**IN, deadline=deadline)), 60, 90),
    ("CronJob", "`schedule`"): first(
        lambda when: CronJob("run", CronJobArgs(**IN, schedule=when)), "@daily", "@hourly"
    ),
    ("CronJob", "`image`"): first(
        lambda image: CronJob("run", CronJobArgs(namespace=NAMESPACE, image=image, schedule="@daily")), IMAGE, OTHER
    ),
    ("Pod", "`image`, with `ports`"): edit(pod, {"ports": PORTS}, {"ports": PORTS, "image": OTHER}),
    ("Pod", "`image`, without `ports`"): of(pod, image=OTHER),
    ("Pod", "`labels`"): edit(pod, {"ports": PORTS}, {"ports": PORTS, "labels": {"a": "b"}}),
    ("Service", "`ports`"): of(service, ports={"http": 80}),
    ("Service", "`type` to `NodePort`"): of(service, type="NodePort"),
    ("Service", "the name of a port, in `spec`"): of(service, spec={"ports": [{"port": PORTS[0].number}]}),
    ("Service", "`type` to `Headless`"): of(service, type="Headless"),
    ("Service", "`workload`, to one that is there"): (
        lambda: turned("Deployment", "StatefulSet", to="Deployment"),
        lambda: turned("Deployment", "StatefulSet", to="StatefulSet"),
    ),
    ("Service", "`workload`, to a new one"): (
        lambda: turned("Deployment", to="Deployment"),
        lambda: turned("StatefulSet", to="StatefulSet"),
    ),
    ("Service", "the name"): first(
        lambda name: Service(name, ServiceArgs(workload=deployment(ports=PORTS, replicas=1))), "api", "shop"
    ),
    ("Ingress", "`hosts`"): of(ingress, hosts=["b.example.com"]),
    ("Ingress", "`class_name`"): of(ingress, class_name="traefik"),
    ("Route", "`gateway`"): of(route, gateway="private"),
    ("Certificate", "`hosts`"): of(certificate, hosts=["b.example.com"]),
    ("NetworkPolicy", "`ingress`"): first(
        lambda ports: network_policy(ingress=[Allow(namespaces=["a"], ports=ports)]), ["http"], ["grpc"]
    ),
    ("Connection", "`port`"): first(connection, "http", "grpc"),
    ("Config", "`values`, `versioned`"): of(config, values={"a": "c"}),
    ("Config", "`values`, `restart` or `live`"): edit(
        config, {"rollout": "restart"}, {"rollout": "restart", "values": {"a": "c"}}
    ),
    ("Config", "`rollout`"): of(config, rollout="restart"),
    ("Config", "`labels`"): of(config, labels={"a": "b"}),
    ("TlsSecret", "`certificate`"): first(tls, CERTIFICATE, NEW_CERTIFICATE),
    ("PullSecret", "`registries`"): first(pull_secret, "old", "new"),
    ("Password", "`length`"): of(password, length=40),
    ("Password", "`keepers`"): of(password, keepers={"year": "2027"}),
    ("ExternalSecret", "`keys`"): (lambda: external("A"), lambda: external("A", "B")),
    ("Claim", "`size` up"): of(claim, size="3Gi"),
    ("Claim", "`size` up, with a `volume`"): edit(
        claim,
        {"spec": {"volume_name": "disk"}},
        {"spec": {"volume_name": "disk"}, "size": "3Gi"},
    ),
    ("Claim", "`size` down"): of(claim, size="1Gi"),
    ("Claim", "`storage_class`"): of(claim, storage_class="slow"),
    ("Claim", "`access_mode`"): of(claim, access_mode="ReadWriteMany"),
    ("Claim", "`volume`"): edit(claim, {"spec": {"volume_name": "a"}}, {"spec": {"volume_name": "b"}}),
    ("Claim", "`namespace`"): of(claim, namespace="other"),
    ("Claim", "`keep`"): of(claim, keep=True),
    ("Claim", "the name"): first(lambda name: Claim(name, ClaimArgs(namespace=NAMESPACE, size="1Gi")), "a", "b"),
    ("Claim", "the name, with `keep`"): first(
        lambda name: Claim(name, ClaimArgs(namespace=NAMESPACE, size="1Gi", keep=True)), "a", "b"
    ),
    ("PersistentVolume", "`source`"): of(volume, source={"local": {"path": "/mnt/b"}}),
    ("PersistentVolume", "`nodes`"): of(volume, nodes=["node-2"]),
    ("PersistentVolume", "`size`"): of(volume, size="3Gi"),
    ("Namespace", "`pod_security`"): (
        lambda: Namespace("shop"),
        lambda: Namespace("shop", NamespaceArgs(pod_security="baseline")),
    ),
    ("Namespace", "`quota`"): first(lambda pods: Namespace("shop", NamespaceArgs(quota={"pods": pods})), "2", "3"),
    ("Namespace", "`keep`"): first(lambda keep: Namespace("shop", NamespaceArgs(keep=keep)), False, True),
    ("Namespace", "the name"): (lambda: inside("shop"), lambda: inside("store")),
    ("Namespace", "the name, with a Claim in it"): (
        lambda: inside("shop", data=True),
        lambda: inside("store", data=True),
    ),
    ("ServiceAccount", "`annotations`"): of(account, annotations={"a": "b"}),
    ("Grant", "`may`"): of(grant, may="write"),
    ("Grant", "`to`"): first(granted, "worker", "clerk"),
    ("Grant", "`everywhere`"): of(grant, everywhere=True),
    ("DisruptionBudget", "`max_unavailable` to `min_available`"): edit(
        budget, {"max_unavailable": 1}, {"min_available": 1}
    ),
    ("Autoscaler", "`scaling`"): first(
        lambda most: Autoscaler("web", AutoscalerArgs(workload=deployment(), scaling=Scaling(min=2, max=most))), 4, 5
    ),
    ("VerticalAutoscaler", "`mode`"): first(vertical, "Off", "Initial"),
    ("EventScaler", "`triggers`"): first(events, "5", "9"),
    ("Monitor", "`path`"): of(monitor, path="/other"),
    ("Monitor", "`of`, from a Service to a workload"): edit(monitor, {"service_too": True}, {}),
    ("Alerts", "`groups`"): first(alerts, "0.1", "0.2"),
}


def documented() -> dict[Row, tuple[str, str]]:
    """What happens, and the note, of each row."""
    text = (ROOT / "docs/edits.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z]\w+) \| (.+?) \| `([\w ]+)` \| (.*?) ?\|$", text, re.MULTILINE)
    keys = [(kind, what) for kind, what, *_ in rows]
    assert len(set(keys)) == len(keys), "a row is there twice"
    return {(kind, what): (happens, note) for kind, what, happens, note in rows}


ROWS = documented()
DASHBOARD = ("Dashboard", "the file")


def test_each_row_has_an_edit_and_each_edit_a_row() -> None:
    assert set(ROWS) == {*EDITS, DASHBOARD}


def test_each_row_that_is_refused_says_the_way_out() -> None:
    assert not [row for row, (happens, note) in ROWS.items() if happens in ("refused", "made again") and not note]


Last = Callable[[Recording | None], None]


@pytest.fixture
def last(monkeypatch: pytest.MonkeyPatch) -> Last:
    """Sets what the last deployment has left."""

    def left(recording: Recording | None) -> None:
        made = recording.registrations if recording else []
        state = {one.urn: {"type": one.type, "outputs": state_of(one)} for one in made}

        async def known() -> dict[str, Any]:
            return state

        for module in (guard, versions):
            monkeypatch.setattr(module, "last_state", known)

    return left


def state_of(one: Registration) -> dict[str, Any]:
    return one.inputs if one.custom else one.outputs or {}


def happens(last: Last, before: Program, after: Program) -> str:
    made = deploy(before, states=STATES)
    last(made)
    try:
        return what_happens(made, deploy(after, states=STATES))
    except pulumi.RunError as refusal:
        where = re.match(r"tests/components/\w+\.py:\d+: ", str(refusal))
        return "refused" if where else f"refused without a place: {refusal}"


@pytest.mark.parametrize("row", EDITS, ids=" ".join)
def test_an_edit_does_what_its_row_says(last: Last, row: Row) -> None:
    assert happens(last, *EDITS[row]) == ROWS[row][0]


def test_a_new_file_does_what_its_row_says(last: Last, tmp_path: Path) -> None:
    done = happens(last, lambda: dashboard("A", tmp_path), lambda: dashboard("B", tmp_path))
    assert done == ROWS[DASHBOARD][0]


REFUSED = [row for row in EDITS if ROWS[row][0] == "refused"]


@pytest.mark.parametrize("row", REFUSED, ids=" ".join)
def test_apply_refuses_what_up_refuses(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = ([one.body for one in deploy(program, states=STATES).result.manifests] for program in EDITS[row])
    monkeypatch.setattr(deploying, "sets", lambda *_: {})  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    live = [body for body in before if body["kind"] in RULES]

    def get(_: Kubectl, kinds: str, *place: str) -> list[dict[str, Any]]:
        return [
            body
            for body in live
            if f"{body['kind'].lower()}s" in kinds.split(",")
            and ("--all-namespaces" in place or body["metadata"].get("namespace", "") in place or not place)
        ]

    monkeypatch.setattr(Kubectl, "get", get)
    told = [Manifest(urn=f"urn::{number}", body=body) for number, body in enumerate(after)]
    check_edits(Kubectl("here"), "shop-dev", [Manifest(urn="urn", body=body) for body in before])
    if "revision_history_limit" in row[1]:
        check_edits(Kubectl("here"), "shop-dev", told)
        return
    with pytest.raises(DeployError):
        check_edits(Kubectl("here"), "shop-dev", told)
