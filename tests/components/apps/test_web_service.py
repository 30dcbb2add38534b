"""One call makes what is asked for and no more, wired; what it would refuse, it refuses at once."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from slipway import Container, Probe, Probes, Resources, Scaling, WebService, WebServiceArgs, empty_dir
from slipway.parts.arguments.refusal import Refusal
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import GRPC, HTTP, awaited

CONFIG = {"config": {"a": "1"}}
SECRETS = {"secrets": {"TOKEN": "t0ps3cret"}}
SCALING = Scaling(min=2, max=4)


def service(name: str = "web", **own: Any) -> WebService:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, **own}
    return WebService(name, WebServiceArgs(**fields))


def made(**own: Any) -> Recording:
    return deploy(lambda: service(**own))


def kinds(**own: Any) -> list[str]:
    return [one.kind for one in made(**own).manifests()]


def container(recording: Recording) -> dict[str, Any]:
    return recording.object("Deployment")["spec"]["template"]["spec"]["containers"][0]


@pytest.mark.parametrize(
    ("fields", "made_of"),
    [
        ({}, {"Deployment"}),
        ({"ports": [HTTP]}, {"Deployment", "Service"}),
        (CONFIG, {"Deployment", "ConfigMap"}),
        (SECRETS, {"Deployment", "Secret"}),
        ({"scaling": SCALING}, {"Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"}),
        ({"scaling": SCALING, "disruptions": None}, {"Deployment", "HorizontalPodAutoscaler"}),
        ({"scaling": Scaling(min=1, max=1)}, {"Deployment", "HorizontalPodAutoscaler"}),
        ({"replicas": 2}, {"Deployment", "PodDisruptionBudget"}),
        ({"initial_replicas": 2}, {"Deployment", "PodDisruptionBudget"}),
        ({"replicas": 1}, {"Deployment"}),
        ({"replicas": 0}, {"Deployment"}),
        (
            {"ports": [HTTP], **CONFIG, **SECRETS, "scaling": SCALING},
            {"Deployment", "Service", "ConfigMap", "Secret", "HorizontalPodAutoscaler", "PodDisruptionBudget"},
        ),
    ],
)
def test_it_makes_what_is_asked_for_and_no_more(fields: dict[str, Any], made_of: set[str]) -> None:
    assert set(kinds(**fields)) == made_of
    assert len(kinds(**fields)) == len(made_of)


def test_each_part_is_within_reach_and_refused_where_it_was_left_out() -> None:
    found: list[WebService] = []
    deploy(lambda: found.extend([service(), service("full", ports=[HTTP], scaling=SCALING, **CONFIG)]))
    least, full = found
    for part, needed in (("config", "config or secrets"), ("service", "ports"), ("autoscaler", "scaling=Scaling(…)")):
        with pytest.raises(Refusal, match=re.escape(f"deployment 'web' has no {part.title()}: give it {needed}") + "$"):
            getattr(least, part)
    assert least.deployment.name == "web"
    assert full.service.ports == {"http": 8080}
    assert full.config.values.keys == set(CONFIG["config"])
    assert full.autoscaler.resource
    assert full.disruption_budget.resource
    with pytest.raises(Refusal, match="deployment 'web' has no DisruptionBudget: give it more than one pod, and dis"):
        assert least.disruption_budget


def test_configuration_becomes_files_or_variables_as_told() -> None:
    both = {**CONFIG, **SECRETS}
    mounted = container(made(**both, config_dir="/etc/web", secrets_dir="/run/secrets"))
    assert {mount["mountPath"]: mount["readOnly"] for mount in mounted["volumeMounts"]} == {
        "/etc/web": True,
        "/run/secrets": True,
    }
    assert "env" not in mounted
    variables = container(made(**both))
    assert [(one["name"], *one["valueFrom"]) for one in variables["env"]] == [
        ("a", "configMapKeyRef"),
        ("TOKEN", "secretKeyRef"),
    ]
    assert "volumeMounts" not in variables


def test_each_directory_holds_its_own_object() -> None:
    pod = made(**CONFIG, **SECRETS, config_dir="/c", secrets_dir="/s").object("Deployment")["spec"]["template"]["spec"]
    assert {volume["name"]: sorted(volume.keys() - {"name"}) for volume in pod["volumes"]} == {
        "c": ["configMap"],
        "s": ["secret"],
    }


def test_what_is_mounted_or_set_beside_it_stays() -> None:
    own = {"mounts": {"/tmp": empty_dir()}, "environment": {"MODE": "fast"}}
    found = container(made(**own, **CONFIG, **SECRETS, config_dir="/etc/web"))
    assert [mount["mountPath"] for mount in found["volumeMounts"]] == ["/tmp", "/etc/web"]
    assert [variable["name"] for variable in found["env"]] == ["MODE", "TOKEN"]


def test_a_file_and_a_variable_may_have_the_same_name() -> None:
    given = {"environment": {"a": "1"}, "config": {"a": "2"}, "secrets": {"a": "3"}}
    found = container(made(**given, config_dir="/c", secrets_dir="/s"))
    assert [(one["name"], one["value"]) for one in found["env"]] == [("a", "1")]
    assert [mount["mountPath"] for mount in found["volumeMounts"]] == ["/c", "/s"]


def test_what_a_change_of_the_configuration_does_is_told() -> None:
    recording = made(**CONFIG, config_rollout="restart")
    assert recording.object("ConfigMap")["metadata"]["name"] == "web"
    assert recording.object("Deployment")["spec"]["template"]["metadata"]["annotations"]


def test_the_deployment_waits_for_its_configuration_alone() -> None:
    recording = made(**CONFIG, **SECRETS, ports=[HTTP], scaling=SCALING)
    names = [f"{kind} {recording.object(kind)['metadata']['name']}" for kind in ("ConfigMap", "Secret")]
    assert awaited(recording, "apps/v1:Deployment") == names


def test_what_the_deployment_takes_it_takes_too() -> None:
    recording = made(replicas=2, labels={"team": "shop"}, resources=Resources(cpu="1"), pod_spec={"hostname": "x"})
    body = recording.object("Deployment")
    assert body["spec"]["replicas"] == 2
    assert body["metadata"]["labels"]["team"] == "shop"
    assert body["spec"]["template"]["spec"]["hostname"] == "x"
    assert container(recording)["resources"]["requests"]["cpu"] == "1"


def test_the_service_and_the_autoscaler_are_made_as_told() -> None:
    asked: dict[str, Any] = {"service_type": "LoadBalancer", "service_ports": {"http": 80}, "await_address": True}
    asked |= {"ports": [HTTP, GRPC], "labels": {"team": "shop"}, "scaling": SCALING}
    recording = deploy(lambda: service(**asked), preview=True)
    found = recording.object("Service")
    assert (found["spec"]["type"], [port["port"] for port in found["spec"]["ports"]]) == ("LoadBalancer", [80])
    assert "annotations" not in found["metadata"], "its address is awaited"
    assert found["metadata"]["labels"]["team"] == "shop"
    scaled = recording.object("HorizontalPodAutoscaler")["spec"]
    assert (scaled["minReplicas"], scaled["maxReplicas"]) == (2, 4)
    assert "replicas" not in recording.object("Deployment")["spec"]


def test_its_disruption_budget_lets_as_many_pods_go_as_it_is_told() -> None:
    def budget(**own: Any) -> dict[str, Any]:
        return made(replicas=4, **own).object("PodDisruptionBudget")["spec"]

    assert budget()["maxUnavailable"] == 1
    assert budget(disruptions="50%")["maxUnavailable"] == "50%"
    assert refusal(lambda: service(replicas=4, disruptions=0)).startswith("max_unavailable 0 never lets a pod go")


def test_all_that_it_makes_tells_whose_it_is() -> None:
    recording = made(**CONFIG, **SECRETS, ports=[HTTP], scaling=SCALING, labels={"team": "shop"})
    labels = {one.kind: one.body["metadata"]["labels"] for one in recording.manifests()}
    who = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"}
    # An autoscaler takes no labels of its own.
    assert labels.pop("HorizontalPodAutoscaler") == who
    others = ("ConfigMap", "Secret", "Deployment", "Service", "PodDisruptionBudget")
    assert labels == {key: {"team": "shop", **who} for key in others}


def test_turning_scaling_on_and_off_again_ends_where_it_began() -> None:
    steps = [made(replicas=3), made(scaling=SCALING), made(replicas=3)]
    replicas = [step.object("Deployment")["spec"].get("replicas") for step in steps]
    assert replicas == [3, None, 3], "one owner of the number at any time"
    assert [step.count(":HorizontalPodAutoscaler") for step in steps] == [0, 1, 0]
    assert steps[0].objects() == steps[2].objects()
    stated = [step.one("apps/v1:Deployment").inputs["spec"]["replicas"] for step in steps]
    assert stated == [3, SCALING.min, 3], "the engine makes a new one with as many as the minimum"


def test_it_tells_where_it_is_reached() -> None:
    assert made(ports=[HTTP]).one(":WebService").outputs == {"host": "web.shop.svc"}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"replicas": 2, "scaling": SCALING}, "replicas 2 and scaling from 2 to 4 exclude each other"),
        ({"replicas": 0, "scaling": SCALING}, "replicas 0 and scaling from 2 to 4 exclude each other"),
        ({"initial_replicas": 1, "scaling": SCALING}, "initial_replicas 1 of deployment 'web' is not within"),
        (
            {"scaling": SCALING, "resources": Resources(cpu="0")},
            "deployment 'web' has a container that requests no cpu",
        ),
        ({"config": {"a b": "1"}}, "config key 'a b' is not valid"),
        ({"secrets": {"a": Path("no/such")}}, "secret 'web' key 'a': cannot read 'no/such'"),
        ({**CONFIG, "config_rollout": "live"}, "rollout 'live' cannot feed environment variables"),
        ({**SECRETS, "config_rollout": "live", "config_dir": "/c"}, "rollout 'live' cannot feed environment variables"),
        ({**CONFIG, "config_dir": "etc"}, "mount path 'etc' is not absolute"),
        ({"secrets_dir": "s"}, "mount path 's' is not absolute"),
        ({**CONFIG, **SECRETS, "config_dir": "/c", "secrets_dir": "/c"}, "'/c' is mounted twice"),
        ({**CONFIG, "config_dir": "/c", "mounts": {"/c": empty_dir()}}, "'/c' is mounted twice"),
        (
            {**CONFIG, "environment": {"a": "2"}},
            "variable 'a' is in both environment and config: leave it out of one, or mount the config as files with "
            "config_dir",
        ),
        (
            {**SECRETS, "environment": {"TOKEN": "2"}},
            "variable 'TOKEN' is in both environment and secrets: leave it out of one, or mount the secrets as files",
        ),
        (
            {**SECRETS, "config": {"TOKEN": "2"}},
            "variable 'TOKEN' is in both config and secrets: leave it out of one, or mount the secrets as files",
        ),
        (
            {"service_type": "LoadBalancer", "await_address": True},
            "service_type 'LoadBalancer' is for a Service, which a workload without ports does not get: give it ports, "
            "or leave service_type out",
        ),
        (
            {"service_ports": {"http": 80}},
            "service_ports {'http': 80} is for a Service, which a workload without ports",
        ),
        ({"service_ports": {}}, "service_ports {} is for a Service"),
        ({"await_address": True}, "await_address True is for a Service"),
        ({"ports": [HTTP], "service_ports": {"admin": 1}}, "port 'admin' is not a port of deployment 'web'"),
        ({"ports": [HTTP], "service_ports": {}}, "service ports are empty: name some of deployment 'web' (http)"),
        ({"ports": [HTTP], "service_ports": {"http": 0}}, "service port 'http' has number 0"),
        ({"ports": [HTTP], "await_address": True}, "a ClusterIP service has no address to await"),
        ({"ports": [HTTP], "probes": Probes(liveness=Probe(tcp=True, port="x"))}, "probe port 'x' is not a TCP port"),
        ({"sidecars": {"web": Container(image=IMAGE)}}, "container 'web' has the name of its workload"),
        ({"name": "Web"}, "deployment 'Web' is not a valid name"),
        ({"name": "9web", "ports": [HTTP]}, "service '9web' starts with a digit"),
        ({"name": "w" * 55, **CONFIG}, f"config '{'w' * 55}' is not a valid name: use at most 54"),
    ],
)
def test_what_a_part_would_refuse_is_refused_before_anything_is_begun(fields: dict[str, Any], told: str) -> None:
    assert refusal(lambda: service(**fields)).startswith(told)


def test_a_secret_is_no_configuration() -> None:
    with pytest.raises(pulumi.RunError, match=r": config 'web' key 'a' is secret"):
        deploy(lambda: service(config={"a": pulumi.Output.secret("t0ps3cret")}))


def test_a_variable_that_is_awaited_is_awaited_once() -> None:
    found = container(deploy(lambda: service(environment={"MODE": asyncio.sleep(0, "fast")})))
    assert found["env"] == [{"name": "MODE", "value": "fast"}]


def test_a_name_is_only_as_short_as_its_parts_need() -> None:
    assert made(name="w" * 63).count("apps/v1:Deployment") == 1
    assert made(name="w" * 54, **CONFIG).count("core/v1:ConfigMap") == 1
    assert made(name="9web").count("apps/v1:Deployment") == 1, "without a Service it may start with a digit"


def test_a_directory_of_what_is_not_given_does_not_matter() -> None:
    own = {"mounts": {"/c": empty_dir(), "/s": empty_dir()}}
    assert kinds(config_dir="/c", secrets_dir="/s", config_rollout="live", **own) == ["Deployment"]
    assert kinds(config_dir="/c", secrets_dir="/c") == ["Deployment"]
