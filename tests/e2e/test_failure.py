"""Failures are reported, and they do not harm what is running."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import Note
from tests.e2e.failures import ANSWERS, BAD_UPDATES, READY_WITHIN, Broken, broken, guarded_registry
from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service
from tests.e2e.site import Site
from tests.e2e.traffic import Traffic, answer
from tests.e2e.waiting import until

BROKEN = {
    "image": ({"image": "{image}-missing"}, ["Pull", "not found", "event Failed"]),
    "option": (
        {"options": "drain_delay = soon\n"},
        ["CrashLoopBackOff", "exit code 1", "| hello-world:", "drain_delay", "event BackOff"],
    ),
    "probe": ({"ready_path": "/nowhere"}, ["runs and is not ready", '| {"time"', "event Unhealthy", "404"]),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_version_ends_the_apply_with_its_reason_and_the_old_pods_serve(
    service: Service, image: str, what: str, note: Note
) -> None:
    knobs = Knobs(image=image, replicas=2)
    service.apply(knobs)
    before = service.pods()
    turned, told = BROKEN[what]
    broken = replace(knobs, **{key: value.replace("{image}", image) for key, value in turned.items()})  # type: ignore[arg-type]
    started = time.monotonic()
    with Traffic(service.url(), workers=2) as traffic:
        ended = service.apply(broken, "--timeout", "60", check=False)
    lasted = time.monotonic() - started
    note(f"told after {lasted:.0f} s; {traffic.sent} sent, {traffic.failures.total()} failed")
    assert ended.returncode == 1
    assert what == "probe" or lasted < 55, "a lasting problem is reported before the time is over"
    for part in told:
        assert part in ended.stderr, ended.stderr
    assert not traffic.failures
    assert set(before) <= set(service.pods()), "an old pod was taken away"
    service.apply(knobs)
    assert set(service.pods()) == set(before), "going back needs no new pod"


@pytest.fixture
def failing(site: Site, tmp_path: Path) -> Generator[Broken]:
    made = broken(site, tmp_path / "broken")
    yield made
    made.deploy("down")


@pytest.mark.parametrize("case", ANSWERS)
def test_a_service_that_cannot_come_up_ends_the_apply_with_the_field_to_change(
    failing: Broken, image: str, case: str, note: Note
) -> None:
    with guarded_registry() as guarded:
        failing.configure(image, case, guarded=guarded, readyWithin=READY_WITHIN)
        started = time.monotonic()
        ended = failing.deploy("apply", check=False)
        lasted = time.monotonic() - started
    note(f"told after {lasted:.0f} s")
    assert ended.returncode == 1
    assert lasted < 60
    for part in ANSWERS[case]:
        assert part in ended.stderr, ended.stderr


def test_no_failed_update_is_reported_as_done(failing: Broken, image: str) -> None:
    failing.configure(image, replicas=2)
    failing.deploy("apply")
    for case, replicas in BAD_UPDATES:
        failing.configure(image, case, replicas=replicas, readyWithin=10)
        for _ in range(2):
            assert failing.deploy("apply", check=False).returncode == 1, f"reported as done: {case} {replicas}"
        failing.configure(image, replicas=2)
        failing.deploy("apply")


def test_a_killed_pod_and_a_killed_process_come_back(service: Service, image: str) -> None:
    service.apply(Knobs(image=image, replicas=2))
    first, second = service.pods()
    service.kubectl("delete", "pod", first, "--wait=false", "--grace-period=0", "--force")
    until(
        lambda: second in service.pods() and len(_ready(service)) == 2 and first not in service.pods(),
        "a pod in its place",
    )
    # The image has no shell, and the signal must come from outside the container's PID namespace.
    _kill_process(service, second)
    until(lambda: _restarts(service, second) == 1 and len(_ready(service)) == 2, "the process is started again")
    until(lambda: answer(service.url()), "the service answers")


def test_an_apply_that_is_killed_halfway_converges_when_run_again(service: Service, image: str, note: Note) -> None:
    knobs = Knobs(image=image, replicas=2, greeting="one", bystander=True)
    service.apply(knobs)
    moments: list[float] = []
    for number, wait in enumerate((0.8, 1.2, 1.6, 2.5, 4.0)):
        with service.start_apply(replace(knobs, greeting=f"killed {number}")) as applying:
            time.sleep(wait)
            applying.send_signal(signal.SIGKILL)
        moments.append(wait)
    service.apply(replace(knobs, greeting="last", bystander=False))
    note(f"killed after {moments} s")
    until(lambda: answer(service.url()) == "last", "what was applied answers")
    assert [one["metadata"]["name"] for one in service.items("deployments")] == ["hello"]
    assert len(service.pods()) == 2


def test_a_restart_of_the_api_server_in_the_middle_loses_nothing(service: Service, image: str, note: Note) -> None:
    knobs = Knobs(image=image, replicas=2, greeting="one")
    service.apply(knobs)
    with (
        Traffic(service.url(), at_least=500) as traffic,
        service.start_apply(replace(knobs, greeting="two")) as applying,
    ):
        time.sleep(1.5)
        service.site.cluster("restart", "kube-apiserver")
        output, errors = applying.communicate(timeout=200)
        assert applying.returncode == 0, output + errors
    note(f"{traffic.sent} sent, {traffic.failures.total()} failed")
    assert not traffic.failures
    until(lambda: answer(service.url()) == "two", "what was applied answers")


def test_down_leaves_nothing_and_ends_within_the_grace_period(service: Service, image: str, note: Note) -> None:
    service.apply(Knobs(image=image, replicas=2, secret=True))
    started = time.monotonic()
    service.deploy("down")
    lasted = time.monotonic() - started
    note(f"{lasted:.0f} s")
    assert not service.site.kubectl("get", "namespace", service.stack, "--ignore-not-found").stdout
    labelled = service.site.items(
        "all,configmaps,secrets,hpa", "--all-namespaces", "--selector", "applyset.kubernetes.io/part-of"
    )
    assert not [one for one in labelled if one["metadata"]["namespace"] == service.stack]
    assert lasted < 30 + 10, "longer than the pods' grace period and the deletion of a namespace"


def _ready(service: Service) -> list[str]:
    return [
        name
        for name, pod in service.pods().items()
        for one in pod["status"].get("conditions", [])
        if one["type"] == "Ready" and one["status"] == "True"
    ]


def _restarts(service: Service, pod: str) -> int:
    return sum(one["restartCount"] for one in service.get("pod", pod)["status"]["containerStatuses"])


def _kill_process(service: Service, pod: str) -> None:
    """Ends the process of a pod on this machine. The pod's uid in the cgroup path identifies it."""
    uid = service.get("pod", pod)["metadata"]["uid"]
    for status in Path("/proc").glob("[0-9]*"):
        try:
            cgroup = (status / "cgroup").read_text(encoding="utf-8").replace("_", "-")
            command = (status / "cmdline").read_bytes()
        except OSError:
            continue
        if uid in cgroup and command.startswith(b"/hello-world"):
            os.kill(int(status.name), signal.SIGKILL)
            return
    pytest.skip("the pod's process is not visible from here (a kind node)")
