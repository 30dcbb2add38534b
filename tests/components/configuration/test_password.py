"""A password is made once, and another one only where that is asked for."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from slipway import Config, ConfigArgs, Password, PasswordArgs
from slipway.testing import Recording, Unknown, deploy, refusal
from tests.components.examples import NAMESPACE, STATES


def password(**own: Any) -> Password:
    fields: dict[str, Any] = {"namespace": NAMESPACE, **own}
    return Password("database", PasswordArgs(**fields))


def made(**own: Any) -> Recording:
    return deploy(lambda: password(**own), states=STATES)


def name(**own: Any) -> str:
    return made(**own).one("RandomPassword").name


def test_it_is_in_a_secret_for_its_readers():
    data = made(key="PGPASSWORD").object("Secret")["data"]
    assert base64.b64decode(data["PGPASSWORD"]).decode() == "what-a-provider-has-made"


def test_only_a_keeper_makes_another_one():
    one = made(keepers={"year": "2026"}).one("RandomPassword")
    assert set(one.options["ignoreChanges"]) == set(one.inputs) - {"keepers"} | {"overrideSpecial"}, (
        "a longer one would lock out whoever knows the former"
    )
    assert name(length=40) == name(), "the same resource"
    assert len({name(), name(keepers={"year": "2026"}), name(keepers={"year": "2027"})}) == 3, (
        "another resource takes the length that is asked for by then"
    )


def test_it_has_one_of_each_class_that_it_is_made_of():
    inputs = made(special="!-", upper=False).one("RandomPassword").inputs
    least = {key: inputs[key] for key in ("minLower", "minUpper", "minNumeric", "minSpecial")}
    assert least == {"minLower": 1, "minUpper": 0, "minNumeric": 1, "minSpecial": 1}
    assert inputs["overrideSpecial"] == "!-"


def test_a_preview_does_not_know_it_and_neither_does_what_is_made_of_it():
    def program() -> None:
        url = password().value.apply(lambda value: f"postgres://web:{value}@db")
        Config("app", ConfigArgs(namespace=NAMESPACE, secrets={"URL": url}, rollout="restart"))

    recording = deploy(program, preview=True)
    assert isinstance(recording.object("Secret", "app")["data"], Unknown)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"length": 8}, "length 8 is too short to be safe: give 12 or more"),
        ({"key": "a/b"}, "secret key 'a/b' is not valid"),
    ],
)
def test_a_weak_one_is_refused(own: dict[str, Any], words: str):
    assert words in refusal(lambda: password(**own))
