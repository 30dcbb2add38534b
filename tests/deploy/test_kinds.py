"""Before anything is applied, the cluster has to serve the custom kinds of the stack."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from slipway.deploy import applying
from slipway.deploy.errors import DeployError
from slipway.deploy.kinds import check_kinds
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.rendered import Rendered, Stack
from slipway.preview.checks.definitions import Need, Origin
from slipway.preview.model import Manifest

KUBECTL = Kubectl("prod")
SERVED = {
    "/apis": {"groups": [{"name": "example.com", "versions": [{"groupVersion": "example.com/v1"}]}]},
    "/apis/example.com/v1": {"resources": [{"kind": "Widget", "name": "widgets"}]},
}


def need(api_version: str, kind: str, origin: Origin = "unknown") -> Need:
    return Need(api_version=api_version, kind=kind, crd=None, origin=origin)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of a cluster that serves one kind."""
    paths: list[str] = []

    def run(_: Kubectl, *arguments: str, **__: Any) -> str:
        assert arguments[:2] == ("get", "--raw")
        paths.append(arguments[2])
        return json.dumps(SERVED[arguments[2]])

    monkeypatch.setattr(Kubectl, "run", run)
    return paths


def test_a_stack_without_custom_kinds_asks_nothing(asked: list[str]) -> None:
    check_kinds(KUBECTL, [])
    check_kinds(KUBECTL, [need("example.org/v1", "Other", "declared")])
    assert asked == []


def test_a_kind_that_is_served_is_well(asked: list[str]) -> None:
    check_kinds(KUBECTL, [need("example.com/v1", "Widget"), need("example.com/v1", "Widget", "given")])
    assert asked == ["/apis", "/apis/example.com/v1"]


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        (need("example.org/v1", "Other"), "does not serve Other example.org/v1: install what defines it first"),
        (need("example.com/v1", "Gadget", "given"), "does not serve Gadget example.com/v1: install"),
        (need("example.com/v2", "Widget"), "Widget example.com/v2 (of this group it serves example.com/v1): install"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_what_is_not_served_is_one_line(missing: Need, told: str) -> None:
    with pytest.raises(DeployError) as refused:
        check_kinds(KUBECTL, [need("example.com/v1", "Widget"), missing])
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "Widget example.com/v1" not in str(refused.value)


def test_it_is_asked_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: Kubectl, *arguments: str, **__: Any) -> str:
        assert arguments[:2] == ("get", "--raw"), "nothing else before"
        return json.dumps(SERVED["/apis"])

    def targets(*_: object) -> dict[str | None, Kubectl]:
        return {None: KUBECTL}

    monkeypatch.setattr(Kubectl, "run", run)
    monkeypatch.setattr(applying, "targets", targets)
    monkeypatch.setattr(Stack, "full_name", "shop-prod")
    stack = Stack(project=cast("Any", None), name="prod", config=cast("Any", None))
    other = {"apiVersion": "example.org/v1", "kind": "Other", "metadata": {"name": "o", "namespace": "shop"}}
    rendered = Rendered(stack=stack, manifests=[Manifest(urn="urn::o", body=other)], registrations=[], outputs={})
    with pytest.raises(DeployError, match="prod does not serve Other"):
        list(applying.apply(rendered, 1, print))
