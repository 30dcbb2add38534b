"""What the real engine does to a number of pods that an autoscaler or a user has set."""

from __future__ import annotations

from dataclasses import replace

from tests.e2e import scaling
from tests.e2e.conftest import Note
from tests.e2e.engine import Engine, needs_the_engine
from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service

pytestmark = needs_the_engine


def test_a_first_up_starts_the_minimum_number_of_pods(service: Service, engine: Engine, image: str) -> None:
    scaling.a_first_deployment_starts_them_all(service, image, engine.up)


def test_up_never_changes_the_number_that_a_scaler_has_set(
    service: Service, engine: Engine, image: str, note: Note
) -> None:
    note(scaling.no_deployment_changes_what_a_scaler_has_set(service, image, engine.up))


def test_a_refresh_finds_no_drift_in_what_a_scaler_has_set(service: Service, engine: Engine, image: str) -> None:
    scaled = Knobs(image=image, scaling=(1, 4))
    engine.up(scaled)
    # As the autoscaler would do it. Here it has no reason to.
    service.kubectl("scale", "deployment/hello", "--replicas=2")
    # A refresh in the middle of a rollout records that it is not done, and the next `up` waits for it.
    service.kubectl("rollout", "status", "deployment/hello", "--timeout=60s")
    engine.stack.refresh()
    assert not engine.preview(scaled)


def test_a_declared_number_wins_over_a_change_by_hand(service: Service, engine: Engine, image: str) -> None:
    fixed = Knobs(image=image, replicas=2)
    engine.up(fixed)
    service.kubectl("scale", "deployment/hello", "--replicas=1")
    engine.up(replace(fixed, greeting="two"))
    assert service.get("deployment")["spec"]["replicas"] == 2
