"""Tests the comparison with the real engine, on events as an engine sends them. It needs no engine."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pulumi.automation import EngineEvent
from pulumi.runtime.rpc import UNKNOWN

from tests.e2e.planned import differences

_URN = "urn:pulumi:dev::shop::slipway:index:WebService$kubernetes:core/v1:Service::web"
_IMAGE = "urn:pulumi:dev::shop::slipway:index:Image$docker:index/image:Image::web"
_SIGNED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}


def _event(inputs: dict[str, Any], urn: str = _URN) -> dict[str, Any]:
    """The inputs of one resource, as an event of `pulumi preview` has them."""
    state = {"type": "t", "urn": urn, "id": "", "parent": "", "provider": "", "inputs": inputs}
    sent = {"sequence": 1, "timestamp": 0, "resourcePreEvent": {"metadata": {"op": "create", "urn": urn, "new": state}}}
    step = cast("Any", EngineEvent).from_json(sent).resource_pre_event.metadata
    return {step.urn: step.new.inputs}


@pytest.mark.parametrize(
    ("planned", "offline"),
    [
        (
            {"metadata": {"name": "web"}, "ports": [{"port": 80}]},
            {"metadata": {"name": "web"}, "ports": [{"port": 80}]},
        ),
        ({"share": 1.0}, {"share": 1}),
        ({"clusterIP": UNKNOWN}, {"clusterIP": "<computed>"}),
        ({"type": None, "metadata": {"name": "web", "labels": None}}, {"metadata": {"name": "web"}}),
        ({"data": {"TOKEN": _SIGNED}}, {"data": {"TOKEN": "[secret]"}}),
        ({"data": _SIGNED}, {"data": {"TOKEN": "[secret]", "KEY": "[secret]"}}),
        ({"data": "[secret]"}, {"data": {"TOKEN": "[secret]"}}),
    ],
)
def test_equal_values_in_the_engines_form_are_not_a_difference(
    planned: dict[str, Any], offline: dict[str, Any]
) -> None:
    assert differences(_event(planned), {_URN: offline}) == []


@pytest.mark.parametrize(
    ("planned", "offline", "told"),
    [
        ({"port": 80}, {"port": 81}, ".port: the engine plans 80, the preview says 81"),
        ({"port": 80}, {"port": "80"}, ".port: the engine plans 80, the preview says '80'"),
        ({"spec": {"a": 1}}, {"spec": {}}, ".spec.a: is the engine's alone"),
        ({"spec": {}}, {"spec": {"a": 1}}, ".spec.a: is the preview's alone"),
        ({"ports": [1, 2]}, {"ports": [1, 3]}, ".ports[1]: the engine plans 2, the preview says 3"),
        ({"ports": [1, 2]}, {"ports": [1]}, ".ports: the engine plans [1, 2], the preview says [1]"),
        ({"ip": UNKNOWN}, {"ip": "1.2.3.4"}, ".ip: the engine plans '<computed>', the preview says '1.2.3.4'"),
        ({"ip": "1.2.3.4"}, {"ip": "<computed>"}, ".ip: the engine plans '1.2.3.4', the preview says '<computed>'"),
        ({"key": _SIGNED}, {"key": "clear"}, ".key: the engine plans [secret], the preview says 'clear'"),
        ({"data": _SIGNED}, {"data": {"a": "[secret]", "b": "clear"}}, ".data: the engine plans [secret], the preview"),
        ({"data": _SIGNED}, {"data": {}}, ".data: the engine plans [secret], the preview says {}"),
        ({"key": "clear"}, {"key": "[secret]"}, ".key: the engine plans 'clear', the preview says '[secret]'"),
        ({"buildOnPreview": True}, {}, ".buildOnPreview: is the engine's alone"),
    ],
)
def test_a_difference_is_reported_with_its_place(planned: dict[str, Any], offline: dict[str, Any], told: str) -> None:
    (difference,) = differences(_event(planned), {_URN: offline})
    assert difference.startswith(_URN + told)


def test_what_the_docker_provider_adds_is_no_difference_but_the_rest_of_a_build_counts() -> None:
    planned = _event({"buildOnPreview": False, "build": {"contextDigest": "abc", "context": "app"}}, _IMAGE)
    assert differences(planned, {_IMAGE: {"build": {"context": "app"}}}) == []
    assert differences(planned, {_IMAGE: {"build": {"context": "lib"}}}) == [
        f"{_IMAGE}.build.context: the engine plans 'app', the preview says 'lib'"
    ]


def test_a_resource_that_only_one_side_has_is_reported() -> None:
    assert differences(_event({}), {_IMAGE: {}}) == [
        f"{_URN}: the engine alone plans it",
        f"{_IMAGE}: the preview alone lists it",
    ]
