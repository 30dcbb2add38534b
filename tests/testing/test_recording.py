"""A recording hands over plain data, and says what there is where something is not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core import v1 as core

from slipway.preview.model import Secret
from slipway.testing import UNKNOWN, Recording, Unknown, UnknownError, deploy
from tests.testing.programs import Part, config_map


@pytest.fixture(scope="module")
def two() -> Recording:
    def program() -> None:
        config_map("web", "shop", a="1")
        config_map("db", "data")
        Part("part")
        pulumi.export("url", "http://web")

    return deploy(program)


@pytest.fixture(scope="module")
def unknown() -> Recording:
    def program() -> None:
        made = config_map()
        core.Secret("s", metadata={"name": "s", "labels": {"uid": made.metadata.uid}}, string_data={"a": "b"})
        core.Pod("p", metadata={"name": "p"}, spec={"containers": [{"name": "c", "args": ["x", made.metadata.uid]}]})
        pulumi.export("uid", made.metadata.uid)
        pulumi.export("url", pulumi.Output.concat("http://", made.metadata.uid))

    return deploy(program, preview=True)


MISSING: dict[str, tuple[Callable[[Recording], object], str]] = {
    "near": (
        lambda found: found.object("ConfigMap", "wep"),
        "0 objects of ConfigMap wep: did you mean ConfigMap shop/web? There are: ConfigMap data/db, ConfigMap shop/web",
    ),
    "of another kind": (
        lambda found: found.object("Secret"),
        "0 objects of Secret. There are: ConfigMap data/db, ConfigMap shop/web",
    ),
    "in another namespace": (
        lambda found: found.object("ConfigMap", "web", "data"),
        "0 objects of ConfigMap data/web: did you mean ConfigMap data/db? "
        "There are: ConfigMap data/db, ConfigMap shop/web",
    ),
    "more than one": (
        lambda found: found.object("ConfigMap"),
        "2 objects of ConfigMap. There are: ConfigMap data/db, ConfigMap shop/web",
    ),
}


@pytest.mark.parametrize("what", MISSING)
def test_what_is_not_there_once_is_told_with_what_there_is(what: str, two: Recording) -> None:
    look, told = MISSING[what]
    with pytest.raises(AssertionError) as failed:
        look(two)
    assert str(failed.value) == told


def test_so_it_is_with_resources(two: Recording) -> None:
    for look in (lambda: two.one(":ConfigMap"), lambda: two.one(":Secret")):
        with pytest.raises(
            AssertionError, match=r"^\d registrations of :\w+\. There are: .*kubernetes:core/v1:ConfigMap web"
        ):
            look()


def test_objects_are_found_by_kind_and_namespace(two: Recording) -> None:
    names = [body["metadata"]["name"] for body in two.objects("ConfigMap")]
    assert names == ["db", "web"]
    assert two.objects(namespace="shop") == two.objects("ConfigMap", "shop") == [two.object("ConfigMap", "web")]
    assert two.objects("Secret") == []


def test_what_is_handed_over_is_the_callers_own(two: Recording) -> None:
    two.object("ConfigMap", "web")["data"]["a"] = "2"
    assert two.object("ConfigMap", "web")["data"]["a"] == "1"


def test_resources_are_all_but_the_stack(two: Recording) -> None:
    assert [one.name for one in two.resources] == ["web", "db", "part"]
    assert two.outputs == {"url": "http://web"}
    assert json.loads(json.dumps(two.objects()))


USES: dict[str, Callable[[Any], object]] = {
    "equal": lambda value: value == "x",
    "equal to nothing": lambda value: value == None,  # noqa: E711
    "the other way around": lambda value: "x" == value,  # noqa: SIM300
    "not equal": lambda value: value != "x",
    "in a list": lambda value: value in ["x"],
    "in a dict": lambda value: {"a": value} == {"a": "x"},
    "in a set": lambda value: {value} == {"x"},
    "in a text": lambda value: value in "x",
    "part of it": lambda value: "x" in value,
    "truth": lambda value: not value,
    "length": len,
    "a method": lambda value: value.startswith("x"),
    "a slice": lambda value: value[0],
    "a key": lambda value: value["x"],
    "as text": lambda value: f"{value}",
    "as a number": int,
    "greater": lambda value: value > 1,
    "added": lambda value: "x" + value,
    "all of it": list,
}


@pytest.mark.parametrize("use", USES)
def test_nothing_can_be_asserted_of_what_is_not_known(use: str, unknown: Recording) -> None:
    with pytest.raises((UnknownError, TypeError)):
        USES[use](unknown.outputs["uid"])


def test_it_is_said_which_value_is_not_known(unknown: Recording) -> None:
    says = {
        "the output url": lambda: unknown.outputs["url"],
        "Secret default/s metadata.labels.uid": lambda: unknown.object("Secret")["metadata"]["labels"]["uid"],
        "Pod default/p spec.containers[0].args[1]": lambda: unknown.object("Pod")["spec"]["containers"][0]["args"][1],
        "kubernetes:core/v1:Secret s metadata.labels.uid": lambda: unknown.one(":Secret").inputs["metadata"]["labels"][
            "uid"
        ],
    }
    for where, look in says.items():
        with pytest.raises(UnknownError) as failed:
            assert look() == "x"
        assert str(failed.value).startswith(f"{where} is ")
        assert "only a deployment knows it" in str(failed.value)


def test_that_it_is_not_known_can_be_asserted(unknown: Recording) -> None:
    assert unknown.outputs == {"uid": UNKNOWN, "url": UNKNOWN}
    in_part = Unknown("http://<computed>/")
    assert in_part == UNKNOWN
    assert in_part != Unknown("https://<computed>/")
    assert repr(copy.deepcopy([in_part])) == "[http://<computed>/]"
    with pytest.raises(AssertionError):
        assert deploy(lambda: pulumi.export("a", "known")).outputs["a"] == UNKNOWN


def test_a_secret_is_one_in_a_resource_and_clear_in_an_object(unknown: Recording) -> None:
    assert unknown.one(":Secret").inputs["stringData"] == Secret({"a": "b"})
    assert unknown.object("Secret")["stringData"] == {"a": "b"}


@pytest.fixture(scope="module")
def faulty() -> Recording:
    def program() -> None:
        core.Pod("p", metadata={"name": "p"}, spec={"containers": [{"name": "c", "image": "nginx"}]})

    return deploy(program)


def test_a_check_fails_with_rule_object_and_place(faulty: Recording) -> None:
    with pytest.raises(AssertionError) as failed:
        faulty.check()
    lines = str(failed.value).splitlines()
    assert lines[0] == "the checks find fault with stack test:"
    [line] = [line for line in lines if "image/no-tag" in line]
    assert line.startswith("  warning Pod default/p spec.containers[0].image: ")
    assert " [image/no-tag] (tests/testing/test_recording.py:" in line


def test_a_check_is_for_a_severity_and_above(faulty: Recording, two: Recording) -> None:
    rules = {one.rule for one in faulty.findings}
    faulty.check("error")
    with pytest.raises(AssertionError):
        faulty.check("info")
    faulty.check(ignore=rules)
    two.check(ignore=("reference/missing-namespace",))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("image/notag", "ignore has 'image/notag', of which nothing was found: did you mean image/no-tag?"),
        ("name/object", "ignore has 'name/object', of which nothing was found."),
    ],
)
def test_what_is_ignored_is_there(rule: str, told: str, faulty: Recording) -> None:
    with pytest.raises(AssertionError) as failed:
        faulty.check("error", ignore=(rule,))
    assert str(failed.value) == told


def test_one_rule_alone_is_not_taken_for_its_letters(faulty: Recording) -> None:
    with pytest.raises(TypeError, match=r"write it as a tuple, \('image/no-tag',\)"):
        faulty.check(ignore="image/no-tag")
