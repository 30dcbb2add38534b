"""Whatever is made from this package checks what it is given, by its own annotations."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from types import ModuleType
from typing import Any, TypeVar

import pulumi
import pytest
from pulumi_kubernetes.core import v1 as core

import slipway
from slipway import (
    Alert,
    AlertsArgs,
    Allow,
    AutoscalerArgs,
    Backend,
    Bounds,
    CertificateArgs,
    ClaimArgs,
    ClaimTemplate,
    ConfigArgs,
    ConnectionArgs,
    Container,
    ContainerDefaults,
    CronJobArgs,
    DaemonSetArgs,
    DashboardArgs,
    Deployment,
    DeploymentArgs,
    DisruptionBudgetArgs,
    EventScalerArgs,
    EventScaling,
    ExternalSecretArgs,
    GrantArgs,
    GrpcMatch,
    HttpMatch,
    Image,
    ImageArgs,
    IngressArgs,
    IngressPath,
    JobArgs,
    Login,
    MonitorArgs,
    Namespace,
    NamespaceArgs,
    NetworkPolicyArgs,
    PasswordArgs,
    PersistentVolumeArgs,
    Placement,
    PodArgs,
    Port,
    Probe,
    Probes,
    PullSecretArgs,
    Recorded,
    Release,
    Remote,
    Resources,
    RollingUpdate,
    RouteArgs,
    RouteRule,
    Scaling,
    Service,
    ServiceAccount,
    ServiceAccountArgs,
    ServiceArgs,
    StatefulSetArgs,
    TlsSecretArgs,
    Trigger,
    VerticalAutoscalerArgs,
    Volume,
    WebServiceArgs,
    WorkerArgs,
)
from slipway.parts.arguments.annotations import shape_of
from slipway.parts.arguments.checked import checked, is_checked
from slipway.parts.arguments.refusal import Refusal
from slipway.parts.volumes import EnvSource
from slipway.parts.workload import Workload
from slipway.testing import attempt, deploy
from tests.components.contracts import components_in, modules_in
from tests.components.examples import CERTIFICATE, IMAGE, KEY, NAMESPACE, write_dashboard
from tests.components.rendering import deployment_args
from tests.repository import ROOT

# What only this package makes, for itself.
OURS = {
    "ApiResource",
    "Built",
    "Fault",
    "Granted",
    "Kubectl",
    "Patience",
    "Place",
    "Readable",
    "Reading",
    "Rights",
    "Version",
    "Versions",
    "Workload",
    "_Declared",
}
# What a function of the package is called that nobody calls but the package.
MODULES = modules_in(slipway)
HERE = str(Path(__file__).relative_to(ROOT))


def dataclasses_in(modules: list[ModuleType]) -> dict[str, type]:
    found = {name: one for module in modules for name, one in vars(module).items() if dataclasses.is_dataclass(one)}
    return {name: one for name, one in found.items() if isinstance(one, type) and not name.startswith("_")}


def unchecked(modules: list[ModuleType]) -> list[str]:
    """What a user makes or calls that checks nothing of what it is given."""
    classes = {**dataclasses_in(modules), **{one.__name__: one for one in components_in(slipway)}}
    bare = [name for name, one in classes.items() if name not in OURS and not is_checked(vars(one)["__init__"])]
    functions = {name: getattr(slipway, name) for name in slipway.__all__}
    return bare + [name for name, one in functions.items() if inspect.isfunction(one) and not is_checked(one)]


def test_whatever_a_user_makes_or_calls_is_checked():
    assert unchecked(MODULES) == [], "write @checked above it"


def test_what_is_not_checked_is_found():
    planted = ModuleType("planted")
    planted.__dict__["Planted"] = dataclasses.make_dataclass("Planted", ["field"])
    assert unchecked([planted]) == ["Planted"]


class Alien:
    """Of no type that any argument has."""


def workload(**own: Any) -> Workload:
    return deployment_args(**own).workload("web")


@cache
def served() -> Service:
    """Made once a program, as it is no cheap one."""
    return Service("api", ServiceArgs(workload=workload(ports=[Port(name="http", number=8080)])))


# Makes each class of args with what it needs; of which one argument at a time is then a wrong one.
NEEDED: dict[type, Callable[[], dict[str, Any]]] = {
    Alert: lambda: {"name": "Down", "when": "up == 0"},
    AlertsArgs: lambda: {"namespace": NAMESPACE, "groups": {"web": [Alert(name="Down", when="up == 0")]}},
    AutoscalerArgs: lambda: {"workload": workload(), "scaling": Scaling(min=1, max=2)},
    Bounds: dict,
    ClaimArgs: lambda: {"namespace": NAMESPACE, "size": "1Gi"},
    ConfigArgs: lambda: {"namespace": NAMESPACE, "values": {"a": "b"}},
    ClaimTemplate: lambda: {"name": "data", "size": "1Gi"},
    Allow: lambda: {"anyone": True},
    Backend: lambda: {"service": served()},
    CertificateArgs: lambda: {"namespace": NAMESPACE, "hosts": ["shop.example.com"], "issuer": "ours"},
    ConnectionArgs: lambda: {"caller": deployment_args().workload("caller"), "callee": served()},
    Container: lambda: {"image": IMAGE},
    ContainerDefaults: dict,
    CronJobArgs: lambda: {"namespace": NAMESPACE, "image": IMAGE, "schedule": "@daily"},
    DaemonSetArgs: lambda: {"namespace": NAMESPACE, "image": IMAGE},
    DashboardArgs: lambda: {
        "namespace": NAMESPACE,
        "file": write_dashboard(Path(gettempdir()) / "slipway-examples"),
    },
    DeploymentArgs: lambda: {"namespace": NAMESPACE, "image": IMAGE},
    DisruptionBudgetArgs: lambda: {"workload": workload()},
    EnvSource: lambda: {"value_from": {"field_ref": {"field_path": "status.podIP"}}},
    EventScalerArgs: lambda: {
        "workload": workload(),
        "triggers": [Trigger(type="cron", metadata={"desiredReplicas": "1"})],
        "max": 3,
    },
    EventScaling: lambda: {"triggers": [Trigger(type="cron", metadata={"desiredReplicas": "1"})], "max": 3},
    GrantArgs: lambda: {
        "to": ServiceAccount("web", ServiceAccountArgs(namespace=NAMESPACE)),
        "may": "read",
        "what": ["pods"],
    },
    Image: lambda: {"name": "web", "args": Release(**NEEDED[Release]())},
    ImageArgs: lambda: {"repository": "web", "context": "app"},
    JobArgs: lambda: {"namespace": NAMESPACE, "image": IMAGE},
    MonitorArgs: lambda: {"of": workload(ports=[Port(name="http", number=8080)])},
    Namespace: lambda: {"name": NAMESPACE},
    NamespaceArgs: dict,
    Placement: dict,
    PodArgs: lambda: {"namespace": NAMESPACE, "image": IMAGE},
    GrpcMatch: lambda: {"service": "shop.v1.Cart"},
    HttpMatch: dict,
    IngressArgs: lambda: {"paths": [IngressPath(service=served())], "hosts": ["shop.example.com"]},
    IngressPath: lambda: {"service": served()},
    NetworkPolicyArgs: lambda: {"of": NAMESPACE, "ingress": [], "egress": []},
    Port: lambda: {"name": "http", "number": 8080},
    Probe: lambda: {"http": "/"},
    Probes: dict,
    Recorded: lambda: {"name": "up:sum", "expression": "sum(up)"},
    ExternalSecretArgs: lambda: {"namespace": NAMESPACE, "store": "vault", "keys": {"A": "shop/a"}},
    Login: lambda: {"username": "web", "password": "t0ps3cret"},
    PasswordArgs: lambda: {"namespace": NAMESPACE},
    PersistentVolumeArgs: lambda: {"size": "1Gi", "source": {"nfs": {"server": "nfs", "path": "/"}}},
    PullSecretArgs: lambda: {"namespace": NAMESPACE, "registries": {"ghcr.io": Login(username="a", password="b")}},
    Release: lambda: {"repository": "web", "tag": "1"},
    Remote: lambda: {"key": "shop/a"},
    Resources: dict,
    RollingUpdate: dict,
    RouteArgs: lambda: {"gateway": "public", "rules": [RouteRule(to=[Backend(service=served())])]},
    RouteRule: lambda: {"to": [Backend(service=served())]},
    Scaling: lambda: {"min": 1, "max": 2},
    ServiceAccountArgs: lambda: {"namespace": NAMESPACE},
    ServiceArgs: lambda: {"workload": workload(ports=[Port(name="http", number=8080)])},
    StatefulSetArgs: lambda: {"namespace": NAMESPACE, "image": IMAGE},
    Trigger: lambda: {"type": "cron", "metadata": {"desiredReplicas": "1"}},
    VerticalAutoscalerArgs: lambda: {"workload": workload()},
    TlsSecretArgs: lambda: {"namespace": NAMESPACE, "certificate": CERTIFICATE, "key": KEY},
    Volume: lambda: {"source": {"empty_dir": {}}},
    WebServiceArgs: lambda: {"namespace": NAMESPACE, "image": IMAGE},
    WorkerArgs: lambda: {"namespace": NAMESPACE, "image": IMAGE},
}


def needed(kind: type) -> dict[str, Any]:
    """What `kind` is made with at least. A component is made with its args."""
    if kind in NEEDED:
        return NEEDED[kind]()
    args = next(one for one in NEEDED if one.__name__ == f"{kind.__name__}Args")
    return {"name": "web", "args": args(**needed(args))}


WRONG: list[Callable[[], Any]] = [
    Alien,
    lambda: Alien,
    lambda: [Alien()],
    lambda: {"a": Alien()},
    lambda: {"a": {"b": [Alien()]}},
]
ODD: list[Callable[[], Any]] = [
    lambda: None,
    lambda: True,
    lambda: -1,
    lambda: 0.5,
    lambda: float("nan"),
    lambda: 10**30,
    lambda: "",
    lambda: " ",
    lambda: "a\nb",
    lambda: "\ud800",
    lambda: "x" * 5000,
    lambda: "8080",
    lambda: b"",
    list,
    dict,
    set,
    tuple,
    object,
    lambda: [None],
    lambda: ["a", 1],
    lambda: [[]],
    lambda: {"a": None},
    lambda: {"a": "b"},
    lambda: {"/a": "b"},
    lambda: {None: None},
    lambda: {1: [2]},
    lambda: {"": ""},
    lambda: {"name": {"name": "a"}},
    lambda: iter("ab"),
    lambda: lambda: None,
    lambda: ValueError("a"),
    lambda: Port(name="a", number=1),
    Probes,
    lambda: [Port(name="a", number=1)] * 2,
    NamespaceArgs,
    lambda: pulumi.Output.from_input("a"),
    lambda: [pulumi.Output.from_input("a")],
    pulumi.ResourceOptions,
    lambda: core.SecurityContextArgs(run_as_user=1),
]


COMPONENTS = sorted(components_in(slipway), key=lambda one: one.__name__)
MADE_OF: dict[type, Any] = {
    args: one for one in COMPONENTS for args in NEEDED if args.__name__ == f"{one.__name__}Args"
}


def arguments() -> list[Any]:
    """Every argument of every class, which nobody can forget to list, with the values to try.

    Args inherit most of their arguments. Such an argument is tried with all values in one class, and in the others
    with those that all refuse: to make a component of each other value takes most of the time.
    """
    forgotten = set(dataclasses_in(MODULES)) - {one.__name__ for one in NEEDED} - OURS
    bases = {"ApplicationArgs", "ConfigObject", "Mount", "ObjectArgs", "PodTemplate", "Recreate"}
    bases |= {"ReplicatedTemplate", "RunTemplate", "SelectedTemplate", "ServerTemplate"}
    assert forgotten == bases, "ours alone make these, or nobody does"
    tried: set[tuple[type, str]] = set()
    found: list[Any] = []
    for one in [*NEEDED, *(one for one in COMPONENTS if one not in NEEDED)]:
        for name in inspect.signature(one).parameters:
            owner = next((base for base in one.__mro__ if name in vars(base).get("__annotations__", {})), one)
            values = WRONG if (owner, name) in tried else [*WRONG, *ODD]
            tried.add((owner, name))
            found.append(pytest.param(one, name, values, id=f"{one.__name__}-{name}"))
    return found


def refusals(kind: type, name: str, values: list[Callable[[], Any]]) -> list[Refusal | None]:
    """What a class says to each of these values for an argument, None where it is taken. Raises whatever else comes.

    Of args that are taken, the component is made: what they let pass must not end inside of it either.
    """
    said: list[Refusal | None] = []

    def program() -> None:
        served.cache_clear()
        for number, value in enumerate(values):
            given = {**needed(kind), name: value()}
            try:
                made = kind(**given)
                if kind in MADE_OF:
                    MADE_OF[kind](f"web-{number}", made)
                said.append(None)
            except Refusal as refusal:
                said.append(refusal)

    _, error = attempt(program, preview=True)
    if error:
        raise error
    return said


@pytest.mark.parametrize(("kind", "name", "values"), arguments())
def test_no_value_of_an_argument_ends_inside_the_package(kind: type, name: str, values: list[Callable[[], Any]]):
    for value, refusal in zip(values, refusals(kind, name, values), strict=True):
        assert refusal or value not in WRONG, f"{kind.__name__} takes {value()} for {name}"
        if refusal:
            assert str(refusal).startswith(f"{HERE}:"), f"not where it was given: {refusal}"
            assert name in refusal.sentence or value not in WRONG, f"it does not say of what: {refusal}"
            assert "codec" not in refusal.sentence, f"Python shows: {refusal}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class TeamArgs(DeploymentArgs):
    """What a team says of all its Deployments, and something for itself."""

    team: str = "shop"


def test_args_of_a_users_own_class_are_taken_with_what_they_add():
    args = TeamArgs(namespace=NAMESPACE, image=IMAGE)
    assert deploy(lambda: Deployment("web", args)).object("Deployment")


def test_what_is_refused_within_the_users_own_function_is_told_at_its_line():
    def args(**own: Any) -> DeploymentArgs:
        return DeploymentArgs(namespace=NAMESPACE, image=IMAGE, **own)

    line = args.__code__.co_firstlineno + 1
    with pytest.raises(Refusal, match=f"^{re.escape(HERE)}:{line}: DeploymentArgs: replicas is '2'"):
        args(replicas="2")


def test_a_refusal_is_for_tests_and_for_the_engine():
    assert issubclass(Refusal, ValueError), "who makes args in a test expects one"
    assert issubclass(Refusal, pulumi.RunError), "the engine prints a traceback of all else"


def test_a_function_that_raises_something_else_is_left_to_raise_it():
    @checked
    def broken(name: str) -> None:
        raise KeyError(name)

    with pytest.raises(KeyError):
        broken("a bug is no refusal")


def test_an_annotation_that_nothing_knows_is_not_passed_over():
    with pytest.raises(TypeError, match="an annotation that nothing checks"):
        shape_of(TypeVar("T"), {})
