"""A secret is found wherever a program has put it, and nothing else is changed."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.preview.model import COMPUTED, SECRET, Diagnostic, Placeholder, Registration, Secret, Severity, StackRun
from slipway.preview.redact import redacted, revealed

SECRET_TEXT = "a/b+ \"c\" 'é'\\"


def run(inputs: dict[str, Any], *said: str, outputs: dict[str, Any] | None = None, name: str = "x") -> StackRun:
    urn = f"urn:pulumi:dev::shop::a:b:C::{name}"
    registration = Registration(
        urn=urn, type="a:b:C", name=name, parent=f"{urn}-parent", custom=True, inputs=inputs, outputs=outputs
    )
    told = [Diagnostic(severity=Severity.INFO, message=message, source="x.py:1") for message in said]
    return StackRun(stack="dev", registrations=[registration], diagnostics=told, failed=True)


def inputs_after(inputs: dict[str, Any], *plaintexts: str) -> dict[str, Any]:
    return redacted(run(inputs), plaintexts).registrations[0].inputs


def test_a_marked_value_is_masked_and_keeps_its_shape() -> None:
    inputs = {"a": Secret({"b": ["x", 1, None], "c": True}), "d": "open", "e": [Secret("y")], "f": COMPUTED}
    shown = inputs_after(inputs)
    assert shown == {"a": {"b": [SECRET] * 3, "c": SECRET}, "d": "open", "e": [SECRET], "f": COMPUTED}
    assert shown["a"]["c"] is SECRET, "a placeholder, so that checks know"
    assert type(shown["f"]) is Placeholder, "what is unknown stays unknown"


def test_a_value_that_is_marked_once_is_hidden_everywhere() -> None:
    shown = redacted(run({"a": "has hidden inside", "hidden": 1}, "hidden!", outputs={"b": Secret(["hidden"])}), ())
    assert shown.registrations[0].inputs == {"a": "has [secret] inside", SECRET: 1}
    assert type(shown.registrations[0].inputs["a"]) is Placeholder, "it is not what the program would send"
    assert shown.diagnostics == [Diagnostic(severity=Severity.INFO, message="[secret]!", source="x.py:1")]
    assert shown.failed, "the rest of the run stays"


def test_a_secret_in_a_name_is_hidden_in_the_urn_and_in_the_childrens_urns() -> None:
    one = redacted(run({"a": Secret("hidden")}, name="for-hidden"), ()).registrations[0]
    assert (one.name, one.urn.rpartition("::")[2]) == ("for-[secret]", "for-[secret]")
    assert one.parent.endswith("for-[secret]-parent"), "parents are found by their URN"


FORMS = {
    "as it is": SECRET_TEXT,
    "in JSON": json.dumps({"a": SECRET_TEXT}),
    "in JSON of another alphabet": json.dumps({"a": SECRET_TEXT}, ensure_ascii=False),
    "in Python": repr([SECRET_TEXT]),
    "in a URL": f"https://{quote(SECRET_TEXT, safe='')}@x",
    "in a URL's path": f"https://x/{quote(SECRET_TEXT)}",
    "in a form": f"a={quote_plus(SECRET_TEXT)}",
    "in Base64": base64.b64encode(SECRET_TEXT.encode()).decode(),
    "in Base64 for URLs": base64.urlsafe_b64encode(b"12" + SECRET_TEXT.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_found_in_every_encoding(form: str) -> None:
    shown = inputs_after({"a": f"before {FORMS[form]} after"}, SECRET_TEXT)["a"]
    assert SECRET in shown, f"{form}: {shown}"
    assert shown.startswith("before "), "the rest stays"
    assert shown.endswith(" after")


@given(
    st.binary(max_size=5),
    st.text(min_size=8).filter(lambda text: len(text.encode(errors="replace")) >= 8),
    st.binary(max_size=5),
)
def test_a_secret_is_found_anywhere_in_what_is_encoded(before: bytes, secret: str, after: bytes) -> None:
    encoded = base64.b64encode(before + secret.encode(errors="surrogatepass") + after).decode()
    shown = inputs_after({"a": encoded}, secret)["a"]
    rest = len(shown.replace(SECRET, ""))
    assert rest <= (len(before) + len(after) + 4) * 4 / 3 + 4, f"{shown} still holds a part of {secret!r}"


def test_the_whole_of_an_encoding_is_hidden_with_its_padding() -> None:
    assert inputs_after({"a": base64.b64encode(b"hidden-1").decode()}, "hidden-1") == {"a": SECRET}


def test_the_lines_of_a_secret_are_hidden_one_by_one() -> None:
    key = "-----BEGIN-----\nfirst-line\nend\n"
    assert inputs_after({"a": "  first-line\n  end\n"}, key) == {"a": "  [secret]\n  end\n"}, (
        "short lines are no secret"
    )


def test_the_longest_secret_is_hidden_first() -> None:
    assert inputs_after({"a": "password-and-more"}, "password", "password-and-more", "word") == {"a": SECRET}


@pytest.mark.parametrize("short", ["", "abc", "true", "null", "false"])
def test_a_string_that_occurs_everywhere_by_chance_is_not_hidden(short: str) -> None:
    text = "abc true false null"
    assert inputs_after({"a": text, "b": True, "c": 1}, short) == {"a": text, "b": True, "c": 1}


def test_a_secret_number_is_hidden_also_as_a_number() -> None:
    assert inputs_after({"a": 48151623, "b": 4815, "c": 1.25, "d": True}, "48151623", "1.25") == {
        "a": SECRET,
        "b": 4815,
        "c": SECRET,
        "d": True,
    }
    assert inputs_after({"a": Secret(["8080"]), "b": 8080}) == {"a": [SECRET], "b": 8080}, (
        "a number that is only part of something secret, such as a port, is on many objects"
    )


def test_a_placeholder_may_hold_a_secret_too() -> None:
    shown = inputs_after({"a": Placeholder("hidden-<computed>"), "b": SECRET}, "hidden", "secret")
    assert shown == {"a": "[secret]-<computed>", "b": "[secret]"}, "and is not masked twice"


def test_a_secret_with_regular_expression_characters_is_matched_literally() -> None:
    assert inputs_after({"a": "x.*y xzzy"}, "x.*y") == {"a": "[secret] xzzy"}


def test_the_values_are_shown_on_request() -> None:
    [registration] = run({"a": Secret({"b": [Secret("x")]}), "c": [Secret(1)], "d": COMPUTED}).registrations
    assert revealed(registration).inputs == {"a": {"b": ["x"]}, "c": [1], "d": COMPUTED}
