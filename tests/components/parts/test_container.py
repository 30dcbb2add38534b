"""A container is locked down, has requests, says why it ended, and can be told all else."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pulumi.output import UNKNOWN

from slipway import Config, ConfigArgs, Container, Namespace, Port, Probes, Resources, claim, empty_dir
from slipway.parts.names import check_name
from slipway.testing import Unknown, deploy
from slipway.workloads.pod_rendering import render_pod
from slipway.workloads.pod_template import PodTemplate
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import HTTP, awaited, container, deployment, pod, refused

LOCKED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}


def test_the_least_container_is_locked_down_and_has_requests() -> None:
    assert container() == {
        "name": "web",
        "image": IMAGE,
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": LOCKED,
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }, "what nobody stated is left to Kubernetes"


def test_a_pod_takes_no_token_and_runs_as_nobody_in_particular() -> None:
    least = {key: value for key, value in pod().items() if key not in ("containers", "topologySpreadConstraints")}
    assert least == {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "terminationGracePeriodSeconds": 30,
    }


def test_init_containers_and_sidecars_are_locked_down_like_the_main_one() -> None:
    beside = {"init_containers": {"a": Container(image=IMAGE)}, "sidecars": {"b": Container(image=IMAGE)}}
    found = pod(**beside)["initContainers"]
    assert [one["securityContext"] for one in found] == [LOCKED, LOCKED]
    assert all(one["resources"]["requests"] and one["terminationMessagePolicy"] for one in found)


def test_a_limit_of_cpu_is_set_only_if_it_is_asked_for() -> None:
    resources = container(resources=Resources(cpu="1", memory="1Gi", cpu_limit="1500m"))["resources"]
    assert resources == {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi", "cpu": "1500m"}}


def test_a_container_says_its_ports_command_and_variables() -> None:
    rendered = container(
        ports=(Port(name="dns", number=53, protocol="UDP"), HTTP),
        probes=Probes(),
        command=["serve"],
        args=["--fast"],
        environment={"MODE": "fast", "EMPTY": ""},
    )
    assert rendered["ports"] == [
        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
        {"name": "http", "containerPort": 8080, "protocol": "TCP"},
    ]
    assert (rendered["command"], rendered["args"]) == (["serve"], ["--fast"])
    assert rendered["env"] == [{"name": "MODE", "value": "fast"}, {"name": "EMPTY", "value": ""}]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"ports": (HTTP, Port(name="http", number=81))}, "port name 'http' is used twice"),
        (
            {"ports": (HTTP, Port(name="admin", number=8080))},
            "ports 'http' and 'admin' are both TCP 8080: give each a number of its own",
        ),
        ({"mounts": {"data": empty_dir()}}, "mount path 'data' is not absolute"),
        ({"mounts": {"/a:b": empty_dir()}}, "mount path '/a:b' is not absolute: start it with '/', without ':'"),
        ({"environment": {"": "x"}}, "variable name '' is not valid"),
        ({"environment": {"A=B": "x"}}, "variable name 'A=B' is not valid: use a name without '='"),
        ({"pre_stop": -1}, "pre_stop -1 is negative"),
        ({"pre_stop": 30}, "pre_stop 30 s leaves nothing of termination_grace 30 s"),
        ({"sidecars": {"Tail": Container(image=IMAGE)}}, "container 'Tail' is not a valid name"),
        ({"init_containers": {"a b": Container(image=IMAGE)}}, "container 'a b' is not a valid name"),
        ({"sidecars": {"web": Container(image=IMAGE)}}, "container 'web' has the name of its workload"),
        ({"init_containers": {"web": Container(image=IMAGE)}}, "container 'web' has the name of its workload"),
        (
            {"sidecars": {"x": Container(image=IMAGE)}, "init_containers": {"x": Container(image=IMAGE)}},
            "container 'x' is both an init container and a sidecar",
        ),
        ({"init_containers": {"x": Container(image=IMAGE, probes=Probes())}}, "init container 'x' has probes"),
        ({"init_containers": {"x": Container(image=IMAGE, pre_stop=1)}}, "init container 'x' has probes or pre_stop"),
        ({"labels": {"app.kubernetes.io/instance": "x"}}, "label 'app.kubernetes.io/instance' is set from the name"),
    ],
)
def test_a_pod_that_kubernetes_would_refuse_is_refused(fields: dict[str, Any], told: str) -> None:
    said = refused(**fields)
    assert said.startswith(told), "it names the value and the rule"
    assert len(said.splitlines()) == 1


def test_a_number_may_be_used_once_a_protocol() -> None:
    ports = container(ports=(Port(name="dns", number=53, protocol="UDP"), Port(name="dns-tcp", number=53)))["ports"]
    assert [(port["containerPort"], port["protocol"]) for port in ports] == [(53, "UDP"), (53, "TCP")]


def secret(value: Any) -> pulumi.Output[str]:
    return pulumi.Output.secret(value).apply(lambda token: f"token={token}")


HOLDING: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "web": lambda variables: {"environment": variables},
    "tail": lambda variables: {"sidecars": {"tail": Container(image=IMAGE, environment=variables)}},
    "once": lambda variables: {"init_containers": {"once": Container(image=IMAGE, environment=variables)}},
}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("name", HOLDING)
def test_a_secret_in_the_environment_is_refused(name: str, known: bool, preview: bool) -> None:
    def program() -> None:
        deployment(**HOLDING[name]({"MODE": "fast", "TOKEN": secret("t0ps3cret" if known else UNKNOWN)}))

    told = (
        f"container '{name}' variable 'TOKEN' is secret and would be kept in clear: put it into the secrets of a "
        f"Config or WebService, or pulumi.Output.unsecret() it if anyone may read it"
    )
    with pytest.raises(pulumi.RunError) as refused:
        deploy(program, preview=preview)
    place, sentence = str(refused.value).split(": ", 1)
    assert sentence == told
    assert re.fullmatch(r"tests/components/rendering\.py:\d+", place), "whoever gave it is told, not who noticed"


def test_what_speaks_of_a_secret_and_is_none_is_taken() -> None:
    def program() -> None:
        config = Config("web", ConfigArgs(namespace=NAMESPACE, secrets={"TOKEN": pulumi.Output.secret("t0ps3cret")}))
        host = pulumi.Output.unsecret(pulumi.Output.secret("db.example.com"))
        deployment(environment={"HOST": host, "FROM": config.secrets.name, **config.secrets.environment()})

    recording = deploy(program)
    body, called = recording.object("Deployment"), recording.object("Secret")["metadata"]["name"]
    assert body["spec"]["template"]["spec"]["containers"][0]["env"] == [
        {"name": "HOST", "value": "db.example.com"},
        {"name": "FROM", "value": called},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": called, "key": "TOKEN"}}},
    ]


def test_a_variable_that_only_a_deployment_tells_is_left_unknown_and_waited_for() -> None:
    def program() -> None:
        other = Namespace("other").resource
        deployment(environment={"UID": other.metadata["uid"], "MODE": "fast"})

    recording = deploy(program, preview=True)
    uid, mode = recording.object("Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert isinstance(uid["value"], Unknown), "a wrong value is worse than none"
    assert mode == {"name": "MODE", "value": "fast"}, "and what is known is shown"
    assert awaited(recording, "apps/v1:Deployment") == ["Namespace other"]


@pytest.mark.parametrize("number", [0, 65536, -1])
def test_a_port_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"port 'http' has number {number}: use one from 1 to 65535"):
        Port(name="http", number=number)


def test_the_lowest_and_the_highest_port_are_taken() -> None:
    assert [Port(name="http", number=number).number for number in (1, 65535)] == [1, 65535]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"cpu": "lots"}, "cpu request 'lots' is not a Kubernetes quantity"),
        ({"memory": "1GB"}, "memory '1GB' is not a Kubernetes quantity"),
        ({"cpu_limit": "-1"}, "cpu limit '-1' is not a Kubernetes quantity"),
        ({"cpu": "1", "cpu_limit": "999m"}, "cpu limit '999m' is below the request '1'"),
    ],
)
def test_resources_that_cannot_be_are_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Resources(**fields)


def test_a_limit_of_cpu_may_equal_the_request() -> None:
    assert Resources(cpu="1", cpu_limit="1000m").cpu_limit == "1000m"


def test_a_raw_fragment_of_a_container_is_merged_last() -> None:
    rendered = container(
        ports=[HTTP],
        container_spec={
            "security_context": {"read_only_root_filesystem": False, "run_as_user": 1000},
            "ports": [{"name": "raw", "container_port": 1}],
            "readiness_probe": None,
            "lifecycle": None,
            "working_dir": "/srv",
        },
    )
    loosened = {"readOnlyRootFilesystem": False, "runAsUser": 1000}
    assert rendered["securityContext"] == LOCKED | loosened, "mappings merge"
    assert rendered["ports"] == [{"name": "raw", "containerPort": 1}], "a list replaces the list it meets"
    assert not {"readinessProbe", "lifecycle"} & rendered.keys(), "None removes"
    assert rendered["workingDir"] == "/srv", "a field that has no name here is sent"


def test_a_raw_fragment_of_a_pod_is_merged_last() -> None:
    changed = pod(
        mounts={"/tmp": empty_dir()},
        pod_spec={
            "automount_service_account_token": True,
            "security_context": {"fs_group": 2000},
            "topology_spread_constraints": None,
            "volumes": [{"name": "tmp", "host_path": {"path": "/tmp"}}],
            "host_aliases": [{"ip": "127.0.0.1"}],
        },
    )
    assert changed["automountServiceAccountToken"] is True
    assert changed["securityContext"] == {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
        "fsGroup": 2000,
    }
    assert "topologySpreadConstraints" not in changed
    assert changed["volumes"] == [{"name": "tmp", "hostPath": {"path": "/tmp"}}]
    assert changed["hostAliases"] == [{"ip": "127.0.0.1"}]


def test_a_volume_that_two_containers_mount_is_one_volume() -> None:
    shared = empty_dir("1Gi")
    found = pod(mounts={"/out": shared}, sidecars={"tail": Container(image=IMAGE, mounts={"/in": shared})})
    assert found["volumes"] == [{"name": "in", "emptyDir": {"sizeLimit": "1Gi"}}], "the same object is the same volume"
    assert found["containers"][0]["volumeMounts"] == [{"name": "in", "mountPath": "/out"}]
    assert found["initContainers"][0]["volumeMounts"] == [{"name": "in", "mountPath": "/in"}]


def test_two_volumes_of_the_same_kind_are_two() -> None:
    assert [one["name"] for one in pod(mounts={"/a": empty_dir(), "/b": empty_dir()})["volumes"]] == ["a", "b"]


def test_volumes_say_what_they_are() -> None:
    mounts = {"/tmp": empty_dir(memory=True), "/data": claim("data", read_only=True), "/more": claim("more")}
    found = pod(mounts=mounts)
    assert found["volumes"] == [
        {"name": "tmp", "emptyDir": {"medium": "Memory"}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "more", "persistentVolumeClaim": {"claimName": "more"}},
    ]
    assert [one.get("readOnly") for one in found["containers"][0]["volumeMounts"]] == [None, True, None]


def test_a_size_that_is_no_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="size of the empty directory '1 GB' is not a Kubernetes quantity"):
        empty_dir("1 GB")


PATHS = st.text(alphabet="ab-/_.23", max_size=6).map(lambda path: f"/{path}") | st.integers(50, 80).map(
    lambda length: "/" + "a" * length
)


@given(st.lists(PATHS, unique_by=lambda path: posixpath.normpath(f"/{path.lstrip('/')}"), min_size=1, max_size=8))
@example(["/" + "a" * 58 + "/b"])
@example(["/a-b-3", "/a-b", "/a/b"])
def test_every_volume_has_a_valid_name_of_its_own(paths: list[str]) -> None:
    pod = PodTemplate(namespace=NAMESPACE, image=IMAGE, mounts={path: empty_dir() for path in paths})
    template: Any = render_pod(pod.described("web", "Deployment"), pod)
    rendered = template["spec"]
    names = [volume["name"] for volume in rendered["volumes"]]
    assert len(set(names)) == len(paths), f"{dict(zip(paths, names, strict=True))} share a name"
    for name in names:
        check_name(name, "volume")
    mounted = {one["mount_path"]: one["name"] for one in rendered["containers"][0]["volume_mounts"]}
    assert mounted == dict(zip(paths, names, strict=True))
