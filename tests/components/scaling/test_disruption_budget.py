"""A budget keeps pods while a node is drained, and lets the drain come to its end."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import Autoscaler, AutoscalerArgs, DisruptionBudget, DisruptionBudgetArgs, Scaling
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import deployment


def budget(name: str = "web", workload: dict[str, Any] | None = None, **own: Any) -> DisruptionBudget:
    return DisruptionBudget(name, DisruptionBudgetArgs(workload=deployment(**(workload or {})), **own))


def spec(**own: Any) -> dict[str, Any]:
    return deploy(lambda: budget(**own)).object("PodDisruptionBudget")["spec"]


def test_one_pod_at_a_time_may_go_and_a_broken_one_at_any_time() -> None:
    recording = deploy(lambda: budget(labels={"team": "shop"}, annotations={"a": "b"}))
    assert recording.object("PodDisruptionBudget") == {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {
            "name": "web",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web", "team": "shop"},
            "annotations": {"a": "b"},
        },
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": {"app.kubernetes.io/name": "web", "slipway/kind": "Deployment"}},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def test_it_can_be_told_how_many() -> None:
    assert spec(max_unavailable="25%")["maxUnavailable"] == "25%"
    kept = spec(workload={"replicas": 3}, min_available=2)
    assert (kept["minAvailable"], "maxUnavailable" in kept) == (2, False)
    assert spec(broken_pods="IfHealthyBudget")["unhealthyPodEvictionPolicy"] == "IfHealthyBudget"


def test_raw_fields_are_merged_last() -> None:
    raw = spec(spec={"max_unavailable": None, "min_available": 1})
    assert (raw["minAvailable"], "maxUnavailable" in raw) == (1, False)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"max_unavailable": 0}, "max_unavailable 0 never lets a pod go, so no node could be drained: give 1 or more"),
        ({"max_unavailable": "0%"}, "max_unavailable '0%' never lets a pod go"),
        ({"min_available": "100%"}, "min_available '100%' never lets a pod go"),
        ({"max_unavailable": 1, "min_available": 1}, "max_unavailable 1 and min_available 1 exclude each other"),
        ({"max_unavailable": -1}, "max_unavailable -1 is neither a number of pods nor a share of them"),
        ({"min_available": "101%"}, "min_available '101%' is neither a number of pods nor a share of them"),
        ({"min_available": "half"}, "min_available 'half' is neither a number of pods nor a share of them"),
        (
            {"min_available": 1, "workload": {"replicas": 1}},
            "min_available 1 of deployment 'web' lets no pod go while it has 1, so no node could be drained: give "
            "max_unavailable=1",
        ),
        ({"min_available": 3, "workload": {"replicas": 2}}, "min_available 3 of deployment 'web' lets no pod go"),
        ({"min_available": "51%", "workload": {"replicas": 2}}, "min_available '51%' of deployment 'web' lets no pod"),
        ({"min_available": 1, "workload": {"replicas": 0}}, "min_available 1 of deployment 'web' lets no pod go"),
        ({"labels": {"slipway/kind": "x"}}, "label 'slipway/kind' is set from the name"),
        ({"name": "Web"}, "disruption budget 'Web' is not a valid name"),
    ],
)
def test_one_that_never_lets_a_pod_go_is_refused(fields: dict[str, Any], told: str) -> None:
    said = refusal(lambda: budget(**fields))
    assert said.startswith(told)
    assert len(said.splitlines()) == 1


def test_a_share_that_leaves_one_to_go_is_taken() -> None:
    assert spec(min_available="50%", workload={"replicas": 2})["minAvailable"] == "50%"


@pytest.mark.parametrize("budget_first", [True, False])
def test_an_autoscaler_that_goes_down_to_what_has_to_be_left_is_refused(*, budget_first: bool) -> None:
    def program() -> None:
        workload = deployment()
        kept = DisruptionBudgetArgs(workload=workload, min_available=2)
        scaled = AutoscalerArgs(workload=workload, scaling=Scaling(min=2, max=6))
        if budget_first:
            DisruptionBudget("web", kept)
        Autoscaler("web", scaled)
        if not budget_first:
            DisruptionBudget("web", kept)

    assert refusal(program).startswith("min_available 2 of deployment 'web' lets no pod go while it has 2")


def test_an_autoscaler_that_stays_above_it_is_taken() -> None:
    def program() -> None:
        workload = deployment()
        DisruptionBudget("web", DisruptionBudgetArgs(workload=workload, min_available=2))
        Autoscaler("web", AutoscalerArgs(workload=workload, scaling=Scaling(min=3, max=6)))

    assert deploy(program).object("PodDisruptionBudget")["spec"]["minAvailable"] == 2
