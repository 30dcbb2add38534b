"""The moments when a deployment could change the number of pods that an autoscaler has set, for both ways to deploy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service
from tests.e2e.traffic import Traffic
from tests.e2e.waiting import until
from tests.e2e.watching import Watch

Deploy = Callable[[Knobs], object]


def a_first_deployment_starts_them_all(service: Service, image: str, deploy: Deploy) -> None:
    deploy(Knobs(image=image, scaling=(3, 4)))
    made = service.get("deployment")
    # The generation counts the changes of the spec.
    assert (made["spec"]["replicas"], made["metadata"]["generation"]) == (3, 1), "it first had another number"


def no_deployment_changes_what_a_scaler_has_set(service: Service, image: str, deploy: Deploy) -> str:
    """Under load: from a fixed number to an autoscaler, then a new pod template, and back. Returns the figures."""
    fixed = Knobs(image=image, replicas=3, options="enable_load = true\n")
    # On a busy machine the load may drop for a moment, and the autoscaler itself would lower the number.
    scaled = replace(fixed, scaling=(2, 4), down_window=600)
    deploy(fixed)
    with Traffic(f"{service.url()}/work?cpu=150ms", workers=2) as traffic:
        first = _seen(service, lambda: deploy(scaled))
        assert min(first) == 3, f"getting an autoscaler ended pods: {first}"
        until(lambda: _replicas(service) == 4, "load raises the replicas", seconds=120)
        second = _seen(service, lambda: deploy(replace(scaled, greeting="two")))
        assert set(second) == {4}, f"a new template changed the replicas: {second}"
    assert not traffic.failures, traffic.failures
    deploy(fixed)
    assert _replicas(service) == 3, "the declared number"
    assert not service.items("hpa")
    return f"{traffic.sent} sent, {traffic.failures.total()} failed, replicas {first} then {second}"


def _replicas(service: Service) -> int:
    return service.get("deployment")["spec"]["replicas"]


def _seen(service: Service, happens: Callable[[], object]) -> list[int]:
    """Each number of pods that was declared meanwhile, in the API server's own order."""
    with Watch(service, "deployments", "--field-selector=metadata.name=hello") as watch:
        happens()
    return [event["object"]["spec"]["replicas"] for event in watch.events]
