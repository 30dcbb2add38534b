"""What pods ask of their node, and what nobody can ask."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import Deployment, Placement, Resources
from slipway.testing import deploy
from tests.components.examples import NAMESPACE
from tests.components.rendering import container, deployed, deployment_args, pod, refused


def test_nodes_are_chosen_by_their_labels():
    affinity = pod(placement=Placement(nodes={"arch": ["amd64", "arm64"], "disk": "ssd"}))["affinity"]
    (term,) = affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [
        {"key": "arch", "operator": "In", "values": ["amd64", "arm64"]},
        {"key": "disk", "operator": "In", "values": ["ssd"]},
    ]


def test_pods_run_beside_one_workload_and_apart_from_another():
    def program():
        cache, batch = Deployment("cache", deployment_args()), Deployment("batch", deployment_args())
        Deployment("web", deployment_args(placement=Placement(affinity=[cache], anti_affinity=[batch])))

    affinity = deploy(program).object("Deployment", "web")["spec"]["template"]["spec"]["affinity"]
    for kind, other in (("podAffinity", "cache"), ("podAntiAffinity", "batch")):
        assert affinity[kind]["requiredDuringSchedulingIgnoredDuringExecution"] == [
            {
                "topologyKey": "kubernetes.io/hostname",
                "namespaces": [NAMESPACE],
                "labelSelector": {
                    "matchLabels": {"app.kubernetes.io/name": other, "slipway/kind": "Deployment"},
                },
            }
        ]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("gpu", {"key": "gpu", "operator": "Exists"}),
        ("gpu:NoExecute", {"key": "gpu", "operator": "Exists", "effect": "NoExecute"}),
        ("gpu=a100", {"key": "gpu", "value": "a100"}),
        ("gpu=:NoSchedule", {"key": "gpu", "value": "", "effect": "NoSchedule"}),
    ],
)
def test_a_toleration_is_written_as_kubectl_taint_writes_it(written: str, sent: dict[str, str]):
    assert pod(placement=Placement(tolerations=[written]))["tolerations"] == [sent]


def test_a_priority_is_named():
    assert pod(placement=Placement(priority="high"))["priorityClassName"] == "high"


@pytest.mark.parametrize("written", ["gpu:NoSchedul", "gpu=a=b", "", ":NoSchedule"])
def test_what_is_no_taint_is_refused(written: str):
    with pytest.raises(ValueError, match="toleration"):
        Placement(tolerations=[written])


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"user": 1000, "group": 2000}, {"runAsUser": 1000, "runAsGroup": 2000}),
        ({"fs_group": 3000}, {"fsGroup": 3000, "fsGroupChangePolicy": "OnRootMismatch"}),
    ],
)
def test_processes_run_as_they_are_told(fields: dict[str, Any], sent: dict[str, Any]):
    assert sent.items() <= pod(**fields)["securityContext"].items()


def test_names_and_a_resolver_are_given():
    found = pod(host_aliases={"10.0.0.1": ["db", "db.local"]}, dns={"searches": ["example.com"]})
    assert found["hostAliases"] == [{"ip": "10.0.0.1", "hostnames": ["db", "db.local"]}]
    assert found["dnsConfig"] == {"searches": ["example.com"]}


def test_a_size_is_a_name_for_requests():
    assert container(resources=Resources.large())["resources"]["requests"] == {"cpu": "2", "memory": "2Gi"}
    stored = container(resources=Resources(ephemeral_storage="1Gi"))["resources"]
    assert stored["requests"]["ephemeral-storage"] == stored["limits"]["ephemeral-storage"] == "1Gi"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"user": 0}, "user 0 is not accepted, as 0 is root"),
        ({"host_aliases": {"db": ["x"]}}, "host_aliases has 'db', which is no IP address"),
        ({"restart_policy": "OnFailure"}, "restart_policy 'OnFailure' is refused by Kubernetes for what runs on"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], said: str):
    assert refused(**fields).startswith(said)


def test_nothing_is_asked_where_nothing_is_said():
    assert not {"affinity", "tolerations", "hostAliases", "dnsConfig"} & deployed().object("Deployment")["spec"].keys()
