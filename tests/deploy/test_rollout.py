"""When a rollout is done, and what a revision still reads."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.deploy.kubectl import Kubectl
from slipway.deploy.revisions import references, still_read
from slipway.deploy.rollout import Workload, workloads
from slipway.workloads.rollout.progress import progress


def _deployment(*, replicas: int, generation: int = 2, **status: int) -> dict[str, Any]:
    seen = {"observedGeneration": 2, **status}
    return {
        "kind": "Deployment",
        "metadata": {"generation": generation},
        "spec": {"replicas": replicas},
        "status": seen,
    }


def _done(deployment: dict[str, Any], least: int = 0) -> bool:
    return progress(deployment, least)[1]


def test_a_rollout_ends_when_all_are_new_and_available_and_no_old_one_is_left() -> None:
    rolled = _deployment(replicas=2)
    rolled["status"] |= {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    assert _done(rolled)
    whole = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    for status in (
        {**whole, "updatedReplicas": 1},
        {**whole, "availableReplicas": 1},
        {"replicas": 3, "updatedReplicas": 2, "availableReplicas": 3},
    ):
        one = _deployment(replicas=2)
        one["status"] |= status
        assert not _done(one), status


def test_a_change_that_the_controller_has_not_seen_does_not_count_as_rolled_out() -> None:
    one = _deployment(replicas=1, generation=3, updatedReplicas=1, availableReplicas=1)
    assert not _done(one)


def test_an_autoscaled_workload_is_awaited_until_its_minimum_of_pods_runs() -> None:
    hpa = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"namespace": "shop", "name": "web"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 3},
    }
    deployment = {"kind": "Deployment", "metadata": {"namespace": "shop", "name": "web"}}
    assert workloads([deployment, hpa]) == [Workload("Deployment", "shop", "web", 3)]
    one = _deployment(replicas=1, updatedReplicas=1, availableReplicas=1)
    assert _done(one)
    assert not _done(one, least=3)


def test_a_revision_reads_what_its_template_names_anywhere() -> None:
    spec = {
        "imagePullSecrets": [{"name": "pull"}],
        "volumes": [
            {"name": "a", "configMap": {"name": "mounted"}},
            {"name": "b", "secret": {"secretName": "hidden"}},
            {
                "name": "c",
                "projected": {"sources": [{"configMap": {"name": "joined"}}, {"secret": {"name": "sealed"}}]},
            },
        ],
        "containers": [
            {
                "envFrom": [{"configMapRef": {"name": "all"}}, {"secretRef": {"name": "every"}}],
                "env": [
                    {"valueFrom": {"configMapKeyRef": {"name": "one", "key": "k"}}},
                    {"valueFrom": {"secretKeyRef": {"name": "only", "key": "k"}}},
                ],
            }
        ],
    }
    found = set(references({"spec": spec}))
    assert found == {
        *(("ConfigMap", name) for name in ("mounted", "joined", "all", "one")),
        *(("Secret", name) for name in ("pull", "hidden", "sealed", "every", "only")),
    }


_READING = {"volumes": [{"name": "config", "configMap": {"name": "old"}}]}


@pytest.mark.parametrize(
    ("reader", "kept"),
    [
        ({"kind": "ReplicaSet", "spec": {"template": {"spec": _READING}}}, ["old"]),
        ({"kind": "ControllerRevision", "data": {"spec": {"template": {"spec": _READING}}}}, ["old"]),
        ({"kind": "Pod", "spec": _READING, "status": {"phase": "Running"}}, ["old"]),
        ({"kind": "Pod", "spec": _READING, "status": {"phase": "Succeeded"}}, []),
        ({"kind": "ReplicaSet", "spec": {"template": {"spec": {}}}}, []),
    ],
)
def test_an_object_stays_for_a_revision_and_for_a_pod_that_has_none(
    monkeypatch: pytest.MonkeyPatch, reader: dict[str, Any], kept: list[str]
) -> None:
    stored = [{"kind": "ConfigMap", "metadata": {"namespace": "shop", "name": name}} for name in ("old", "other")]

    def get(_: Kubectl, kinds: str, *arguments: str) -> list[dict[str, Any]]:
        assert (kinds == "configmaps") == ("part-of=ours" in arguments)
        return stored if kinds == "configmaps" else [reader] if reader["kind"].lower() in kinds else []

    monkeypatch.setattr(Kubectl, "get", get)
    assert [one["metadata"]["name"] for one in still_read(Kubectl("here"), "shop", "part-of=ours", [])] == kept
