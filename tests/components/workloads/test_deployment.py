"""A Deployment rolls without losing a request, is spread, and waits for what it reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from slipway import (
    Config,
    ConfigArgs,
    Container,
    Deployment,
    Namespace,
    NamespaceArgs,
    Recreate,
    RollingUpdate,
)
from slipway.testing import Recording, refusal
from slipway.workloads.rollout.patience import WAIT_FOR
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import (
    HTTP,
    awaited,
    container,
    deployed,
    deployment,
    deployment_args,
    pod,
    refused,
    spec,
    template,
)

WHO = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"}
SELECTED = {"app.kubernetes.io/name": "web", "slipway/kind": "Deployment"}

FORCED = {"pulumi.com/patchForce": "true"}


def test_its_selector_is_who_it_is_and_nothing_that_could_change() -> None:
    found = spec(labels={"team": "shop", "app.kubernetes.io/version": "1.2"}, annotations={"note": "x"})
    assert found["selector"] == {"matchLabels": SELECTED}, "a selector that changes replaces the Deployment"
    assert found["template"]["metadata"] == {
        "labels": WHO | SELECTED | {"team": "shop", "app.kubernetes.io/version": "1.2"},
        "annotations": {"note": "x"},
    }


def test_it_is_named_and_labelled_as_it_was_told() -> None:
    metadata = deployed(labels={"team": "shop"}, annotations={"note": "x"}).object("Deployment")["metadata"]
    assert metadata == {
        "name": "web",
        "namespace": NAMESPACE,
        "labels": WHO | {"team": "shop"},
        "annotations": {WAIT_FOR: metadata["annotations"][WAIT_FOR], **FORCED, "note": "x"},
    }


def test_its_annotations_win_over_how_it_is_awaited() -> None:
    own = {WAIT_FOR: "condition=Available", "pulumi.com/skipAwait": "true"}
    assert deployed(annotations=own).object("Deployment")["metadata"]["annotations"] == own | FORCED


def test_it_never_has_less_than_its_replicas_while_it_rolls() -> None:
    assert spec()["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"}}


@pytest.mark.parametrize(
    ("update", "strategy"),
    [
        (Recreate(), {"type": "Recreate"}),
        (
            RollingUpdate(max_unavailable="50%", max_surge=0),
            {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "50%", "maxSurge": 0}},
        ),
    ],
)
def test_it_can_be_told_to_roll_otherwise(update: RollingUpdate | Recreate, strategy: dict[str, Any]) -> None:
    assert spec(update=update)["strategy"] == strategy


@pytest.mark.parametrize("field", ["max_unavailable", "max_surge"])
@pytest.mark.parametrize("given", [-1, "lots", "1", "%", "-5%", "2.5%", "25 %", "25%\n", "٢%"])
def test_what_is_neither_a_number_of_pods_nor_a_share_is_refused(field: str, given: Any) -> None:
    told = re.escape(f": {field} {given!r} is neither a number of pods nor a share of them: give 0 or more")
    with pytest.raises(ValueError, match=told):
        RollingUpdate(**{"max_unavailable": 1, "max_surge": 1, field: given})


def test_more_than_all_pods_can_be_added_and_not_taken_away() -> None:
    with pytest.raises(ValueError, match=r": max_unavailable '101%' is more than all pods: give '100%' at most"):
        RollingUpdate(max_unavailable="101%")
    rolling = spec(update=RollingUpdate(max_unavailable="100%", max_surge="200%"))["strategy"]["rollingUpdate"]
    assert rolling == {"maxUnavailable": "100%", "maxSurge": "200%"}
    assert RollingUpdate(max_unavailable=101).max_unavailable == 101, "a number of pods may be any"


@pytest.mark.parametrize(("unavailable", "surge"), [(0, 0), ("0%", 0), (0, "0%"), ("00%", 0)])
def test_an_update_that_could_never_begin_is_refused(unavailable: int | str, surge: int | str) -> None:
    with pytest.raises(ValueError, match="max_unavailable and max_surge are both 0: no pod could ever be replaced"):
        RollingUpdate(max_unavailable=unavailable, max_surge=surge)


def test_replicas_are_absent_where_someone_else_decides() -> None:
    found = [spec(replicas=replicas).get("replicas", "absent") for replicas in (None, 3, None, 0)]
    assert found == ["absent", 3, "absent", 0], "with an autoscaler, a number would undo its work on every update"


def _sent(**own: Any) -> tuple[int | None, list[str]]:
    """How many pods the engine is told of, and which changes it is told to ignore."""
    one = deployed(**own).one("apps/v1:Deployment")
    return one.inputs["spec"].get("replicas"), one.options.get("ignoreChanges", [])


def test_where_someone_else_decides_a_new_one_still_starts_with_a_number() -> None:
    assert _sent(replicas=3) == (3, [])
    assert _sent() == (1, ["spec.replicas"]), "as the API server would have it, and never again"
    assert _sent(initial_replicas=4) == (4, ["spec.replicas"])
    assert _sent(initial_replicas=0) == (0, ["spec.replicas"])


def test_replicas_that_cannot_be_are_refused() -> None:
    assert refused(replicas=-1).startswith("replicas -1 is negative")
    assert refused(initial_replicas=-1).startswith("initial_replicas -1 is negative")
    assert refused(replicas=2, initial_replicas=3).startswith("replicas 2 and initial_replicas 3 exclude each other")


@pytest.mark.parametrize("name", ["Web", "web_1", "w" * 64, "-web"])
def test_a_name_that_kubernetes_would_refuse_is_refused(name: str) -> None:
    assert refusal(lambda: Deployment(name, deployment_args())).startswith(f"deployment {name!r} is not a valid name")


def test_it_goes_on_serving_while_endpoints_forget_it() -> None:
    assert container()["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}, "sleep needs no shell in the image"
    assert "lifecycle" not in container(pre_stop=0)
    longer = pod(pre_stop=30, termination_grace=90)
    assert longer["terminationGracePeriodSeconds"] == 90
    assert longer["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"] == 30


@pytest.mark.parametrize(("spread", "unsatisfiable"), [("preferred", "ScheduleAnyway"), ("required", "DoNotSchedule")])
def test_its_pods_are_spread_over_nodes_and_zones(spread: str, unsatisfiable: str) -> None:
    constraints = pod(spread=spread)["topologySpreadConstraints"]
    assert constraints == [
        {
            "topologyKey": key,
            "maxSkew": 1,
            "whenUnsatisfiable": unsatisfiable,
            "labelSelector": {"matchLabels": SELECTED},
            "matchLabelKeys": ["pod-template-hash"],
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ], "without the hash, the outgoing pods count and the new ones end up unevenly"


def test_its_pods_are_spread_by_preference_unless_told_otherwise() -> None:
    assert pod()["topologySpreadConstraints"][0]["whenUnsatisfiable"] == "ScheduleAnyway"
    assert "topologySpreadConstraints" not in pod(spread=None)


def test_sidecars_start_before_init_containers_and_run_on() -> None:
    one = Container(image=IMAGE)
    found = pod(init_containers={"migrate": one, "check": one}, sidecars={"proxy": one, "tail": one})["initContainers"]
    order = [(each["name"], each.get("restartPolicy")) for each in found]
    assert order == [("proxy", "Always"), ("tail", "Always"), ("migrate", None), ("check", None)], (
        "what runs beside the main container may be needed by what runs before it"
    )


def test_an_init_container_is_never_asked_whether_it_listens() -> None:
    one = Container(image=IMAGE, ports=[HTTP])
    found = pod(init_containers={"x": one}, sidecars={"y": one})
    asked = {one["name"]: "readinessProbe" in one for one in found["initContainers"]}
    assert asked == {"x": False, "y": True}, "Kubernetes refuses probes of what runs to its end"


def test_its_identity_and_pull_secrets_are_given_by_name() -> None:
    found = pod(service_account="shop", image_pull_secrets=["regcred"])
    assert (found["serviceAccountName"], found["imagePullSecrets"]) == ("shop", [{"name": "regcred"}])
    assert found["automountServiceAccountToken"] is False, "an identity is not yet a client of the API server"


def test_it_waits_for_what_it_reads_and_for_nothing_else(deploy: Callable[..., Recording]) -> None:
    def program() -> None:
        read = Config("read", ConfigArgs(namespace=NAMESPACE, values={"a": "1"}, secrets={"B": "2"}))
        Config("other", ConfigArgs(namespace=NAMESPACE, values={"a": "1"}, secrets={"B": "2"}))
        tail = Container(image=IMAGE, environment=read.secrets.environment())
        deployment(mounts={"/etc/web": read.values.volume()}, sidecars={"tail": tail})

    recording = deploy(program)
    read = [one for one in recording.manifests() if one.name.startswith("read-")]
    assert awaited(recording, "apps/v1:Deployment") == [f"{one.kind} {one.name}" for one in reversed(read)]


def test_it_waits_for_nothing_where_it_reads_nothing() -> None:
    assert awaited(deployed(), "apps/v1:Deployment") == []


def test_it_is_made_after_the_guard_rails_of_its_namespace(deploy: Callable[..., Recording]) -> None:
    def program() -> None:
        deployment(namespace=Namespace(NAMESPACE, NamespaceArgs(quota={"pods": "5"})))

    recording = deploy(program)
    assert awaited(recording, "apps/v1:Deployment") == ["Namespace shop", "ResourceQuota shop"], (
        "a pod that is made before the quota is not counted by it"
    )
    assert recording.one("apps/v1:Deployment").options["deletedWith"] == recording.one("core/v1:Namespace").urn


def test_in_a_namespace_by_name_it_is_deleted_by_itself() -> None:
    assert "deletedWith" not in deployed().one("apps/v1:Deployment").options, "we do not delete a namespace of others"


def test_a_pod_without_annotations_has_none() -> None:
    assert "annotations" not in template()["metadata"], "an empty mapping would show as a change some day"
