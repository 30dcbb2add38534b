"""How many pods the workloads ask for in each scenario, and what the namespace makes of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from slipway.capacity.asked import Scenario
from slipway.capacity.cluster import Cluster
from slipway.capacity.demand import Demand
from slipway.capacity.model import Node
from slipway.capacity.scenarios import Question
from slipway.capacity.scores import Model
from slipway.capacity.workloads import unknowns
from slipway.preview.model import COMPUTED, Manifest

Body = dict[str, Any]
ALL = {Scenario.DECLARED: 3, Scenario.MINIMUM: 2, Scenario.MAXIMUM: 8}


def container(**asked: str) -> Body:
    return {"name": "main", "image": "registry.example.com/app:1", "resources": {"requests": asked}}


def workload(kind: str, name: str = "web", api: str = "apps/v1", **spec: Any) -> Body:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container(cpu="100m")]}}
    given = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": given}


def in_shop(kind: str, **spec: Any) -> Body:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": kind.lower(), "namespace": "shop"}, "spec": spec}


def nodes(number: int = 3, **more: Any) -> list[Node]:
    amounts = {"cpu": 4000, "memory": 8 * 1024**3, "pods": 110}
    labels = {f"n{index}": {"kubernetes.io/hostname": f"n{index}"} for index in range(number)}
    return [Node(name=name, allocatable=amounts, labels=given, **more) for name, given in labels.items()]


def question(*bodies: Body, cluster: Cluster | None = None, initial: int | None = None) -> Question:
    rendered = [Manifest(urn=str(index), body=body, initial_replicas=initial) for index, body in enumerate(bodies)]
    return Question(Demand(rendered, cluster or Cluster(nodes=nodes())), Model.SCHEDULER)


def counts(*bodies: Body, initial: int | None = None) -> dict[Scenario, int]:
    asked = question(*bodies, initial=initial)
    return {one: asked.outcome(one).pods for one in (*ALL, Scenario.ROLLOUT)}


def autoscaler(low: int, high: int) -> Body:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": high},
    }


def scaled_object(**spec: int) -> Body:
    body = {"scaleTargetRef": {"name": "web"}, **spec}
    meta = {"name": "web", "namespace": "shop"}
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": meta, "spec": body}


def test_an_autoscaler_gives_the_least_and_the_most() -> None:
    found = counts(workload("Deployment"), autoscaler(2, 8), initial=3)
    assert found == {**ALL, Scenario.ROLLOUT: 8 + 2 * 2 + 2}


def test_an_autoscaler_of_events_may_scale_to_nothing() -> None:
    found = counts(workload("Deployment", replicas=3), scaled_object(maxReplicaCount=5))
    assert [found[one] for one in ALL] == [3, 0, 5]


@pytest.mark.parametrize(
    ("replicas", "rolling", "more"),
    [
        # Kubernetes' default is 25 % of both: here 2 more, 2 fewer.
        (8, {}, 8),
        (8, {"maxSurge": "25%", "maxUnavailable": 0}, 4),
        (8, {"maxSurge": 0, "maxUnavailable": 1}, 2),
        (1, {"maxSurge": 1, "maxUnavailable": 0}, 1),
        (2, {"maxSurge": "100%", "maxUnavailable": 0}, 2),
        (4, {"maxSurge": "1%", "maxUnavailable": 0}, 2),
    ],
)
def test_a_rolling_update_makes_new_pods_while_old_ones_end(replicas: int, rolling: Body, more: int) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": rolling}
    asked = question(workload("Deployment", replicas=replicas, strategy=strategy))
    first, second = asked.demand.waves(Scenario.ROLLOUT)
    assert (len(first.pods), len(second.pods)) == (replicas, more)
    surge = {"maxSurge": 0, "maxUnavailable": 1}
    kept = replicas - second.gone["Deployment shop/web"]
    assert int(asked.outcome(Scenario.ROLLOUT).state.pods.sum()) == kept + more
    assert second.gone["Deployment shop/web"] == (1 if rolling == surge else 2 if not rolling else 0)


@pytest.mark.parametrize(
    "body",
    [workload("Deployment", replicas=4, strategy={"type": "Recreate"}), workload("StatefulSet", replicas=4)],
    ids=["recreated", "stateful"],
)
def test_where_an_old_pod_ends_first_a_rollout_asks_for_no_more(body: Body) -> None:
    assert set(counts(body).values()) == {4}


def test_a_daemon_is_on_every_node_that_admits_it() -> None:
    tolerant = workload("DaemonSet")
    tolerant["spec"]["template"]["spec"]["nodeSelector"] = {"kubernetes.io/hostname": "n1"}
    assert counts(workload("DaemonSet"))[Scenario.MAXIMUM] == 3
    assert counts(tolerant)[Scenario.MAXIMUM] == 1
    cordoned = Cluster(nodes=nodes(2, unschedulable=True))
    assert question(workload("DaemonSet"), cluster=cordoned).outcome(Scenario.MAXIMUM).fits
    surging = workload("DaemonSet", updateStrategy={"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})
    outcome = question(surging).outcome(Scenario.ROLLOUT)
    assert Counter(place for _, place in outcome.where) == {0: 2, 1: 2, 2: 2}


def test_jobs_count_at_their_parallelism() -> None:
    pods = {"template": {"spec": {"containers": [container(cpu="1")]}}}
    job = workload("Job", api="batch/v1", parallelism=5, completions=2)
    assert counts(job)[Scenario.MAXIMUM] == 2
    assert counts(workload("Job", api="batch/v1", parallelism=5))[Scenario.MAXIMUM] == 5
    nightly: Body = {
        **workload("CronJob", api="batch/v1"),
        "spec": {"jobTemplate": {"spec": {"parallelism": 3, **pods}}},
    }
    assert counts(nightly)[Scenario.MAXIMUM] == 3
    nightly["spec"]["suspend"] = True
    assert counts(nightly)[Scenario.MAXIMUM] == 0


def test_a_limit_range_completes_what_containers_leave_out() -> None:
    bare = workload("Deployment", replicas=1)
    bare["spec"]["template"]["spec"]["containers"] = [{"name": "main"}]
    defaults = {"type": "Container", "default": {"cpu": "2", "memory": "1Gi"}, "defaultRequest": {"cpu": "500m"}}
    demand = question(bare, in_shop("LimitRange", limits=[defaults])).demand
    shape = demand.shape(demand.workloads[0])
    assert shape.request == {"cpu": 500, "memory": 1024**3}
    assert shape.limit == {"cpu": 2000, "memory": 1024**3}
    strict = {"type": "Container", "max": {"cpu": "50m"}}
    asked = workload("Deployment", replicas=1)
    asked["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] = {"cpu": "100m"}
    (refused,) = question(asked, in_shop("LimitRange", limits=[strict])).outcome(Scenario.MAXIMUM).pending
    assert (refused.made, refused.message) == (False, "maximum cpu usage per Container is 50m, but limit is 100m")


def test_a_quota_refuses_what_is_over_it() -> None:
    quota = in_shop("ResourceQuota", hard={"pods": "10", "requests.cpu": "450m"})
    asked = question(workload("Deployment", replicas=6, strategy={"type": "Recreate"}), quota)
    outcome = asked.outcome(Scenario.MAXIMUM)
    messages = {one.message for one in outcome.pending}
    told = "requested: requests.cpu=100m, used: requests.cpu=400m, limited: requests.cpu=450m"
    assert (len(outcome.pending), messages) == (2, {f"exceeded quota: resourcequota, {told}"})
    assert not any(one.made for one in outcome.pending)
    missing = question(workload("Deployment", replicas=1), in_shop("ResourceQuota", hard={"limits.memory": "1Gi"}))
    assert (
        missing.outcome(Scenario.MAXIMUM).pending[0].message
        == "failed quota: resourcequota: must specify limits.memory"
    )
    few = question(workload("Deployment", replicas=2), in_shop("ResourceQuota", hard={"pods": "5"}))
    assert few.more(few.outcome(Scenario.MAXIMUM)) == {"Deployment shop/web": 3}


def running(name: str, app: str, namespace: str = "shop", **more: Any) -> Body:
    meta = {"name": name, "namespace": namespace, "labels": {"app": app}, **more}
    spec = {"containers": [container(cpu="3")], "nodeName": "n0"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": {"phase": "Running"}}


def test_what_others_run_takes_room_and_the_stacks_own_pods_do_not_count_twice() -> None:
    pods = [running("db-0", "db"), running("web-0", "web"), running("web-1", "web", namespace="other")]
    pods.append({**running("done", "db"), "status": {"phase": "Succeeded"}})
    demand = question(workload("Deployment", replicas=1), cluster=Cluster(nodes=nodes(), pods=pods)).demand
    assert [one.pod.name for one in demand.others] == ["db-0", "web-1"]


def test_a_lost_node_gives_its_pods_to_others() -> None:
    daemon, web = workload("DaemonSet", name="agent"), workload("Deployment", replicas=60)
    asked = question(daemon, web, cluster=Cluster(nodes=nodes(2)))
    most = asked.outcome(Scenario.MAXIMUM)
    assert most.fits
    first, _ = asked.losses(most, 1)
    assert (first.what, first.outcome.scenario) == ("node n0", Scenario.LOST)
    # Of 4 cores, the agent takes one tenth of one: 39 of the 60 pods are left.
    assert [len(first.outcome.pending), first.outcome.pending[0].message] == [
        21,
        "0/1 nodes are available: 1 Insufficient cpu.",
    ]


def test_what_was_pending_before_a_loss_is_pending_after_it() -> None:
    asked = question(workload("Deployment", replicas=100), cluster=Cluster(nodes=nodes(2)))
    most = asked.outcome(Scenario.MAXIMUM)
    lost = asked.losses(most, 1)[0].outcome
    assert (len(most.pending), len(lost.pending), lost.pods) == (20, 60, 100)


def test_the_smallest_number_of_nodes_is_one_that_fits_while_one_fewer_does_not() -> None:
    like = [Node(name="a-1", allocatable={"cpu": 1000, "pods": 4}, labels={}, group="a")]
    asked = question(workload("Deployment", replicas=9), cluster=Cluster(nodes=like))
    assert asked.smallest(Scenario.MAXIMUM, "a") == 3
    tiny = [Node(name="a-1", allocatable={"cpu": 50, "pods": 4}, group="a")]
    assert question(workload("Deployment"), cluster=Cluster(nodes=tiny)).smallest(Scenario.MAXIMUM, "a") is None


def test_what_is_not_known_is_told() -> None:
    body = workload("Deployment")
    body["spec"]["template"]["spec"]["containers"] = [container(cpu=COMPUTED)]
    assert unknowns([Manifest(urn="", body=body)]) == [
        "Deployment shop/web: the cpu request of container main is not known"
    ]
