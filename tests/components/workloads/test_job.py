"""A Job runs again when what it runs has changed, and else not; others wait for its success."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core import v1 as core

from slipway import Config, ConfigArgs, Deployment, Job, JobArgs
from slipway.testing import Recording, Unknown, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import awaited, deployment_args


def job(**own: Any) -> Job:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, **own}
    return Job("migrate", JobArgs(**fields))


def made(**own: Any) -> Recording:
    return deploy(lambda: job(**own))


def body(**own: Any) -> dict[str, Any]:
    return made(**own).object("Job")


def name(**own: Any) -> str:
    return body(**own)["metadata"]["name"]


def test_its_name_is_that_of_what_it_runs():
    assert re.fullmatch("migrate-[0-9a-f]{8}", name())
    assert name() == name(), "what has not changed does not run again"
    different = [name(image="other:1"), name(args=["up"]), name(environment={"A": "b"}), name(deadline=60)]
    assert len({name(), *different}) == 5, "Kubernetes changes no Job, so what has changed is another one"


def test_a_change_of_what_it_reads_runs_it_again():
    def reading(value: str) -> str:
        def program():
            config = Config("app", ConfigArgs(namespace=NAMESPACE, values={"A": value}, rollout="restart"))
            job(environment=config.values.environment())

        return deploy(program).object("Job")["metadata"]["name"]

    assert reading("1") == reading("1") != reading("2")


def test_its_name_is_not_made_up_where_what_it_runs_is_not_known():
    def program():
        config = core.ConfigMap("other", data={"a": "b"})
        job(args=[config.metadata.uid.apply(str)])

    given = deploy(program, preview=True).one("batch/v1:Job").inputs["metadata"]["name"]
    assert isinstance(given, Unknown), "a wrong name is worse than none"


def test_one_that_failed_runs_again_with_the_next_deployment():
    assert body()["metadata"]["annotations"] == {"pulumi.com/replaceUnready": "true"}


def test_waiting_for_it_has_an_end(monkeypatch: pytest.MonkeyPatch):
    given: list[dict[str, str]] = []

    def noted(**timeouts: str) -> None:
        given.append(timeouts)

    monkeypatch.setattr(pulumi, "CustomTimeouts", noted)
    assert body(deadline=30)["spec"]["activeDeadlineSeconds"] == 30
    assert given == [{"create": "90s", "update": "90s"}], "the Job ends first, and says why"


def test_what_comes_after_it_waits_for_its_success():
    recording = deploy(lambda: Deployment("web", deployment_args(before=[job()])))
    assert awaited(recording, "apps/v1:Deployment") == ["Job migrate"]


def test_its_pods_are_no_servers():
    spec = body()["spec"]["template"]["spec"]
    assert spec["restartPolicy"] == "Never", "else its log goes with it"
    assert "topologySpreadConstraints" not in spec
    assert "lifecycle" not in spec["containers"][0]
    assert body(restart_policy="Never")["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_it_runs_in_parallel_and_by_number():
    spec = body(parallelism=2, completions=5, indexed=True, retries_per_index=1)["spec"]
    assert {key: spec[key] for key in ("parallelism", "completions", "completionMode", "backoffLimitPerIndex")} == {
        "parallelism": 2,
        "completions": 5,
        "completionMode": "Indexed",
        "backoffLimitPerIndex": 1,
    }
    assert "backoffLimit" not in spec, "Kubernetes counts either all failures, or those of each number"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"deadline": 0}, "deadline 0 is below 1: give 1 or more"),
        ({"retries": -1}, "retries -1 is below 0"),
        ({"indexed": True}, "indexed needs completions"),
        ({"retries_per_index": 1}, "retries_per_index 1 needs indexed=True"),
        (
            {"restart_policy": "OnFailure", "failure_policy": {"rules": []}},
            "failure_policy needs restart_policy='Never'",
        ),
        ({"restart_policy": "Always"}, "restart_policy 'Always' is refused by Kubernetes for what runs to its end"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], said: str):
    assert refusal(lambda: job(**fields)).startswith(said)


def test_a_name_that_its_digest_makes_too_long_is_refused():
    with pytest.raises(ValueError, match="use at most 54 lower-case"):
        JobArgs(namespace=NAMESPACE, image=IMAGE).workload("x" * 55)
