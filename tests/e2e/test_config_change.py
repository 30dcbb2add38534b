"""What a change of configuration does under each of the three rollouts."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service
from tests.e2e.traffic import Traffic, answer
from tests.e2e.waiting import until
from tests.e2e.watching import Watch


def _config_of(pod: dict[str, object]) -> str:
    found = re.search(r"'configMap': {[^}]*'name': '(hello[^']*)'", str(pod))
    assert found
    return found[1]


def _config_maps(service: Service) -> dict[str, str]:
    """The greeting in each ConfigMap."""
    maps = service.items("configmaps")
    return {
        one["metadata"]["name"]: one["data"]["hello-world.data"]
        for one in maps
        if "hello-world.data" in one.get("data", {})
    }


def test_versioned_pods_read_the_object_they_were_made_with_until_they_are_gone(service: Service, image: str) -> None:
    knobs = Knobs(image=image, greeting="one", bystander=True)
    service.apply(knobs)
    before, bystanders = service.pods(), service.pods(app="bystander")
    with Traffic(service.url(), workers=1) as traffic, service.start_apply(replace(knobs, greeting="two")) as applying:
        seen: list[tuple[set[str], set[str]]] = []
        while applying.poll() is None:
            read = {_config_of(pod) for pod in service.items("pods") if "bystander" not in pod["metadata"]["name"]}
            seen.append((read, set(_config_maps(service))))
        assert applying.returncode == 0, applying.communicate()
    assert any(len(read) == 2 for read, _ in seen), "old and new pods have run side by side"
    assert all(read <= there for read, there in seen), "an object was deleted before a pod that reads it"
    assert not traffic.failures, traffic.failed_at
    assert not set(before) & set(service.pods()), "its readers roll out"
    assert set(bystanders) == set(service.pods(app="bystander")), "pods that do not read it do not restart"


def test_without_history_the_old_object_is_deleted_last(service: Service, image: str) -> None:
    knobs = Knobs(image=image, greeting="one", history=0)
    service.apply(knobs)
    (old,) = _config_maps(service)
    with Watch(service, "pods") as pods, Watch(service, "configmaps") as config_maps:
        before = set(service.pods())
        service.apply(replace(knobs, greeting="two"))
        until(lambda: not before & {one["metadata"]["name"] for one in service.items("pods")}, "the old pods have gone")
        service.deploy("apply")
    assert list(_config_maps(service).values()) == ["two"]
    order = pods.deleted() | config_maps.deleted()
    assert set(order) == {*before, old}, "nothing else was deleted"
    assert max(order, key=order.__getitem__) == old, f"the object that the old pods read went before them: {order}"


def test_a_rollback_finds_its_config_as_long_as_history_keeps_it(service: Service, image: str) -> None:
    knobs = Knobs(image=image, greeting="one", replicas=1)
    service.apply(knobs)
    service.apply(replace(knobs, greeting="two"))
    assert sorted(_config_maps(service).values()) == ["one", "two"]
    service.kubectl("rollout", "undo", "deployment/hello")
    service.kubectl("rollout", "status", "deployment/hello", "--timeout=60s")
    until(lambda: answer(service.url()) == "one", "the rollback answers")
    # The program still says "two", so applying it again rolls out "two".
    service.deploy("apply")
    until(lambda: answer(service.url()) == "two", "what the program says answers")
    until(lambda: len(service.items("pods")) == 1, "the old pod has gone")
    # When the history drops a revision, the next apply deletes the revision's object.
    for one in service.items("replicasets"):
        if not one["spec"]["replicas"]:
            service.kubectl("delete", "replicaset", one["metadata"]["name"])
    service.deploy("apply")
    assert list(_config_maps(service).values()) == ["two"]


def test_objects_of_another_stack_in_the_same_namespace_are_left_alone(service: Service, image: str) -> None:
    knobs = Knobs(image=image, replicas=1)
    service.apply(knobs)
    theirs = {"applyset.kubernetes.io/part-of": "applyset-of-another-stack-v1"}
    service.kubectl("create", "configmap", "theirs", "--from-literal=key=value")
    service.kubectl("label", "configmap", "theirs", *(f"{key}={value}" for key, value in theirs.items()))
    reading = {
        "containers": [{"name": "main", "image": "nowhere/none:1"}],
        "volumes": [{"name": "theirs", "configMap": {"name": "theirs"}}],
    }
    revision = {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "theirs"}},
        "template": {"metadata": {"labels": {"app": "theirs"}}, "spec": reading},
    }
    body = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "theirs"}, "spec": revision}
    service.kubectl("create", "-f-", stdin=json.dumps(body))
    for greeting in ("two", "three"):
        service.apply(replace(knobs, greeting=greeting))
        assert service.get("configmap", "theirs")["metadata"]["labels"] == theirs


def test_restart_updates_in_place_and_rolls_only_the_readers(service: Service, image: str) -> None:
    knobs = Knobs(image=image, greeting="one", rollout="restart", replicas=1, bystander=True)
    service.apply(knobs)
    before, bystanders, uid = service.pods(), service.pods(app="bystander"), service.get("configmap")["metadata"]["uid"]
    service.apply(replace(knobs, greeting="two"))
    assert service.get("configmap")["metadata"]["uid"] == uid, "the object was replaced, not updated"
    assert not set(before) & set(service.pods())
    assert set(bystanders) == set(service.pods(app="bystander"))
    until(lambda: answer(service.url()) == "two", "what the program says answers")


def test_live_reaches_the_running_process_and_restarts_nothing(service: Service, image: str) -> None:
    knobs = Knobs(image=image, greeting="one", rollout="live", replicas=1)
    service.apply(knobs)
    before = service.pods()
    service.apply(replace(knobs, greeting="two"))
    # The kubelet updates the volumes of a running pod every 60 to 90 seconds, unless it is told to do so more often.
    until(lambda: answer(service.url()) == "two", "the file under the process changes", seconds=150)
    after = service.pods()
    assert set(before) == set(after)
    restarts = [one["restartCount"] for pod in after.values() for one in pod["status"]["containerStatuses"]]
    assert restarts == [0]


def test_an_object_that_leaves_the_program_is_deleted(service: Service, image: str) -> None:
    service.apply(Knobs(image=image, replicas=1, bystander=True, pods=10))
    assert service.pods(app="bystander")
    told = service.apply(Knobs(image=image, replicas=1)).stdout
    assert "deployment.apps/bystander pruned" in told
    assert [one["metadata"]["name"] for one in service.items("deployments")] == ["hello"]
    assert not service.items("resourcequotas")
    assert len(service.pods()) == 1
