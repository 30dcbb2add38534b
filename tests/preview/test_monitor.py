"""The monitor keeps every registration in full, and answers as the engine would in a preview."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi.runtime.proto import engine_pb2

from slipway.preview.model import COMPUTED, Diagnostic, Registration, Secret, Severity
from slipway.preview.monitor import Engine, Monitor
from slipway.testing import Recording, attempt, deploy

HERE = str(Path(__file__).relative_to(Path(__file__).parent.parent.parent))


class Outer(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("a:b:Outer", name, None, opts)


class Inner(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, outputs: Any = None) -> None:
        super().__init__("a:b:Inner", name, None, opts)
        if outputs is not None:
            self.register_outputs(outputs)


def under(parent: pulumi.Resource, **options: Any) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=parent, **options)


def config_map(name: str = "c", opts: pulumi.ResourceOptions | None = None, **named: Any) -> k8s.core.v1.ConfigMap:
    return k8s.core.v1.ConfigMap(name, metadata={"name": name, "namespace": "shop"}, opts=opts, **named)


def previewed(program: Any) -> Recording:
    recording, error = attempt(program, preview=True)
    assert error is None
    return recording


def test_a_urn_holds_the_types_of_all_ancestors_below_the_stack() -> None:
    def program() -> None:
        inner = Inner("i", under(Outer("o")))
        config_map("deep", under(inner))
        config_map("flat")

    recording = previewed(program)
    assert recording.one("ConfigMap", "deep").urn == (
        "urn:pulumi:test::slipway::a:b:Outer$a:b:Inner$kubernetes:core/v1:ConfigMap::deep"
    ), "as the engine has it, not the parent's type alone"
    assert recording.one("ConfigMap", "flat").urn == "urn:pulumi:test::slipway::kubernetes:core/v1:ConfigMap::flat"
    assert recording.one("ConfigMap", "deep").parent == recording.one("Inner").urn
    assert recording.one("Outer").parent == recording.one("pulumi:Stack").urn


def test_given_options_are_kept() -> None:
    def program() -> None:
        first = config_map("first")
        provider = k8s.Provider("p", namespace="n")
        options: dict[str, Any] = {
            "depends_on": [first],
            "deleted_with": first,
            "provider": provider,
            "protect": True,
            "retain_on_delete": True,
            "ignore_changes": ["data"],
            "replace_on_changes": ["metadata"],
            "delete_before_replace": True,
            "version": "4.0.0",
            "import_": "shop/c",
        }
        config_map("all", pulumi.ResourceOptions(**options))
        config_map("none")

    recording = previewed(program)
    given = recording.one("ConfigMap", "all").options
    first = recording.one("ConfigMap", "first").urn
    assert given.pop("provider").startswith(recording.one("providers:kubernetes").urn)
    assert given == {
        "dependencies": [first],
        "deletedWith": first,
        "protect": True,
        "retainOnDelete": True,
        "ignoreChanges": ["data"],
        "replaceOnChanges": ["metadata"],
        "deleteBeforeReplace": True,
        "version": "4.0.0",
        "importId": "shop/c",
    }
    assert set(recording.one("ConfigMap", "none").options) <= {"version"}, "options that were not given are absent"


def test_the_outputs_of_a_component_are_kept_and_their_absence_too() -> None:
    def program() -> None:
        Inner("empty", outputs={})
        Inner("full", outputs={"token": pulumi.Output.secret("x"), "n": 1})
        Inner("none")

    recording = previewed(program)
    assert recording.one("Inner", "full").outputs == {"token": Secret("x"), "n": 1}
    assert recording.one("Inner", "empty").outputs == {}, "registered, and nothing in it"
    assert recording.one("Inner", "none").outputs is None, "never registered"


def test_server_set_fields_are_unknown_in_a_preview_and_absent_in_a_test() -> None:
    def program() -> None:
        one = config_map()
        service = k8s.core.v1.Service("s", metadata={"name": "s"}, spec={"ports": [{"port": 80}]})
        fixed = k8s.core.v1.Service("f", metadata={"name": "f"}, spec={"cluster_ip": "None"})
        claim = k8s.core.v1.PersistentVolumeClaim("v", metadata={"name": "v"}, spec={})
        metadata = one.metadata
        for field in ("uid", "resource_version", "creation_timestamp", "generation", "name"):
            pulumi.export(field, metadata[field])
        pulumi.export("ips", [service.spec.cluster_ip, service.spec.cluster_ips, fixed.spec.cluster_ip])
        pulumi.export("volume", claim.spec.volume_name)
        pulumi.export("id", one.id)

    outputs = previewed(program).outputs
    assert outputs == {
        **dict.fromkeys(("uid", "resource_version", "creation_timestamp", "generation", "volume", "id"), COMPUTED),
        "name": "c",
        "ips": [COMPUTED, COMPUTED, "None"],
    }, "what the program gives is known, what only the server can give is not"
    tested = deploy(lambda: pulumi.export("uid", config_map().metadata.uid))
    assert tested.outputs == {}, "in a test nothing is made up"
    assert deploy(lambda: pulumi.export("id", config_map().id)).outputs["id"] == "c", "in a test an id can be followed"


def test_server_set_fields_are_not_sent() -> None:
    def program() -> None:
        k8s.core.v1.Service("s", metadata={"name": "s"}, spec={"ports": [{"port": 80}]})

    inputs = previewed(program).one("Service").inputs
    assert inputs["metadata"] == {"name": "s", "namespace": "default"}, "with what its provider adds"
    assert inputs["spec"] == {"ports": [{"port": 80}]}


def test_an_object_without_a_name_gets_one_that_differs_by_urn_and_not_by_run() -> None:
    def program() -> None:
        k8s.core.v1.ConfigMap("c")
        k8s.core.v1.ConfigMap("c", opts=under(Outer("o")))
        k8s.core.v1.ConfigMap("g", metadata={"generate_name": "g-"})

    names = [one.inputs["metadata"] for one in previewed(program).registrations if one.type.endswith("ConfigMap")]
    again = [one.inputs["metadata"] for one in previewed(program).registrations if one.type.endswith("ConfigMap")]
    found = sorted(metadata.get("name", "") for metadata in names)
    assert found[0] == "", "the server names this one"
    assert len(set(found)) == 3, "two resources get two names"
    assert all(len(name) == len("c-12345678") and name.startswith("c-") for name in found[1:]), found
    assert sorted(metadata.get("name", "") for metadata in again) == found


def test_a_resource_of_another_package_is_kept_as_it_is() -> None:
    class Bucket(pulumi.CustomResource):
        def __init__(self, name: str) -> None:
            super().__init__("aws:s3:Bucket", name, {"kind": "x", "metadata": {"a": 1}})

    recording = previewed(lambda: Bucket("b"))
    assert recording.one("Bucket").inputs == {"kind": "x", "metadata": {"a": 1}}, "no name is made up for it"


def test_a_resource_that_is_only_read_is_kept_as_read() -> None:
    def program() -> None:
        k8s.core.v1.ConfigMap.get("existing", "kube-system/c", under(Outer("o")))

    one = previewed(program).one("ConfigMap")
    assert (one.read, one.custom) == (True, True)
    assert one.urn.endswith("a:b:Outer$kubernetes:core/v1:ConfigMap::existing")


def test_a_source_is_the_innermost_line_of_the_projects_own_code() -> None:
    def program() -> None:
        config_map("direct")
        Inner("i", outputs={})

    recording = previewed(program)
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    for one, line in (
        (recording.one("ConfigMap"), "return k8s.core.v1.ConfigMap("),
        (recording.one("Inner"), 'Inner("i", o'),
    ):
        file, _, number = (one.source or "").partition(":")
        assert file == HERE, f"{one.name} is made in {one.source}"
        assert line in lines[int(number) - 1], f"{one.name}: {lines[int(number) - 1]}"


def test_a_kubernetes_secret_keeps_its_keys_when_a_value_is_unknown() -> None:
    def program() -> None:
        unknown = config_map().metadata.uid
        k8s.core.v1.Secret("s", metadata={"name": "s"}, string_data={"known": "x", "token": unknown})

    monitor = Monitor(root=Path("/"), preview=True, calls=lambda token, arguments: {})
    monitor.secret_keys["s", "stringData"] = ["known", "token"]
    assert monitor._unread("s", {"stringData": Secret(COMPUTED)}) == {  # pyright: ignore[reportPrivateUsage]
        "stringData": {"known": Secret(COMPUTED), "token": Secret(COMPUTED)}
    }
    assert monitor._unread("s", {"stringData": Secret({"known": "x"})}) == {}, "what is known stays"  # pyright: ignore[reportPrivateUsage]
    assert monitor._unread("other", {"stringData": Secret(COMPUTED)}) == {}  # pyright: ignore[reportPrivateUsage]
    assert previewed(program).one(":Secret").inputs["stringData"] == Secret(COMPUTED), "as the SDK sends it"


def test_calls_are_answered_by_whoever_runs_the_program() -> None:
    def program() -> None:
        pulumi.runtime.invoke("a:b:get", {"n": 1})

    with pytest.raises(AssertionError, match=r"calls a:b:get, which no test answers: \{'n': 1\}"):
        deploy(program)


@pytest.mark.parametrize(
    ("severity", "kept"),
    [
        (engine_pb2.INFO, Severity.INFO),
        (engine_pb2.WARNING, Severity.WARNING),
        (engine_pb2.ERROR, Severity.ERROR),
        (engine_pb2.DEBUG, None),
    ],
)
def test_the_log_is_kept_by_severity_without_debug_messages(severity: Any, kept: Severity | None) -> None:
    engine = Engine()
    engine.Log(engine_pb2.LogRequest(severity=severity, message="a word\n"))
    assert engine.diagnostics == ([Diagnostic(severity=kept, message="a word")] if kept else [])


def test_all_registrations_are_kept_when_many_arrive_at_once() -> None:
    def program() -> None:
        for number in range(200):
            config_map(f"c{number}")

    registrations: list[Registration] = previewed(program).registrations
    assert {one.name for one in registrations if one.type.endswith("ConfigMap")} == {f"c{n}" for n in range(200)}
