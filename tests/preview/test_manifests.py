"""Registrations become the objects that the provider would send, in the order of applying."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from slipway.preview.manifests import apply_rank, is_object, manifests
from slipway.preview.model import COMPUTED, Registration


def registered(
    kind: str, name: str = "x", *, api: str = "v1", type_: str = "", custom: bool = True, **extra: Any
) -> Registration:
    """One Kubernetes object: its `metadata`, its other inputs by name, and the options `provider` and `read`."""
    type_ = type_ or f"kubernetes:{api if '/' in api else f'core/{api}'}:{kind}"
    options = {"provider": extra.pop("provider")} if "provider" in extra else {}
    read = extra.pop("read", False)
    metadata = extra.pop("metadata", {"name": name})
    inputs = {"apiVersion": api, "kind": kind, "metadata": metadata, **extra}
    return Registration(
        urn=f"urn:pulumi:dev::shop::{type_}::{name}",
        type=type_,
        name=name,
        parent="",
        custom=custom,
        inputs=inputs,
        options=options,
        read=read,
        source="__main__.py:1",
    )


def namespace_of(one: Registration, *others: Registration, default: str = "default") -> str | None:
    settings = {"kubernetes:namespace": default}
    return next(each for each in manifests([one, *others], settings) if each.urn == one.urn).namespace


@pytest.mark.parametrize(
    ("one", "is_one"),
    [
        (registered("ConfigMap"), True),
        (registered("Widget", api="example.com/v1"), True),
        (registered("Kustomization", api="kustomize.toolkit.fluxcd.io/v1"), True),
        (registered("ConfigMap", read=True), False),
        (registered("ConfigMapPatch", type_="kubernetes:core/v1:ConfigMapPatch"), False),
        (registered("ConfigMap", custom=False), False),
        (registered("Release", type_="kubernetes:helm.sh/v3:Release"), False),
        (registered("ConfigFile", type_="kubernetes:yaml/v2:ConfigFile"), False),
        (registered("Directory", type_="kubernetes:kustomize/v2:Directory"), False),
        (registered("ConfigMap", type_="kubernetes:index:Provider"), False),
        (registered("ConfigMap", type_="aws:s3:Bucket"), False),
    ],
)
def test_only_what_a_deployment_would_create_is_an_object(one: Registration, is_one: bool) -> None:
    assert is_object(one) is is_one
    assert len(manifests([one])) == is_one


def test_a_resource_without_a_kind_is_not_an_object() -> None:
    one = registered("ConfigMap")
    assert not is_object(replace(one, inputs={"apiVersion": "v1"}))


def test_an_object_goes_to_its_own_namespace_then_its_providers_then_the_stacks() -> None:
    provider = Registration(
        urn="urn:pulumi:dev::shop::pulumi:providers:kubernetes::p",
        type="pulumi:providers:kubernetes",
        name="p",
        parent="",
        custom=True,
        inputs={"namespace": "theirs"},
    )
    bare = replace(provider, urn=f"{provider.urn}-bare", inputs={})
    by_provider = registered("ConfigMap", provider=f"{provider.urn}::04da6b54")
    by_bare = registered("ConfigMap", provider=f"{bare.urn}::id")
    own = registered("ConfigMap", metadata={"name": "x", "namespace": "own"}, provider=f"{provider.urn}::id")
    assert namespace_of(own, provider, default="stacks") == "own"
    assert namespace_of(by_provider, provider, default="stacks") == "theirs"
    assert namespace_of(registered("ConfigMap"), default="stacks") == "stacks"
    assert namespace_of(by_bare, bare, default="stacks") == "default", "the stack's setting is the default provider's"
    assert namespace_of(registered("ConfigMap", metadata={"name": "x", "namespace": ""})) == "default"


@pytest.mark.parametrize(
    ("kind", "api", "namespace"),
    [
        ("ClusterRole", "rbac.authorization.k8s.io/v1", None),
        ("Role", "rbac.authorization.k8s.io/v1", "default"),
        ("Namespace", "v1", None),
        ("PersistentVolume", "v1", None),
        ("GatewayClass", "gateway.networking.k8s.io/v1", None),
        ("HTTPRoute", "gateway.networking.k8s.io/v1", "default"),
        ("Deployment", "apps/v1", "default"),
        ("Widget", "example.com/v1", None),
    ],
)
def test_the_namespace_is_written_out_if_the_kind_is_namespaced(kind: str, api: str, namespace: str | None) -> None:
    assert namespace_of(registered(kind, api=api)) == namespace, (
        "what somebody defined may live in one or not: that is not to be known"
    )


def test_metadata_that_is_not_known_makes_name_and_namespace_unknown() -> None:
    [manifest] = manifests([registered("ConfigMap", metadata=COMPUTED)])
    assert manifest.body["metadata"] == {"name": COMPUTED, "namespace": COMPUTED}


def test_objects_come_in_the_order_in_which_they_can_be_applied() -> None:
    kinds = "Namespace ResourceQuota CustomResourceDefinition ServiceAccount Secret ConfigMap Service Widget Deployment"
    ordered = [*kinds.split(), "HorizontalPodAutoscaler", "Ingress", "ValidatingWebhookConfiguration"]
    shuffled = [registered(kind) for kind in ordered]
    random.Random(1).shuffle(shuffled)
    assert [each.kind for each in manifests(shuffled)] == ordered
    assert [apply_rank(kind) for kind in ordered] == sorted({apply_rank(kind) for kind in ordered}), "each has its own"
    assert 0 <= min(map(apply_rank, ordered)) <= max(map(apply_rank, ordered)) <= 999, (
        "a file's name has three digits for it"
    )


def test_within_a_kind_they_come_by_namespace_then_name_then_urn() -> None:
    def at(namespace: str, name: str, logical: str) -> Registration:
        return registered("ConfigMap", logical, metadata={"name": name, "namespace": namespace})

    ordered = [at("a", "y", "1"), at("a", "z", "0"), at("b", "x", "1"), at("b", "x", "2")]
    assert [each.urn for each in manifests(reversed(ordered))] == [one.urn for one in ordered]


def test_the_keys_of_an_object_are_sorted_after_the_first_three() -> None:
    one = registered(
        "ConfigMap", metadata={"name": "x", "labels": {"b": "1", "a": "2"}}, immutable=True, data={"b": "", "a": ""}
    )
    [manifest] = manifests([one])
    assert list(manifest.body) == ["apiVersion", "kind", "metadata", "data", "immutable"]
    assert list(manifest.body["metadata"]) == ["labels", "name", "namespace"]
    assert list(manifest.body["metadata"]["labels"]) == list(manifest.body["data"]) == ["a", "b"]
    assert manifest.source == "__main__.py:1"


def test_keys_inside_lists_are_sorted_and_items_keep_their_order() -> None:
    [manifest] = manifests(
        [registered("Service", spec={"ports": [{"port": 2, "name": "b"}, {"port": 1, "name": "a"}]})]
    )
    assert [list(port.items()) for port in manifest.body["spec"]["ports"]] == [
        [("name", "b"), ("port", 2)],
        [("name", "a"), ("port", 1)],
    ]


def test_the_inputs_of_the_program_are_not_changed() -> None:
    one = registered("ConfigMap")
    manifests([one])
    assert one.inputs["metadata"] == {"name": "x"}


@pytest.mark.parametrize(("stated", "initial"), [(3, 3), (COMPUTED, None)])
def test_a_manifest_has_no_number_of_pods_that_somebody_else_sets(stated: Any, initial: int | None) -> None:
    one = registered("Deployment", api="apps/v1", spec={"replicas": stated, "paused": True})
    (fixed,) = manifests([one])
    assert (fixed.body["spec"]["replicas"], fixed.initial_replicas) == (stated, None)
    (left,) = manifests([replace(one, options={"ignoreChanges": ["spec.replicas"]})])
    assert left.body["spec"] == {"paused": True}, "it is applied again and again, and would undo the scaling each time"
    assert left.initial_replicas == initial
    assert one.inputs["spec"]["replicas"] == stated, "and the registration is unchanged"
