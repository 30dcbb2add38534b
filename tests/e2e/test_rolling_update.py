"""No request is lost while pods are replaced."""

from __future__ import annotations

from dataclasses import replace

from tests.e2e.conftest import Note
from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service
from tests.e2e.traffic import Traffic, fewest_ready
from tests.e2e.watching import Watch

REPLICAS = 3

# The application's own drain is off, so only the pause before the signal protects requests.
UNDRAINED = "drain_delay = 0s\n"


def test_a_change_of_config_and_image_loses_no_request(
    service: Service, image: str, next_image: str, note: Note
) -> None:
    knobs = Knobs(image=image, replicas=REPLICAS, options=UNDRAINED)
    service.apply(knobs)
    of_the_service = ("--selector", "kubernetes.io/service-name=hello")
    with (
        Watch(service, "endpointslices", *of_the_service) as endpoints,
        Traffic(service.url(), at_least=2_000) as traffic,
    ):
        service.apply(replace(knobs, greeting="two"))
        service.apply(replace(knobs, greeting="two", image=next_image))
    fewest = fewest_ready(endpoints)
    note(f"{traffic.sent} sent, {traffic.failures.total()} failed, {fewest} endpoints ready at the fewest")
    assert traffic.sent >= 2_000
    assert not traffic.failures
    assert set(traffic.answers) == {"one", "two"}, "old and new pods have both answered"
    assert fewest >= REPLICAS
    assert {pod["spec"]["containers"][0]["image"] for pod in service.pods().values()} == {next_image}


def test_without_the_pause_before_the_signal_requests_are_lost(service: Service, image: str, note: Note) -> None:
    knobs = Knobs(image=image, replicas=REPLICAS, options=UNDRAINED, pre_stop=0)
    service.apply(knobs)
    with Traffic(service.url()) as traffic:
        for greeting in ("two", "three", "four"):
            service.apply(replace(knobs, greeting=greeting))
            if traffic.failures:
                break
    note(f"{traffic.sent} sent, {traffic.failures.total()} failed: {dict(traffic.failures)}")
    assert traffic.failures, "if none is lost here, the pause is not what keeps them"
