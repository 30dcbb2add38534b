"""Load raises the number of pods, idling lowers it, and a deployment does not change it."""

from __future__ import annotations

from dataclasses import replace

from tests.e2e import scaling
from tests.e2e.conftest import Note
from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service
from tests.e2e.traffic import Traffic
from tests.e2e.waiting import until


def _replicas(service: Service) -> int:
    return service.get("deployment")["spec"]["replicas"]


def test_load_scales_up_idling_down_and_applying_does_not_reset(service: Service, image: str, note: Note) -> None:
    knobs = Knobs(image=image, scaling=(1, 3), options="enable_load = true\n")
    service.apply(knobs)
    assert _replicas(service) == 1
    until(lambda: "currentMetrics" in service.get("hpa")["status"], "metrics-server tells of the pods", seconds=90)
    with Traffic(f"{service.url()}/work?cpu=150ms", workers=2) as traffic:
        until(lambda: _replicas(service) == 3, "load raises the replicas", seconds=120)
        seen: list[int] = []
        with service.start_apply(replace(knobs, greeting="two")) as applying:
            while applying.poll() is None:
                seen.append(_replicas(service))
            assert applying.returncode == 0, applying.communicate()
        assert set(seen) == {3}, f"applying has changed the replicas: {seen}"
    note(
        f"{traffic.sent} sent, {traffic.failures.total()} failed, 1 to 3 replicas; during the second apply {set(seen)}"
    )
    assert not traffic.failures
    until(lambda: _replicas(service) == 1, "idling lowers the replicas", seconds=120)


def test_a_first_apply_starts_the_minimum_number_of_pods(service: Service, image: str) -> None:
    scaling.a_first_deployment_starts_them_all(service, image, service.apply)


def test_apply_never_changes_the_number_that_a_scaler_has_set(service: Service, image: str, note: Note) -> None:
    note(scaling.no_deployment_changes_what_a_scaler_has_set(service, image, service.apply))
