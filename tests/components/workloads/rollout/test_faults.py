"""A service that does not come up is told with its cause and the field to change; the messages are a real cluster's."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.workloads.rollout.explain import account
from slipway.workloads.rollout.faults import Fault, fault_of
from tests.components.workloads.rollout.answers import CREATING, IMAGE, Answers, event, pod, terminated, waiting

BACK_OFF = f'Back-off pulling image "{IMAGE}"'


def pull(said: str) -> dict[str, Any]:
    return event("Failed", f'Failed to pull image "{IMAGE}": failed to pull and unpack image "{IMAGE}": {said}')


def fault(**answers: Any) -> Fault:
    cluster = Answers(**answers)
    found = fault_of(cluster, cluster.deployment)
    assert found
    return found


def not_pulled(said: str, *more: dict[str, Any], **spec: Any) -> Fault:
    return fault(pods=[pod(waiting("ImagePullBackOff", BACK_OFF), **spec)], events=[pull(said), *more])


def test_a_missing_image_is_the_image() -> None:
    found = not_pulled(f"rpc error: failed to resolve image: {IMAGE}: not found")
    assert found.what == f"container web cannot get its image {IMAGE}: not found"
    assert found.change.startswith("image: no such image is there")
    assert found.lasting


@pytest.mark.parametrize(
    "said",
    [
        "failed to resolve image: pull access denied, repository does not exist or may require authorization: "
        "authorization failed: no basic auth credentials",
        "failed to resolve image: unexpected status from HEAD request: 401 Unauthorized",
        "failed to authorize: failed to fetch oauth token: unexpected status: 403 Forbidden",
    ],
)
def test_a_refused_pull_is_the_pull_secret(said: str) -> None:
    assert not_pulled(said).change.startswith("image_pull_secrets (it names none): a Secret of type")


def test_a_pull_secret_that_is_not_there_is_said() -> None:
    missing = event("FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (regcred)")
    told = not_pulled("failed to resolve: 401 Unauthorized", missing, imagePullSecrets=[{"name": "regcred"}]).change
    assert told.startswith("image_pull_secrets (it names regcred, and one of them is not in the namespace)")


def test_where_the_registry_does_not_tell_which_both_are_named() -> None:
    said = "failed to resolve: pull access denied, repository does not exist or may require 'docker login'"
    assert not_pulled(said).change.startswith("image, if the name is wrong; or else image_pull_secrets")


def test_a_registry_that_nodes_do_not_reach_is_the_registry() -> None:
    found = not_pulled('failed to do request: Head "https://registry.example.com": dial tcp: no such host')
    assert found.change == "image: whether its registry is one that the nodes reach"


def test_a_crash_loop_is_the_command_with_its_last_words() -> None:
    crashed = pod(waiting("CrashLoopBackOff", "back-off 20s"), terminated(1))
    refused = "Startup probe failed: dial tcp 10.0.0.1:9090: connect: connection refused"
    found = fault(pods=[crashed], log=["starting", "no such flag: -x", ""], events=[event("Unhealthy", refused)])
    assert found.what == "container web ends with exit code 1; the last it said: no such flag: -x"
    assert found.change.startswith("command, args, environment")
    assert found.lasting
    trying = fault(pods=[pod({"running": {}}, terminated(1))], log=["x"])
    assert not trying.lasting, "it may start well this time"


@pytest.mark.parametrize(("restarts", "lasting"), [(0, False), (1, False), (2, True)])
def test_a_container_that_ended_again_and_again_is_a_crash_loop_whatever_the_kubelet_shows(
    restarts: int, lasting: bool
) -> None:
    ended = pod(terminated(1), terminated(1))
    ended["status"]["containerStatuses"][0]["restartCount"] = restarts
    assert fault(pods=[ended]).lasting is lasting


@pytest.mark.parametrize("policy", ["OnFailure", "Never"])
def test_what_runs_to_its_end_counts_its_failures_itself(policy: str) -> None:
    crashed = pod(waiting("CrashLoopBackOff", "back-off 20s"), terminated(1), restartPolicy=policy)
    assert not fault(pods=[crashed]).lasting


def test_a_container_without_memory_is_its_resources() -> None:
    found = fault(pods=[pod(waiting("CrashLoopBackOff"), terminated(137, "OOMKilled"))])
    assert found.change == "resources: memory is 128Mi"


def test_what_the_image_does_not_hold_is_the_command() -> None:
    message = 'exec: "srve": executable file not found in $PATH'
    assert fault(pods=[pod(waiting("RunContainerError", message))]).change.startswith("command or args: what it starts")


PORT = 'Startup probe failed: Get "http://10.0.0.1:9090/livez": dial tcp 10.0.0.1:9090: connect: connection refused'


def test_a_port_that_nobody_listens_on_is_the_probe_beside_the_ports() -> None:
    found = fault(pods=[pod({"running": {}})], events=[event("Unhealthy", PORT)])
    assert found.what == f"container web runs and is not ready: {PORT}"
    assert found.change.startswith(
        "probes.liveness.port, which asks 'http', number 9090 (ports: http is 9090, grpc is 50021)"
    ), "the startup question is the liveness one, and nobody wrote a startup one"
    assert not found.lasting, "a program that starts slowly looks the same"


def test_a_container_that_is_killed_for_its_probe_is_the_probe() -> None:
    killed = pod(waiting("CrashLoopBackOff"), terminated(137))
    assert fault(pods=[killed], events=[event("Unhealthy", PORT)]).change.startswith("probes.liveness.port")


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("HTTP probe failed with statuscode: 404", "probes.readiness.http: it asks for '/readyz'"),
        ("HTTP probe failed with statuscode: 503", "what the program misses; or probes.readiness.http"),
        ('Get "http://10.0.0.1": context deadline exceeded', "probes.readiness.timeout"),
    ],
)
def test_a_probe_that_is_answered_wrongly_is_its_field(said: str, change: str) -> None:
    events = [event("Unhealthy", f"Readiness probe failed: {said}")]
    assert fault(pods=[pod({"running": {}})], events=events).change.startswith(change)


def test_a_missing_key_is_the_variable_that_reads_it() -> None:
    found = fault(
        pods=[pod(waiting("CreateContainerConfigError", "couldn't find key LEVLE in ConfigMap shop/settings"))]
    )
    assert found.change == "environment['LOG_LEVEL'], or the key 'LEVLE' of ConfigMap settings"


@pytest.mark.parametrize(
    ("said", "lasting"),
    [
        ("configmap references non-existent config key: LEVLE", True),
        ("failed to sync configmap cache: timed out waiting for the condition", False),
    ],
)
def test_a_missing_key_of_a_file_is_the_path_that_is_mounted(said: str, lasting: bool) -> None:
    message = f'MountVolume.SetUp failed for volume "etc-settings" : {said}'
    found = fault(pods=[pod(CREATING)], events=[event("FailedMount", message)])
    assert (found.change, found.lasting) == ("mounts['/etc/settings']", lasting)
    cluster = Answers(pods=[pod({"running": {}})], events=[event("FailedMount", message)])
    assert not fault_of(cluster, cluster.deployment), "what is mounted by now is no fault"


def refusal(message: str) -> dict[str, Any]:
    return {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}


def test_a_quota_is_told_in_numbers() -> None:
    message = 'pods "web-x" is forbidden: exceeded quota: shop, requested: pods=1, used: pods=2, limited: pods=2'
    found = fault(conditions=[refusal(message)])
    assert found.what == "quota shop leaves no room for a pod: it asks for pods=1, pods=2 are used, pods=2 is the limit"
    assert found.change.startswith("the quota of its Namespace")


@pytest.mark.parametrize(
    ("message", "change"),
    [
        ('pods "x" is forbidden: failed quota: q: must specify limits.cpu for: web', "resources, or the defaults"),
        ('pods "x" is forbidden: violates PodSecurity "restricted:latest": ...', "what the namespace's pod_security"),
        ('pods "x" is forbidden: error looking up service account shop/x: not found', "service_account"),
    ],
)
def test_other_refusals_are_their_fields(message: str, change: str) -> None:
    assert fault(conditions=[refusal(message)]).change.startswith(change)


@pytest.mark.parametrize(
    ("message", "change"),
    [
        ("0/1 nodes are available: 1 Insufficient memory.", "resources"),
        ('0/1 nodes are available: persistentvolumeclaim "data" not found.', "mounts"),
        ("0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints.", "spread"),
        ("0/1 nodes are available: 1 node(s) had untolerated taint(s).", "pod_spec"),
    ],
)
def test_a_pod_that_no_node_takes_may_wait_for_one(message: str, change: str) -> None:
    unplaced = pod(CREATING)
    unplaced["status"] = {"conditions": [{"type": "PodScheduled", "status": "False", "message": message}]}
    found = fault(pods=[unplaced])
    assert found.change.startswith(change)
    assert not found.lasting, "a cluster that scales may add a node"


LATE = {"type": "Progressing", "status": "False", "message": 'ReplicaSet "web-2" has timed out progressing.'}


def test_a_rollout_that_is_late_is_told_with_what_its_pods_lack() -> None:
    found = fault(pods=[pod({"running": {}})], events=[event("Unhealthy", PORT)], conditions=[LATE])
    assert (found.what, found.overdue) == (f"container web runs and is not ready: {PORT}", True)
    alone = fault(conditions=[LATE])
    assert (alone.what, alone.change) == (LATE["message"], "ready_within, if it only needs longer")


def test_what_was_late_before_is_not_held_against_what_is_declared_now() -> None:
    former = {**LATE, "message": LATE["message"].replace("web-2", "web-1")}
    cluster = Answers(pods=[pod(CREATING)], conditions=[former])
    assert not fault_of(cluster, cluster.deployment)
    refused = {**LATE, "message": 'Failed to create new replica set "web-3": no quota'}
    assert fault(conditions=[refused]).overdue, "one that could not even be made is the declared one"


def test_a_sidecar_and_an_init_container_are_named_as_the_program_names_them() -> None:
    for restart, within in (("Always", "sidecars"), (None, "init_containers")):
        one = pod(CREATING, initContainers=[{"name": "tail", "image": "x", "restartPolicy": restart}])
        state = waiting("InvalidImageName", "couldn't parse image name")
        one["status"]["initContainerStatuses"] = [{"name": "tail", "ready": False, "state": state}]
        assert fault(pods=[one]).change.startswith(f"{within}['tail'].image: ")


def test_nothing_is_wrong_where_all_is_well_or_only_begins() -> None:
    for pods in ([], [pod(CREATING)], [pod({"running": {}})]):
        cluster = Answers(pods=pods)
        assert not fault_of(cluster, cluster.deployment)


def test_the_account_ends_with_pods_their_last_log_lines_and_events() -> None:
    back_off = event("BackOff", "Back-off restarting failed container")
    cluster = Answers(
        pods=[pod(waiting("CrashLoopBackOff", "back-off 20s"), terminated(3))],
        log=[f"line {number}" for number in range(20)],
        events=[back_off, *(event("FailedCreate", f'pods "{name}" is forbidden') for name in "ab")],
    )
    found, lines = account(cluster, "Deployment", "shop", "web")
    assert found
    assert lines[:2] == [found.what, f"change {found.change}"]
    assert "Pod shop/web-new" in lines
    logged = [line.strip() for line in lines if line.strip().startswith("|")]
    assert logged == [f"| line {number}" for number in range(10, 20)]
    assert lines[-2:] == [
        "  event BackOff: Back-off restarting failed container (3 times)",
        "  event FailedCreate: pods … is forbidden (6 times)",
    ]
    assert not [line for line in lines if "web-old" in line], "what serves is not at fault"


def test_a_rollout_that_only_takes_long_is_told_with_how_far_it_is() -> None:
    found, lines = account(Answers(), "Deployment", "shop", "web")
    assert found is None
    assert lines[:2] == ["1 of 1 updated, 0 available", "change ready_within, if it only needs longer"]
