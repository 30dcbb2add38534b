"""Custom resources are judged by their CRDs, as the API server judges them."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.checks import check
from slipway.preview.checks.definitions import Definitions, Need
from slipway.preview.model import COMPUTED, SECRET, Severity
from tests.preview.checks.crd import SPEC, crd, findings, widget
from tests.preview.checks.good import Body, Change, both, drop, manifest, put

# The change, the rule, the path, and a part of the sentence.
FAULTS: dict[str, tuple[Change, str, str, str]] = {
    "unknown": (put("spec.colour", "red"), "unknown-field", "spec.colour", "did you mean `color`?"),
    "unknown at the top": (put("specs", {}), "unknown-field", "specs", "did you mean `spec`?"),
    "unknown metadata": (put("metadata.lables", {}), "unknown-field", "metadata.lables", "did you mean `labels`?"),
    "unknown below what is open": (
        put("spec.free.strict.knwon", True),
        "unknown-field",
        "spec.free.strict.knwon",
        "did you mean `known`?",
    ),
    "unknown in a list": (put("spec.parts[0].wieght", 1), "unknown-field", "spec.parts[0].wieght", "`weight`?"),
    "unknown in a template": (put("spec.template.specs", {}), "unknown-field", "spec.template.specs", "`spec`?"),
    "missing": (drop("spec.size"), "missing-field", "spec.size", "`size` is missing and its CRD requires it"),
    "a template without a kind": (drop("spec.template.kind"), "missing-field", "spec.template.kind", "`kind`"),
    "null that is not known": (put("spec.size", None), "missing-field", "spec.size", "`size` is missing"),
    "type": (put("spec.size", "3"), "type", "spec.size", '"3" is not an integer'),
    "neither integer nor string": (put("spec.port", {}), "type", "spec.port", "not an integer or a string"),
    "a value of a map": (put("spec.labels.any", 1), "type", "spec.labels.any", "1 is not a string"),
    "closed set": (
        put("spec.color", "blu"),
        "value",
        "spec.color",
        '"blu" is not one of red, blue: did you mean `blue`?',
    ),
    "limit": (put("spec.size", 10), "value", "spec.size", "the most is 9"),
    "exclusive limit": (put("spec.size", 0), "value", "spec.size", "it has to be above 0"),
    "pattern": (put("spec.names", ["A"]), "value", "spec.names[0]", '"A" breaks a limit: it has to match ^[a-z]+$'),
    "too few": (put("spec.names", []), "value", "spec.names", "no fewer items than 1"),
    "alternatives": (
        put("spec.source.url", "b"),
        "value",
        "spec.source",
        "it has to have exactly one of `file`, `url`, which it has not",
    ),
    "the name of an object": (put("metadata.name", "longest"), "value", "metadata.name", "no more characters than 6"),
    "not served": (
        put("apiVersion", "example.com/v1beta1"),
        "unserved-version",
        "apiVersion",
        "the CRD widgets.example.com serves no Widget as `example.com/v1beta1`: "
        "it serves Widget as `example.com/v1` or `example.com/v2`",
    ),
}


@pytest.mark.parametrize("given", [True, False], ids=["given", "declared"])
def test_what_the_crd_allows_has_no_findings(given: bool) -> None:
    assert [one for one in findings(given=given) if one.rule.startswith("schema/")] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_finding_that_names_it(fault: str) -> None:
    change, rule, path, told = FAULTS[fault]
    [found] = findings(change)
    assert (found.severity, found.rule, found.path) == (Severity.ERROR, f"schema/{rule}", path)
    assert told in found.message


def test_the_programs_own_crd_is_enough() -> None:
    [found] = [one for one in findings(FAULTS["type"][0], given=False) if one.rule == "schema/type"]
    assert found.path == "spec.size"


def test_the_programs_own_crd_comes_before_a_given_one() -> None:
    declared, other = manifest(crd()), crd({"type": "object"})
    known = Definitions([declared], [other])
    assert [one.path for one in check([manifest(widget()), declared], definitions=known)] == []
    [need] = known.needed([manifest(widget())])
    assert need.origin == "declared"


@pytest.mark.parametrize("value", [SECRET, COMPUTED])
@pytest.mark.parametrize(
    "path", ["spec.size", "spec.color", "spec.names", "spec.source", "spec.parts[0].weight", "spec"]
)
def test_an_unknown_value_is_never_judged(path: str, value: str) -> None:
    assert [one.rule for one in findings(put(path, value))] in ([], ["exposure/secret"])


def test_alternatives_with_an_unknown_value_are_not_judged() -> None:
    alternatives: list[Body] = [{"properties": {"size": {"enum": [size]}}} for size in (1, 2)]
    definition = crd({**SPEC, "oneOf": alternatives})
    assert [one.path for one in findings(definition=definition)] == ["spec"]
    assert findings(put("spec.size", COMPUTED), definition=definition) == []


def test_a_default_counts_as_written() -> None:
    assert findings(both(drop("spec.parts[0].weight"), put("spec.parts[0]", {}))) == []


def test_a_cel_rule_is_not_evaluated() -> None:
    assert findings(put("spec.size", 7)) == []


def test_a_version_without_a_closed_schema_takes_any_field() -> None:
    assert findings(both(put("apiVersion", "example.com/v2"), put("spec.anything", 1))) == []


@pytest.mark.parametrize(
    "broken",
    [
        put("spec.versions[1].schema", {}),
        put("spec.versions[1].schema.openAPIV3Schema", {"type": "nothing", "properties": {"spec": 1}}),
        put("spec.versions[1].schema.openAPIV3Schema.properties.spec", {"type": COMPUTED, "enum": [COMPUTED]}),
        put("spec.versions[1].schema.openAPIV3Schema.properties.spec.properties", []),
        put("spec.versions[1].schema.openAPIV3Schema.properties.spec.required", COMPUTED),
        put("spec.versions", COMPUTED),
        put("spec", COMPUTED),
    ],
)
def test_a_broken_crd_stops_nothing(broken: Any) -> None:
    definition = crd()
    broken(definition)
    findings(definition=definition, given=False)


def test_a_kind_without_a_crd_is_said_once() -> None:
    two = [manifest({**widget(), "metadata": {"name": name}}) for name in ("a", "b")]
    [found] = check(two)
    assert (found.severity, found.rule, found.where) == (Severity.INFO, "schema/no-schema", "Widget a")
    assert "so the fields of its 2 objects were not checked: name the CRD's file with --crds" in found.message


def test_a_misspelt_kind_of_a_known_group_is_a_warning() -> None:
    [found] = findings(put("kind", "Wigdet"))
    assert (found.severity, found.path) == (Severity.INFO, ""), "too different to be certain"
    [found] = findings(put("kind", "Widgett"))
    assert (found.severity, found.path) == (Severity.WARNING, "kind")
    assert found.message.endswith("did you mean `Widget`?")


def test_what_a_stack_needs() -> None:
    def need(api_version: str, kind: str, name: str | None, origin: Any) -> Need:
        return Need(api_version=api_version, kind=kind, crd=name, origin=origin)

    gadget = manifest({**widget(), "kind": "Gadget", "apiVersion": "example.org/v1"})
    built_in = manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})
    manifests = [manifest(widget()), manifest(widget()), built_in, gadget]
    assert Definitions(manifests, [crd()]).needed(manifests) == [
        need("example.com/v1", "Widget", "widgets.example.com", "given"),
        need("example.org/v1", "Gadget", None, "unknown"),
    ]
    assert Definitions([built_in]).needed([built_in]) == []
