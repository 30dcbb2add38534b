"""A preview answers for a resource as the engine's own preview does, without what only a cluster knows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.resource import exists_resource

from slipway.preview.model import COMPUTED
from slipway.preview.monitor import Monitor
from slipway.preview.wire import encode
from slipway.testing import Recording, deploy
from tests.repository import ROOT


class Holder(pulumi.ComponentResource):
    """Accepts any properties, as the SDK passes them to a component of another language."""

    held: pulumi.Output[Any]

    def __init__(self, name: str, **props: Any) -> None:
        super().__init__("a:b:Holder", name, props)
        self.register_outputs(props)


def previewed(program: Any) -> Recording:
    return deploy(program, preview=True)


def namespace() -> Any:
    return k8s.core.v1.Namespace("n", metadata={"name": "apps"})


def applied(output: Any, read: Callable[[Any], Any]) -> Any:
    return output.apply(read)


def test_a_resource_as_an_input_is_its_id_which_a_preview_does_not_know() -> None:
    def program() -> None:
        account: Any = k8s.core.v1.ServiceAccount("sa", metadata={"name": "sa", "namespace": namespace()})  # pyright: ignore[reportArgumentType]
        pod = k8s.core.v1.Pod("p", metadata={"name": "p"}, spec={"service_account_name": account, "containers": []})
        pulumi.export("read", [account.metadata.namespace, pod.spec.service_account_name])

    recording = previewed(program)
    assert recording.object("ServiceAccount")["metadata"]["namespace"] == COMPUTED
    assert recording.object("Pod")["spec"]["serviceAccountName"] == COMPUTED
    assert recording.outputs["read"] == [COMPUTED, COMPUTED]
    deployed = deploy(program)
    assert deployed.object("ServiceAccount")["metadata"]["namespace"] == "n", "where ids are known, it is one"
    assert deployed.outputs["read"] == ["n", "sa"]


def test_a_component_as_an_input_of_a_resource_is_its_urn() -> None:
    def program() -> None:
        holder: Any = Holder("h")
        k8s.core.v1.ConfigMap("c", metadata={"name": "c"}, data={"holder": holder})  # pyright: ignore[reportArgumentType]

    recording = previewed(program)
    urn = recording.one("Holder").urn
    assert recording.object("ConfigMap")["data"] == {"holder": urn}


def test_a_component_gets_resources_with_all_their_known_properties() -> None:
    def program() -> None:
        given = namespace()
        outer = Holder("outer", inner=Holder("inner", namespace=given), namespace=given)
        pulumi.export("urn", outer.urn)

    recording = previewed(program)
    assert recording.one("Holder", "outer").outputs == {
        "inner": recording.one("Holder", "inner").urn,
        "namespace": COMPUTED,
    }, "and nothing waits for ever"


def test_the_state_of_a_resource_can_be_asked_for_by_its_urn() -> None:
    found: dict[str, Any] = {}

    def program() -> None:
        async def ask() -> None:
            urn = await namespace().urn.future()
            same = k8s.core.v1.Namespace("n", opts=pulumi.ResourceOptions(urn=urn))
            found["name"] = await same.metadata.name.future()
            found["id"] = await same.id.is_known()

        pulumi.export("asked", asyncio.ensure_future(ask()))

    previewed(program)
    assert found == {"name": "apps", "id": False}


def test_an_unknown_urn_is_reported() -> None:
    monitor = Monitor(root=ROOT, preview=True, calls=lambda token, arguments: None)
    asked = resource_pb2.ResourceInvokeRequest(
        tok="pulumi:pulumi:getResource", args=encode({"urn": "urn:none"}).struct_value
    )
    answer: Any = monitor.Invoke(asked)
    assert [each.reason for each in answer.failures] == ["there is no resource urn:none"]


def test_everything_that_an_object_declares_is_known() -> None:
    def program() -> None:
        one = namespace()
        service: Any = k8s.core.v1.Service("s", metadata={"name": "s"}, spec={"ports": [{"port": 80}]})
        pulumi.export("name", applied(one.metadata, lambda metadata: metadata.name))
        pulumi.export("key", applied(one.metadata, lambda metadata: metadata["name"]))
        pulumi.export("labels", applied(one.metadata, lambda metadata: f"{metadata.labels}"))
        pulumi.export("port", applied(service.spec, lambda spec: spec.ports[0].port))
        pulumi.export("all", pulumi.Output.all(one.metadata.name, service.spec.ports[0].port))
        pulumi.export("text", applied(one.metadata, json.dumps))
        pulumi.export("metadata", one.metadata)

    assert previewed(program).outputs == {
        "name": "apps",
        "key": "apps",
        "labels": "None",
        "port": 80,
        "all": ["apps", 80],
        "text": '{"name": "apps"}',
        "metadata": {"name": "apps"},
    }, "as the engine answers without a cluster"


READS: dict[str, Callable[[Any], Any]] = {
    "a field": lambda metadata: metadata.uid,
    "in a text": lambda metadata: f"{metadata.name}-{metadata.uid}",
    "a key": lambda metadata: metadata["resource_version"],
    "a key with a default": lambda metadata: metadata.get("generation", 1),
    "or another": lambda metadata: metadata.creation_timestamp or "never",
}


@pytest.mark.parametrize("read", READS)
def test_reading_a_field_that_only_a_cluster_sets_gives_an_unknown(read: str) -> None:
    recording = previewed(lambda: pulumi.export("x", applied(namespace().metadata, READS[read])))
    assert recording.outputs == {"x": COMPUTED}


def test_custom_resources_behave_the_same_when_read_by_key() -> None:
    def program() -> None:
        widget: Any = k8s.apiextensions.CustomResource(
            "w", api_version="example.com/v1", kind="Widget", metadata={"name": "w"}, spec={"size": 1}
        )
        pulumi.export("x", [widget.metadata["name"], widget.metadata["uid"], widget.spec["size"]])
        pulumi.export("name", applied(widget.metadata, lambda metadata: metadata["name"]))
        pulumi.export("made", applied(widget.metadata, lambda metadata: f"{metadata['name']}-{metadata['uid']}"))
        pulumi.export("metadata", widget.metadata)

    assert previewed(program).outputs == {
        "x": ["w", COMPUTED, 1],
        "name": "w",
        "made": COMPUTED,
        "metadata": {"name": "w"},
    }


def test_any_other_missing_key_is_an_error_of_the_program() -> None:
    def program() -> None:
        pulumi.export("x", applied(pulumi.Output.from_input({"a": "b"}), lambda mine: mine["uid"]))

    with pytest.raises(KeyError, match="uid"):
        previewed(program)


def test_outside_of_a_preview_the_real_fields_are_read() -> None:
    assert deploy(lambda: pulumi.export("x", applied(namespace().metadata, lambda m: str(m.uid)))).outputs == {
        "x": "None"
    }


def test_only_what_the_program_states_is_known_of_a_read_resource() -> None:
    def program() -> None:
        service = k8s.core.v1.Service.get("existing", "shop/web")
        other = k8s.core.v1.ConfigMap.get("other", namespace().id)
        pulumi.export("x", [service.metadata.name, service.spec.type, service.id, other.data])

    recording = previewed(program)
    assert recording.outputs == {"x": [COMPUTED] * 4}
    assert recording.one(":Service").options["id"] == "shop/web"
    assert recording.one(":ConfigMap").options["id"] == COMPUTED
    assert [each["kind"] for each in recording.objects()] == ["Namespace"], "nothing that exists already is rendered"


def test_whether_a_resource_exists_is_unknown_offline() -> None:
    def program() -> None:
        exists = exists_resource(None, "kubernetes:core/v1:ConfigMap", "shop/c", {}, pulumi.ResourceOptions())
        pulumi.export("x", applied(exists, lambda found: "there" if found else "not there"))

    assert previewed(program).outputs == {"x": COMPUTED}
