"""A bundle's children have the types, names and namespaces that the provider gives them."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.bundles.children import Child, children, unplaced
from slipway.preview.bundles.errors import BundleError
from slipway.preview.model import Secret


def made(*objects: dict[str, Any], prefix: str = "p", namespace: str = "ns", skip_await: bool = False) -> list[Child]:
    return children(objects, prefix=prefix, namespace=namespace, skip_await=skip_await)


def one(kind: str, api: str = "v1", name: str = "x", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **fields.pop("metadata", {})}, **fields}


CRD = one(
    "CustomResourceDefinition",
    "apiextensions.k8s.io/v1",
    "gadgets.example.com",
    spec={"group": "example.com", "scope": "Namespaced", "names": {"kind": "Gadget"}},
)


@pytest.mark.parametrize(
    ("given", "type_", "name"),
    [
        (one("ConfigMap"), "kubernetes:core/v1:ConfigMap", "p:ns/x"),
        (one("ConfigMap", "core/v1"), "kubernetes:core/v1:ConfigMap", "p:ns/x"),
        (one("ConfigMap", metadata={"namespace": "own"}), "kubernetes:core/v1:ConfigMap", "p:own/x"),
        (one("ConfigMap", metadata={"namespace": None}), "kubernetes:core/v1:ConfigMap", "p:ns/x"),
        (one("Namespace"), "kubernetes:core/v1:Namespace", "p:x"),
        (one("Deployment", "apps/v1"), "kubernetes:apps/v1:Deployment", "p:ns/x"),
        (
            one("ClusterRole", "rbac.authorization.k8s.io/v1"),
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
            "p:x",
        ),
        (one("HTTPRoute", "gateway.networking.k8s.io/v1"), "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute", "p:x"),
        (one("Widget", "example.com/v1"), "kubernetes:example.com/v1:Widget", "p:x"),
    ],
)
def test_a_child_is_named_after_the_bundle_and_its_place(given: dict[str, Any], type_: str, name: str) -> None:
    [child] = made(given)
    assert (child.type, child.name) == (type_, name)
    assert child.body["apiVersion"] != "core/v1", "the API server does not know that version"
    assert child.body["metadata"].get("namespace", "") == name[2:].rpartition("/")[0]


def test_children_have_the_order_in_which_the_provider_registers_them() -> None:
    found = made(
        one("Gadget", "example.com/v1"),
        one("Deployment", "apps/v1", metadata={"namespace": "shop"}),
        one("ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1"),
        one("Widget", "other.example.com/v1"),
        one("Service", "serving.example.com/v1", "b"),
        one("Service", name="b"),
        one("Service", name="a"),
        CRD,
        one("Namespace", name="shop"),
    )
    assert [f"{child.body['kind']} {child.name}" for child in found] == [
        "Namespace p:shop",
        "CustomResourceDefinition p:gadgets.example.com",
        "Service p:ns/a",
        "Service p:ns/b",
        "Widget p:x",
        "Service p:b",
        "ValidatingWebhookConfiguration p:x",
        "Deployment p:shop/x",
        "Gadget p:ns/x",
    ], "what waits for a definition or a namespace of the bundle comes after all that does not"


def test_an_empty_prefix_leaves_the_names_bare() -> None:
    assert [child.name for child in made(one("ConfigMap"), one("Namespace"), prefix="")] == ["x", "ns/x"]


def test_a_definition_in_the_bundle_says_whether_its_kind_is_namespaced() -> None:
    found = made(one("Gadget", "example.com/v1"), one("Gadget", "other.example.com/v1"), CRD)
    assert [child.name for child in found] == ["p:gadgets.example.com", "p:x", "p:ns/x"]
    assert unplaced(found) == ["other.example.com/v1/Gadget"], "only the cluster knows whether that kind is namespaced"


def test_a_repeated_object_is_registered_once_from_its_last_copy() -> None:
    first, last = (one("ConfigMap", data={"copy": copy}) for copy in ("first", "last"))
    found = made(first, one("ConfigMap", metadata={"namespace": "other"}), last)
    assert [(child.name, child.body.get("data")) for child in found] == [
        ("p:ns/x", {"copy": "last"}),
        ("p:other/x", None),
    ]


def test_the_data_of_a_secret_is_secret_whatever_text_it_comes_from() -> None:
    [child] = made(one("Secret", data={"a": "YQ=="}, stringData={"b": "c"}, type="Opaque"))
    assert child.body["data"] == Secret({"a": "YQ=="})
    assert child.body["stringData"] == Secret({"b": "c"})
    assert child.body["type"] == "Opaque"


def test_skip_await_is_an_annotation_of_each_child() -> None:
    found = made(one("ConfigMap", metadata={"annotations": {"a": "b"}}), one("Namespace"), skip_await=True)
    assert [child.body["metadata"]["annotations"] for child in found] == [
        {"pulumi.com/skipAwait": "true"},
        {"a": "b", "pulumi.com/skipAwait": "true"},
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "ConfigMap"}, "an object has no kind or apiVersion"),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, "v1 ConfigMap has no metadata.name"),
        (one("ConfigMap", name=7), "v1 ConfigMap has no metadata.name"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_what_the_provider_refuses_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(BundleError, match=told):
        made(given)
