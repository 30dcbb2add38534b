"""An autoscaler owns the number of pods alone, and scales on what can be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from slipway import Autoscaler, AutoscalerArgs, Container, Deployment, Resources, Scaling
from slipway.testing import Recording, attempt, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import deployment, deployment_args

if TYPE_CHECKING:
    from pulumi_kubernetes.autoscaling.v2 import MetricSpecArgsDict


def autoscaler(name: str = "web", workload: dict[str, Any] | None = None, **own: Any) -> Autoscaler:
    fields: dict[str, Any] = {"min": 2, "max": 6, **own}
    return Autoscaler(name, AutoscalerArgs(workload=deployment(**(workload or {})), scaling=Scaling(**fields)))


def made(**own: Any) -> Recording:
    return deploy(lambda: autoscaler(**own))


def spec(**own: Any) -> dict[str, Any]:
    return made(**own).object("HorizontalPodAutoscaler")["spec"]


def usage(resource: str, percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def test_it_scales_its_workload_on_cpu() -> None:
    assert made().object("HorizontalPodAutoscaler") == {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {
            "name": "web",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"},
        },
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 2,
            "maxReplicas": 6,
            "metrics": [usage("cpu", 70)],
            "behavior": {
                "scaleUp": {"stabilizationWindowSeconds": 0},
                "scaleDown": {"stabilizationWindowSeconds": 300},
            },
        },
    }


def test_it_scales_on_memory_where_it_is_told_to() -> None:
    assert spec(memory=80)["metrics"] == [usage("cpu", 70), usage("memory", 80)]
    assert spec(cpu=None, memory=80)["metrics"] == [usage("memory", 80)]


def test_it_takes_the_providers_own_metrics_beside_these() -> None:
    queue: MetricSpecArgsDict = {
        "type": "External",
        "external": {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "average_value": "30"}},
    }
    sent = {
        "type": "External",
        "external": {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "30"}},
    }
    assert spec(metrics=[queue])["metrics"] == [usage("cpu", 70), sent]
    assert spec(metrics=[queue], cpu=None)["metrics"] == [sent], "other metrics need no cpu beside them"


def test_its_windows_can_be_told_and_its_behaviour_is_merged_last() -> None:
    policy = {"type": "Pods", "value": 1, "period_seconds": 60}
    raw = {"scale_down": {"policies": [policy]}, "scale_up": {"stabilization_window_seconds": 5}}
    assert spec(up_window=30, down_window=600, behavior=raw)["behavior"] == {
        "scaleUp": {"stabilizationWindowSeconds": 5},
        "scaleDown": {
            "stabilizationWindowSeconds": 600,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
        },
    }


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"min": 0}, "min 0 is below 1"),
        ({"min": 7}, "min 7 is above max 6: raise max or lower min"),
        ({"cpu": None}, "nothing to scale on: give cpu, memory or metrics"),
        ({"cpu": 0}, "cpu target 0 is not a percentage"),
        ({"memory": -5}, "memory target -5 is not a percentage"),
        ({"up_window": -1}, "up_window -1 is out of range: Kubernetes takes 0 to 3600"),
        ({"down_window": 3601}, "down_window 3601 is out of range"),
        ({"workload": {"replicas": 3}}, "deployment 'web' fixes replicas to 3"),
        ({"workload": {"replicas": 0}}, "deployment 'web' fixes replicas to 0"),
        (
            {"workload": {"resources": Resources(cpu="0")}},
            "deployment 'web' has a container that requests no cpu, so its use has no percentage",
        ),
        (
            {"memory": 80, "workload": {"resources": Resources(memory="0")}},
            "deployment 'web' has a container that requests no memory",
        ),
        (
            {"workload": {"sidecars": {"tail": Container(image=IMAGE, resources=Resources(cpu="0m"))}}},
            "deployment 'web' has a container that requests no cpu",
        ),
        (
            {"workload": {"initial_replicas": 1}},
            "initial_replicas 1 of deployment 'web' is not within its autoscaler's 2 to 6",
        ),
        (
            {"workload": {"initial_replicas": 7}},
            "initial_replicas 7 of deployment 'web' is not within its autoscaler's 2 to 6",
        ),
        ({"name": "Web"}, "autoscaler 'Web' is not a valid name"),
    ],
)
def test_what_could_not_scale_is_refused(fields: dict[str, Any], told: str) -> None:
    said = refusal(lambda: autoscaler(**fields))
    assert said.startswith(told), "it says the value and the rule"
    assert len(said.splitlines()) == 1


def test_the_narrowest_range_and_the_widest_windows_are_taken() -> None:
    found = spec(min=1, max=1, cpu=1, up_window=3600, down_window=0)
    assert (found["minReplicas"], found["maxReplicas"]) == (1, 1)
    assert found["behavior"]["scaleUp"] == {"stabilizationWindowSeconds": 3600}


def test_what_is_not_scaled_on_need_not_be_requested() -> None:
    assert spec(cpu=None, memory=80, workload={"resources": Resources(cpu="0")})["metrics"] == [usage("memory", 80)]


def test_what_runs_to_its_end_before_the_others_need_request_nothing() -> None:
    once = Container(image=IMAGE, resources=Resources(cpu="0", memory="0"))
    assert spec(memory=80, workload={"init_containers": {"migrate": once}})["metrics"] == [
        usage("cpu", 70),
        usage("memory", 80),
    ], "the autoscaler looks at what runs on"


def test_it_does_not_wait_for_the_rollout_of_its_workload() -> None:
    assert "dependencies" not in made().one(":HorizontalPodAutoscaler").options


def _started(recording: Recording) -> int:
    return recording.one("apps/v1:Deployment").inputs["spec"]["replicas"]


@pytest.mark.parametrize("preview", [False, True])
def test_its_workload_starts_with_as_many_pods_as_its_minimum(preview: bool) -> None:
    assert _started(deploy(autoscaler, preview=preview)) == 2, "one pod gets all requests until the autoscaler looks"
    assert _started(made(workload={"initial_replicas": 4})) == 4, "unless it is told"


def test_a_workload_that_was_declared_before_it_was_known_how_many_is_told_to_say_it() -> None:
    async def later() -> None:
        workload = deployment()
        await workload.resource.urn.future()
        with pytest.raises(ValueError, match="give it initial_replicas=2"):
            Autoscaler("web", AutoscalerArgs(workload=workload, scaling=Scaling(min=2, max=6)))
        other = Deployment("other", deployment_args(initial_replicas=4))
        await other.resource.urn.future()
        Autoscaler("other", AutoscalerArgs(workload=other, scaling=Scaling(min=2, max=6)))

    recording, error = attempt(lambda: pulumi.export("done", later()))
    assert error is None
    assert recording.one("apps/v1:Deployment", "other").inputs["spec"]["replicas"] == 4


def test_two_autoscalers_of_one_workload_are_refused() -> None:
    def program() -> None:
        workload, scaling = deployment(), Scaling(min=2, max=6)
        Autoscaler("web", AutoscalerArgs(workload=workload, scaling=scaling))
        Autoscaler("second", AutoscalerArgs(workload=workload, scaling=scaling))

    assert refusal(program) == (
        "deployment 'web' is scaled by autoscaler 'web' already and an autoscaler would work against it: leave one "
        "out, or put the metrics of both into one"
    )


def test_two_whose_args_were_made_before_are_refused_too() -> None:
    def program() -> None:
        workload, scaling = deployment(), Scaling(min=2, max=6)
        both = [AutoscalerArgs(workload=workload, scaling=scaling) for _ in range(2)]
        for name, args in zip(("web", "second"), both, strict=True):
            Autoscaler(name, args)

    assert "scaled by autoscaler 'web' already and autoscaler 'second' would work" in refusal(program)
