"""A namespace enforces pod security, and what is placed in it comes after its guard rails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slipway import ContainerDefaults, Namespace, NamespaceArgs
from slipway.testing import Recording, Unknown, deploy, refusal
from tests.components.rendering import awaited, deployment

SECURITY = "pod-security.kubernetes.io/"


def standard(name: str) -> dict[str, str]:
    return {SECURITY + mode: name for mode in ("enforce", "warn", "audit")}


def made(**own: Any) -> Recording:
    return deploy(lambda: Namespace("shop", NamespaceArgs(**own)))


def test_it_enforces_warns_of_and_audits_the_restricted_standard() -> None:
    assert deploy(lambda: Namespace("shop")).object("Namespace")["metadata"] == {
        "name": "shop",
        "labels": standard("restricted"),
    }


def test_its_labels_are_added_and_cannot_loosen_the_standard_by_accident() -> None:
    labels = {"team": "shop", SECURITY + "enforce": "privileged"}
    metadata = made(pod_security="baseline", labels=labels, annotations={"note": "x"}).object("Namespace")["metadata"]
    assert metadata["labels"] == {"team": "shop"} | {
        SECURITY + mode: "baseline" for mode in ("enforce", "warn", "audit")
    }
    assert metadata["annotations"] == {"note": "x"}


def test_a_quota_and_defaults_are_made_only_if_they_are_asked_for() -> None:
    assert [one.kind for one in made().manifests()] == ["Namespace"]
    full = made(quota={"pods": "20", "requests.cpu": "4"}, defaults=ContainerDefaults(cpu_request="10m", memory="32Mi"))
    assert full.object("ResourceQuota")["spec"] == {"hard": {"pods": "20", "requests.cpu": "4"}}
    assert full.object("LimitRange")["spec"] == {
        "limits": [
            {
                "type": "Container",
                "defaultRequest": {"cpu": "10m", "memory": "32Mi"},
                "default": {"memory": "32Mi"},
            }
        ]
    }, "memory is both request and limit, so that a node never promises memory it does not have"


def test_the_guard_rails_are_made_in_it_and_go_with_it() -> None:
    recording = made(quota={"pods": "20"}, defaults=ContainerDefaults())
    itself = recording.one("core/v1:Namespace").urn
    for kind in ("ResourceQuota", "LimitRange"):
        assert recording.object(kind)["metadata"] == {"name": "shop", "namespace": "shop"}
        assert awaited(recording, f"core/v1:{kind}") == ["Namespace shop"], "by its name alone nothing would wait"
        assert recording.one(f"core/v1:{kind}").options["deletedWith"] == itself


def test_what_is_placed_in_it_comes_after_its_guard_rails() -> None:
    def program() -> None:
        deployment(namespace=Namespace("shop", NamespaceArgs(quota={"pods": "20"}, defaults=ContainerDefaults())))

    waits_for = ["LimitRange shop", "Namespace shop", "ResourceQuota shop"]
    assert awaited(deploy(program), "apps/v1:Deployment") == waits_for, "what is there before a quota escapes it"


def test_its_name_is_known_in_a_preview() -> None:
    def program() -> None:
        deployment(namespace=Namespace("shop", NamespaceArgs(quota={"pods": "20"})))

    recording = deploy(program, preview=True)
    namespace = recording.object("Deployment")["metadata"]["namespace"]
    assert namespace == "shop", "a preview that cannot say where says nothing"
    assert not isinstance(namespace, Unknown)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (lambda: {"quota": {"pods": "many"}}, "quota pods 'many' is not a Kubernetes quantity"),
        (lambda: {"defaults": ContainerDefaults(cpu_request="fast")}, "default cpu request 'fast' is not a"),
        (lambda: {"defaults": ContainerDefaults(memory="1GB")}, "default memory '1GB' is not a Kubernetes quantity"),
    ],
)
def test_a_quantity_that_is_none_is_refused_by_name(fields: Callable[[], dict[str, Any]], told: str) -> None:
    assert refusal(lambda: Namespace("shop", NamespaceArgs(**fields()))).startswith(told)


def test_a_name_that_kubernetes_would_refuse_is_refused() -> None:
    assert refusal(lambda: Namespace("My_Shop")).startswith("namespace 'My_Shop' is not a valid name")
