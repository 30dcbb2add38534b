"""A StatefulSet keeps its names and its storage, and what Kubernetes never changes is refused before it is written."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import ClaimTemplate, Container, Deployment, Port, Service, ServiceArgs, StatefulSet, StatefulSetArgs
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import deployment_args

SQL = Port(name="sql", number=5432)
DATA = ClaimTemplate(name="data", size="1Gi")


def database(**own: Any) -> StatefulSet:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, "ports": [SQL], "mounts": {"/data": DATA}, **own}
    return StatefulSet("db", StatefulSetArgs(**fields))


def made(**own: Any) -> Recording:
    return deploy(lambda: database(**own))


def spec(**own: Any) -> dict[str, Any]:
    return made(**own).object("StatefulSet")["spec"]


def test_each_pod_has_a_claim_of_its_own():
    found = spec(mounts={"/data": DATA, "/backup": DATA.at("backup")}, sidecars={"b": Container(image=IMAGE)})
    assert found["volumeClaimTemplates"] == [
        {
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }
    ]
    pod = found["template"]["spec"]
    assert "volumes" not in pod, "a claim template is no volume of the pod"
    assert pod["containers"][0]["volumeMounts"] == [
        {"name": "data", "mountPath": "/data"},
        {"name": "data", "mountPath": "/backup", "subPath": "backup"},
    ]


def test_claims_stay_unless_told_otherwise():
    policy = "persistentVolumeClaimRetentionPolicy"
    assert spec()[policy] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert spec(keep_claims=False)[policy] == {"whenDeleted": "Delete", "whenScaled": "Delete"}


def test_its_pods_have_names_before_they_are_ready():
    headless = made().object("Service", "db-headless")
    assert headless["spec"]["clusterIP"] == "None"
    assert headless["spec"]["publishNotReadyAddresses"] is True
    assert spec()["serviceName"] == "db-headless"
    assert headless["spec"]["selector"] == spec()["selector"]["matchLabels"]


def test_a_service_beside_it_takes_its_name():
    def program():
        Service("db", ServiceArgs(workload=database()))

    recording = deploy(program)
    assert recording.object("Service", "db")["spec"]["selector"] == {
        "app.kubernetes.io/name": "db",
        "slipway/kind": "StatefulSet",
    }


@pytest.mark.parametrize(("order", "policy"), [("ordered", "OrderedReady"), ("parallel", "Parallel")])
def test_pods_come_in_the_order_that_is_asked_for(order: str, policy: str):
    assert spec(order=order)["podManagementPolicy"] == policy


def test_the_engine_waits_for_all_pods_of_the_declared_version_unless_a_partition_holds_some_back():
    annotations = made().object("StatefulSet")["metadata"]["annotations"]
    assert "updatedReplicas==$.spec.replicas" in annotations["pulumi.com/waitFor"]
    held_back = made(partition=1).object("StatefulSet")["metadata"]["annotations"]
    assert "pulumi.com/waitFor" not in held_back, "it would wait for ever"


def test_raw_fields_are_merged_last():
    assert spec(spec={"ordinals": {"start": 1}, "revisionHistoryLimit": 2})["ordinals"] == {"start": 1}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"replicas": -1}, "replicas -1 is negative"),
        ({"replicas": None, "initial_replicas": -1}, "initial_replicas -1 is negative"),
        ({"initial_replicas": 3}, "replicas 1 and initial_replicas 3 exclude each other"),
        ({"partition": -1}, "partition -1 is negative"),
        (
            {"mounts": {"/a": DATA, "/b": ClaimTemplate(name="data", size="2Gi")}},
            "claim template 'data' is there twice: mount the same one, or rename one",
        ),
        ({"restart_policy": "Never"}, "restart_policy 'Never' is refused by Kubernetes for what runs on"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], said: str):
    assert refusal(lambda: database(**fields)).startswith(said)


def test_a_name_that_its_revision_labels_could_not_hold_is_refused():
    with pytest.raises(ValueError, match=r"statefulset 'x+' is not a valid name: use at most 52"):
        StatefulSetArgs(namespace=NAMESPACE, image=IMAGE).workload("x" * 53)


def test_a_claim_template_is_refused_where_nobody_makes_a_claim_of_it():
    assert refusal(lambda: Deployment("web", deployment_args(mounts={"/data": DATA}))) == (
        "claim template 'data' makes a claim for each pod, which a StatefulSet alone does: "
        "mount a claim with claim('…')"
    )
