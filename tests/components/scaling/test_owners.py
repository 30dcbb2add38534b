"""One owner of the number of pods and of each request: every pair of those that decide them, in both orders."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from slipway import (
    Autoscaler,
    AutoscalerArgs,
    Deployment,
    DisruptionBudget,
    DisruptionBudgetArgs,
    EventScaler,
    EventScalerArgs,
    Scaling,
    Trigger,
    VerticalAutoscaler,
    VerticalAutoscalerArgs,
)
from slipway.scaling.scaled import Request
from slipway.testing import deploy, refusal
from tests.components.rendering import deployment, deployment_args

Decide = Callable[[str, Deployment], object]


def autoscaler(*measured: Request) -> Decide:
    targets: dict[Request, int] = dict.fromkeys(measured, 70)
    scaling = Scaling(
        min=1,
        max=2,
        cpu=targets.get("cpu"),
        memory=targets.get("memory"),
        metrics=[
            {"type": "External", "external": {"metric": {"name": "q"}, "target": {"type": "Value", "value": "1"}}}
        ],
    )
    return lambda name, web: Autoscaler(name, AutoscalerArgs(workload=web, scaling=scaling))


def event_scaler(*types: str) -> Decide:
    triggers = [Trigger(type=one, metadata={"value": "60"}) for one in types]
    return lambda name, web: EventScaler(name, EventScalerArgs(workload=web, triggers=triggers, min=1, max=2))


def vertical(*resources: Request) -> Decide:
    return lambda name, web: VerticalAutoscaler(name, VerticalAutoscalerArgs(workload=web, resources=resources))


def recommending(name: str, web: Deployment) -> object:
    return VerticalAutoscaler(name, VerticalAutoscalerArgs(workload=web, mode="Off"))


def budget(name: str, web: Deployment) -> object:
    return DisruptionBudget(name, DisruptionBudgetArgs(workload=web))


# Who there is, and what each decides or measures by. Two go together that have nothing in common.
WHO: dict[str, tuple[Decide, set[str]]] = {
    "autoscaler on its own metrics": (autoscaler(), {"replicas"}),
    "autoscaler on cpu": (autoscaler("cpu"), {"replicas", "cpu"}),
    "autoscaler on memory": (autoscaler("memory"), {"replicas", "memory"}),
    "autoscaler on both": (autoscaler("cpu", "memory"), {"replicas", "cpu", "memory"}),
    "event scaler on a queue": (event_scaler("rabbitmq"), {"replicas"}),
    "event scaler on cpu": (event_scaler("cpu", "rabbitmq"), {"replicas", "cpu"}),
    "event scaler on memory": (event_scaler("memory"), {"replicas", "memory"}),
    "vertical autoscaler of cpu": (vertical("cpu"), {"vertical", "cpu"}),
    "vertical autoscaler of memory": (vertical("memory"), {"vertical", "memory"}),
    "vertical autoscaler of both": (vertical("cpu", "memory"), {"vertical", "cpu", "memory"}),
    "vertical autoscaler that recommends": (recommending, {"vertical"}),
    "disruption budget": (budget, {"budget"}),
}


@pytest.mark.parametrize("first", WHO)
def test_two_that_would_undo_each_others_work_are_refused_and_no_others(first: str) -> None:
    one, owned = WHO[first]
    for second, (other, wanted) in WHO.items():

        def program(one: Decide = one, other: Decide = other) -> None:
            web = deployment()
            one("first", web)
            other("second", web)

        if owned & wanted:
            said = refusal(program)
            assert said.startswith("deployment 'web' "), said
            assert "'first'" in said, f"{first} and {second}: it does not say who has it: {said}"
            assert ": " in said, f"no way out: {said}"
        else:
            assert deploy(program).count(":Deployment"), f"{first} and {second} go together"


@pytest.mark.parametrize("who", WHO)
def test_fixed_replicas_have_no_scaler_beside_them(who: str) -> None:
    decide, owned = WHO[who]

    def program() -> None:
        decide("web", deployment(replicas=2))

    if "replicas" in owned:
        assert refusal(program).startswith("deployment 'web' fixes replicas to 2 and ")
    else:
        assert deploy(program).object("Deployment")["spec"]["replicas"] == 2


def test_the_pairs_are_many_and_some_of_each_sort() -> None:
    refused = [bool(WHO[one][1] & WHO[other][1]) for one, other in product(WHO, WHO)]
    assert (len(refused), sum(refused)) == (144, 88)


def test_each_workload_has_owners_of_its_own() -> None:
    def program() -> None:
        for name in ("web", "other"):
            web = Deployment(name, deployment_args())
            vertical("cpu")(name, web)

    assert deploy(program).count("VerticalPodAutoscaler") == 2


def test_args_are_refused_as_they_are_made_before_anything_is_registered() -> None:
    def program() -> None:
        web = deployment()
        vertical("cpu")("first", web)
        AutoscalerArgs(workload=web, scaling=Scaling(min=1, max=2, cpu=70))

    assert refusal(program).startswith(
        "deployment 'web' has vertical autoscaler 'first' already and cannot have an auto"
    )
