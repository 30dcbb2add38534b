"""A test that uses the recorder cannot pass for want of something to look at."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pulumi
import pytest
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.refusal import Refusal
from tests.recorder import Program, Recording, record, refusal


def config_map(name: str = "one") -> core.ConfigMap:
    return core.ConfigMap(name, metadata={"name": name}, data={})


class Part(pulumi.ComponentResource):
    """Refuses its name `bad` after it was registered, and never says that it is done."""

    def __init__(self, name: str) -> None:
        super().__init__("slipway:index:Part", name)
        if name == "bad":
            raise ValueError("too late")


def refusing() -> None:
    raise Refusal("no", "here.py:1")


def failing() -> None:
    raise KeyError("a bug, not a refusal")


def calling() -> None:
    pulumi.export("found", pulumi.runtime.invoke("test:index:find", {}))


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (lambda: None, "registered nothing"),
        (lambda: [config_map(), config_map()], "refuses a URN twice"),
        (calling, "the program calls test:index:find, which no test answers"),
    ],
)
def test_a_program_of_which_nothing_true_can_be_said_fails(program: Program, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        record(program)


def test_what_a_program_raises_is_raised() -> None:
    with pytest.raises(KeyError):
        record(failing)
    with pytest.raises(KeyError):
        refusal(failing)


def test_a_failure_is_not_told_again_by_what_waited_for_it(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: str) -> str:
        raise KeyError("a bug")

    def program() -> None:
        failed = pulumi.Output.from_input("x").apply(fail)
        core.ConfigMap("one", data={"a": failed, "b": failed.apply(str.upper)})

    with pytest.raises(KeyError):
        record(program)
    gc.collect()
    assert not caplog.records, "a traceback that is written while something else is parsed can end the whole run"


def test_a_program_that_is_not_refused_is_no_refusal() -> None:
    assert refusal(refusing) == "no"
    with pytest.raises(pytest.fail.Exception, match="was not refused"):
        refusal(config_map)


def test_a_refusal_that_leaves_something_half_made_is_none() -> None:
    with pytest.raises(AssertionError, match=r"refused only after these were begun: .*Part::bad.*too late"):
        refusal(lambda: Part("bad"))


def test_what_is_looked_up_is_there_once() -> None:
    two = record(lambda: [config_map("one"), config_map("two")])
    looks: list[Callable[[Recording], object]] = [
        lambda found: found.one(":ConfigMap"),
        lambda found: found.one(":Secret"),
        lambda found: found.object("ConfigMap"),
        lambda found: found.object("ConfigMap", "three"),
    ]
    for look in looks:
        with pytest.raises(AssertionError, match=r"^\d (registrations|objects) of"):
            look(two)
    assert two.object("ConfigMap", "two")["metadata"]["name"] == two.one(":ConfigMap", "two").name


def test_it_answers_as_a_deployment_would() -> None:
    state = {"kubernetes:core/v1:ConfigMap": {"data": {"added": "by the cluster"}}}
    recording = record(lambda: pulumi.export("data", config_map().data), states=state)
    assert recording.outputs == {"data": {"added": "by the cluster"}}
