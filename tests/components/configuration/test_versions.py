"""Former versions of a Config stay as long as a revision can be gone back to, and no longer."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from slipway import Config, ConfigArgs, Deployment, WebService, WebServiceArgs
from slipway.configuration import versions
from slipway.parts.readings import Rollout
from slipway.preview.model import Registration
from slipway.testing import Recording, Unknown, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import deployment_args


class Stack:
    """Runs programs one after another, each with what the one before it has left."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state: dict[str, dict[str, Any]] = {}
        monkeypatch.setattr(versions, "last_state", self._last)

    async def _last(self) -> dict[str, dict[str, Any]]:
        return self.state

    def up(self, program: Any) -> Recording:
        recording = deploy(program)
        kept = {one.urn: self.state.get(one.urn) for one in recording.registrations}
        self.state = {
            one.urn: (kept[one.urn] if _ignored(one) else None)
            or {"type": one.type, "outputs": one.inputs if one.custom else one.outputs or {}}
            for one in recording.registrations
        }
        return recording


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(monkeypatch)


def config(content: str, *, history: int = versions.HISTORY, rollout: Rollout = "versioned", **own: Any) -> Config:
    args = ConfigArgs(
        namespace=NAMESPACE, values={"a": content}, secrets={"B": content}, history=history, rollout=rollout
    )
    return Config("web", args, **own)


def _ignored(one: Registration) -> list[str]:
    return one.options.get("ignoreChanges", [])


def contents(recording: Recording, stack: Stack) -> list[str]:
    """What the ConfigMaps hold that are declared, in the order in which the component tells of them."""
    known = {one.name: stack.state[one.urn]["outputs"]["data"]["a"] for one in _of_kind(recording, "ConfigMap")}
    told = (recording.one("slipway:index:Config").outputs or {})["versions"]["ConfigMap"]
    assert sorted(told) == sorted(known)
    return [known[name] for name in told]


def _of_kind(recording: Recording, kind: str) -> list[Registration]:
    return [one for one in recording.registrations if one.type.endswith(f":{kind}")]


def test_as_many_versions_stay_as_are_asked_for(stack: Stack) -> None:
    for number in range(1, 6):
        recording = stack.up(lambda number=number: config(str(number)))
        expected = [str(one) for one in range(number, 0, -1)][:4]
        assert contents(recording, stack) == expected, "the one that is declared, and three before it"
        assert recording.count(":Secret") == len(expected)


def test_nothing_changes_where_nothing_is_changed(stack: Stack) -> None:
    for content in ("1", "2"):
        stack.up(lambda content=content: config(content))
    before = set(stack.state)
    second = stack.up(lambda: config("2"))
    assert set(stack.state) == before
    assert contents(second, stack) == ["2", "1"]


def test_a_former_version_is_left_as_it_is(stack: Stack) -> None:
    stack.up(lambda: config("1"))
    recording = stack.up(lambda: config("2"))
    for kind in ("ConfigMap", "Secret"):
        (former,) = [one for one in _of_kind(recording, kind) if _ignored(one)]
        assert "data" not in former.inputs, "its content is in the state, and in no program any more"
        assert _ignored(former) == ["metadata", "data", "binaryData", "immutable"]
        assert former.inputs["metadata"]["name"] == former.name
        assert former.parent == recording.one("slipway:index:Config").urn


def test_what_is_gone_back_to_is_the_latest_again(stack: Stack) -> None:
    for content in ("1", "2", "3", "1"):
        recording = stack.up(lambda content=content: config(content))
    assert contents(recording, stack) == ["1", "3", "2"], "each once, by when it was declared last"


def test_none_or_fewer_stay_where_that_is_said(stack: Stack) -> None:
    for content in ("1", "2", "3"):
        recording = stack.up(lambda content=content: config(content, history=1))
    assert contents(recording, stack) == ["3", "2"]
    assert contents(stack.up(lambda: config("3", history=0)), stack) == ["3"]
    assert refusal(lambda: config("1", history=-1)).startswith("history -1 is negative")


def test_what_a_refresh_found_gone_is_not_made_again_without_its_content(stack: Stack) -> None:
    for content in ("1", "2"):
        stack.up(lambda content=content: config(content))
    lost = [urn for urn, one in stack.state.items() if one["outputs"].get("data") in ({"a": "1"}, {"B": "1"})]
    stack.state.pop(lost[0])
    assert contents(stack.up(lambda: config("3")), stack) == ["3", "2"]


def test_a_component_that_has_got_another_parent_keeps_them(stack: Stack) -> None:
    for content in ("1", "2"):
        stack.up(lambda content=content: config(content))
    moved = stack.up(lambda: config("2", opts=pulumi.ResourceOptions(parent=pulumi.ComponentResource("t:i:P", "p"))))
    assert moved.count(":ConfigMap") == 2


def test_one_of_the_same_name_in_another_cluster_has_versions_of_its_own(stack: Stack) -> None:
    def both(content: str) -> None:
        for cluster in ("eu", "us"):
            there = pulumi.ComponentResource(f"shop:cluster:{cluster}", cluster)
            config(f"{content} in {cluster}", opts=pulumi.ResourceOptions(parent=there))
            there.register_outputs({})

    stack.up(lambda: both("1"))
    made = [one for one in stack.up(lambda: both("2")).resources if one.type == "slipway:index:Config"]
    told = [len((one.outputs or {})["versions"]["ConfigMap"]) for one in made]
    assert told == [2, 2], "its own two, and none of the other cluster"


def test_a_name_that_is_fixed_has_no_versions(stack: Stack) -> None:
    for content in ("1", "2"):
        recording = stack.up(lambda content=content: config(content, rollout="restart"))
    assert recording.one(":ConfigMap").name == "web"
    assert (recording.one("slipway:index:Config").outputs or {})["versions"] == {}


def test_what_an_earlier_release_made_is_taken_over() -> None:
    recording = deploy(lambda: config("1"))
    one = recording.one(":ConfigMap")
    assert recording.aliases[one.urn] == ["web"], "else the update would make it anew, and it is there already"


def test_a_preview_that_cannot_know_the_version_shows_the_object_all_the_same(stack: Stack) -> None:
    stack.up(lambda: config("1"))

    def uid(one: Any) -> pulumi.Output[str]:
        return one.metadata.uid

    def program() -> None:
        unknown = Config("other", ConfigArgs(namespace=NAMESPACE, values={"a": "1"})).values.resource
        Config("web", ConfigArgs(namespace=NAMESPACE, values={"a": pulumi.Output.from_input(unknown).apply(uid)}))

    recording = deploy(program, preview=True)
    names = [one.name for one in _of_kind(recording, "ConfigMap") if one.name.startswith("web")]
    assert "web" in names
    assert len(names) == 2, "and what would stay"
    assert isinstance(recording.one(":ConfigMap", "web").inputs["metadata"]["name"], Unknown)


def test_its_readers_keep_as_many_revisions() -> None:
    def limit(**own: Any) -> int | None:
        def program() -> None:
            read = config("1", **own).values.environment()
            Deployment("web", deployment_args(environment=read))

        return deploy(program).object("Deployment")["spec"].get("revisionHistoryLimit")

    assert limit() == versions.HISTORY
    assert limit(history=0) == 0
    assert limit(rollout="restart") is None, "what is updated in place is the same for every revision"
    args = WebServiceArgs(namespace=NAMESPACE, image=IMAGE, config={"A": "1"}, config_history=5)
    assert deploy(lambda: WebService("web", args)).object("Deployment")["spec"]["revisionHistoryLimit"] == 5
