"""A test that deploys a program cannot pass for want of something to look at."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from types import ModuleType
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.refusal import Refusal
from slipway.testing import attempt, deploy, refusal
from slipway.testing.deployed import Program
from tests.testing.programs import Part, config_map


def calling() -> None:
    pulumi.export("found", pulumi.runtime.invoke("test:index:find", {"n": 1}))


def swallowing_of_a_component() -> None:
    with contextlib.suppress(ValueError):
        Part("bad", "shop:index:Part")


def swallowing_of_a_resource() -> None:
    config_map()
    with contextlib.suppress(TypeError):
        core.ConfigMap("two", no_such_argument=1)  # pyright: ignore[reportCallIssue]


def check(value: object) -> None:
    assert value == "another"


def checking_the_unknown() -> None:
    config_map().metadata.uid.apply(check)


def checking_by_a_lambda() -> None:
    config_map().metadata.uid.apply(lambda uid: [check(one) for one in [uid]] and check(uid))


def checking_inside() -> None:
    def outer(uid: object) -> None:
        def inner() -> None:
            assert uid == "another"

        inner()

    config_map().metadata.uid.apply(outer)


def leaving_a_task() -> None:
    async def never() -> None:
        await asyncio.sleep(60)

    config_map()
    TASKS.append(asyncio.ensure_future(never()))


def leaving_a_failure() -> None:
    async def fails() -> None:
        raise KeyError("price")

    config_map()
    TASKS.append(asyncio.ensure_future(fails()))


TASKS: list[Any] = []
WRONG: dict[str, tuple[Program, str]] = {
    "nothing": (lambda: None, "the program registered nothing, so that nothing was tested"),
    "a URN twice": (
        lambda: [config_map(), config_map()],
        r"the engine refuses a URN twice: urn:\S+::one \((tests/testing/programs.py:\d+(, )?){2}\)",
    ),
    "a call": (
        calling,
        r"calls test:index:find, which no test answers: \{'n': 1\}; .* calls=\{'test:index:find': \{…\}\}",
    ),
    "an endless component": (
        lambda: Part("endless", "shop:index:Part"),
        r"shop:index:Part endless \(tests/testing/\w+.py:\d+\): register_outputs was not called",
    ),
    "one of ours": (lambda: Part("endless"), "slipway:index:Part endless .*: register_outputs was not called"),
    "a component whose failure is swallowed": (swallowing_of_a_component, "shop:index:Part bad .* was swallowed"),
    "a resource whose failure is swallowed": (
        swallowing_of_a_resource,
        r"ConfigMap at tests/testing/test_deploy.py:\d+ was never registered: its exception was swallowed",
    ),
    "an assertion on the unknown": (checking_the_unknown, r"the assertion in check \(.*test_deploy.py:\d+\) never ran"),
    "an assertion deep inside": (checking_inside, r"the assertion in checking_inside.<locals>.outer \(.*\) never ran"),
    "a task that is left": (leaving_a_task, r"leaving_a_task.<locals>.never was never awaited"),
    "a task that fails": (
        leaving_a_failure,
        r"leaving_a_failure.<locals>.fails failed, and nobody .*: KeyError: 'price'",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_ends_well_without_an_engine_and_is_wrong_fails(what: str) -> None:
    program, told = WRONG[what]
    with pytest.raises(AssertionError, match=told) as failed:
        deploy(program, preview=True)
    assert str(failed.value).count("\n") == 0, "and it is told once"


def test_an_assertion_in_an_apply_runs_and_fails() -> None:
    with pytest.raises(AssertionError, match="'one' == 'another'"):
        deploy(lambda: config_map().metadata.name.apply(check))


def test_an_assertion_that_holds_is_no_failure() -> None:
    deploy(lambda: config_map("another").metadata.name.apply(check), preview=True)


def test_what_only_groups_others_needs_no_outputs() -> None:
    def program() -> None:
        config_map()
        pulumi.ComponentResource("shop:index:Group", "group")

    assert deploy(program).count("Group") == 1


def test_a_component_of_an_installed_package_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("pulumi_bought")
    package.__file__ = "/venv/lib/site-packages/pulumi_bought/__init__.py"
    monkeypatch.setitem(sys.modules, "pulumi_bought", package)
    bought: Any = type("Bought", (Part,), {"__module__": "pulumi_bought"})
    assert deploy(lambda: bought("endless", "bought:index:Part")).count("Part") == 1


def test_what_a_program_raises_is_raised_from_its_own_line_on() -> None:
    def program() -> None:
        raise KeyError("a bug, not a refusal")

    for run in (deploy, refusal):
        with pytest.raises(KeyError) as failed:
            run(program)
        way = [entry.path for entry in failed.traceback]
        assert [str(one) for one in way if "pulumi" in str(one)] == [], "the SDK's own frames say nothing to a user"


def test_a_failure_is_not_told_again_by_what_waited_for_it(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: str) -> str:
        raise KeyError("a bug")

    def program() -> None:
        failed = pulumi.Output.from_input("x").apply(fail)
        core.ConfigMap("one", data={"a": failed, "b": failed.apply(str.upper)})

    with pytest.raises(KeyError):
        deploy(program)
    gc.collect()
    assert not caplog.records, "a traceback that is written while something else is parsed can end the whole run"


def test_an_option_that_is_misspelt_is_refused() -> None:
    options: dict[str, Any] = {"cofnig": {}}
    with pytest.raises(TypeError, match="'cofnig'"):
        deploy(config_map, **options)


def test_a_program_that_is_not_refused_is_no_refusal() -> None:
    def refusing() -> None:
        raise Refusal("no", "here.py:1")

    assert refusal(refusing) == "no"
    with pytest.raises(AssertionError, match="was not refused"):
        refusal(config_map)


def test_a_refusal_that_leaves_something_half_made_is_none() -> None:
    with pytest.raises(AssertionError, match=r"refused only after these were begun: .*Part::bad.*too late"):
        refusal(lambda: Part("bad"))


def test_what_came_before_a_failure_can_be_looked_at() -> None:
    recording, error = attempt(lambda: [config_map(), Part("bad")])
    assert isinstance(error, ValueError)
    assert recording.object("ConfigMap", "one")


def test_it_answers_as_a_deployment_would() -> None:
    state = {"kubernetes:core/v1:ConfigMap": {"data": {"added": "by the cluster"}}}
    recording = deploy(lambda: pulumi.export("data", config_map().data), states=state)
    assert recording.outputs == {"data": {"added": "by the cluster"}}


def test_a_provider_function_is_answered_by_the_test() -> None:
    def program() -> None:
        pulumi.export("found", pulumi.Output.from_input(pulumi.runtime.invoke_async("test:index:find", {"n": 1})))

    assert deploy(program, calls={"test:index:find": {"name": "a"}}).outputs["found"] == {"name": "a"}
    assert deploy(program, calls={"test:index:find": lambda given: {"next": given["n"] + 1}}).outputs == {
        "found": {"next": 2}
    }


def test_configuration_is_the_projects_and_its_secrets_are_secret() -> None:
    def program() -> None:
        config = pulumi.Config()
        pulumi.export("greeting", config.require("greeting"))
        pulumi.export("secret", config.require_secret("token").is_secret())
        pulumi.export("context", pulumi.Config("kubernetes").require("context"))
        pulumi.export("where", f"{pulumi.get_project()} {pulumi.get_stack()}")
        core.Secret("s", string_data={"token": config.require_secret("token")})

    config = {"greeting": "hello", "token": "t0ps3cret", "kubernetes:context": "kind"}
    recording = deploy(program, config=config, secret_keys=("token",), stack="prod")
    assert recording.outputs == {"greeting": "hello", "secret": True, "context": "kind", "where": "slipway prod"}
    assert recording.object("Secret")["stringData"] == {"token": "t0ps3cret"}, "in clear, for a test to compare"
    assert "t0ps3cret" not in str(recording.result), "and masked in all that is shown or kept"
