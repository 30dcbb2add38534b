"""Configuration and secrets: what a change of them does, and what they never show."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.output import UNKNOWN
from pulumi_kubernetes.core import v1 as core

from slipway import Config, ConfigArgs, Container, Deployment, Namespace, files_in
from slipway.configuration.config_object import ConfigObject
from slipway.configuration.contents import MOST_BYTES
from slipway.preview.model import Secret
from slipway.testing import Recording, Unknown, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import deployment_args

DIGEST = re.compile(r"web-([0-9a-f]{8})")
TOKEN = "t0ps3cret"


def config(name: str = "web", **own: Any) -> Config:
    fields: dict[str, Any] = {"namespace": NAMESPACE, **own}
    return Config(name, ConfigArgs(**fields))


def made(**own: Any) -> Recording:
    return deploy(lambda: config(**own))


def refused(**own: Any) -> str:
    return refusal(lambda: config(**own))


def name_of(recording: Recording, kind: str = "ConfigMap") -> str:
    return recording.object(kind)["metadata"]["name"]


def secret_name(value: Any = TOKEN, *, name: str = "web", stack: str = "test") -> str:
    return name_of(deploy(lambda: config(name, secrets={"TOKEN": value}), stack=stack), "Secret")


def checksums(
    values: dict[str, str], read: Callable[[Config], dict[str, Any]], *, rollout: str = "restart", secret: str = TOKEN
) -> dict[str, str]:
    """Of the pods that read a Config of these values as `read` says."""

    def program() -> None:
        given = config(values=values, secrets={"TOKEN": secret}, rollout=rollout)
        Deployment("web", deployment_args(**read(given)))

    return deploy(program).object("Deployment")["spec"]["template"]["metadata"].get("annotations", {})


def mounting(given: Config, **own: Any) -> dict[str, Any]:
    return {"mounts": {"/etc/web": given.values.volume(**own)}}


# versioned


def test_a_versioned_object_is_named_by_its_content_and_immutable() -> None:
    one = made(values={"a": "1"}, secrets={"B": "2"})
    for kind in ("ConfigMap", "Secret"):
        assert DIGEST.fullmatch(name_of(one, kind)), f"{kind}: what is typed, and eight digits"
        assert one.object(kind)["immutable"] is True, "what is named by its content must not change under its name"


def test_any_other_content_is_another_name() -> None:
    contents: list[dict[str, Any]] = [{"a": "1"}, {"a": "2"}, {"b": "1"}, {"a1": ""}, {"a": b"\xff"}, {"a": "/w=="}]
    names = [name_of(made(values=content)) for content in (*contents, {"a": "1", "b": ""})]
    assert len(set(names)) == len(names), "a change would not reach the pods"


def test_the_same_content_is_the_same_name_however_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("2")
    ways: list[Callable[[], dict[str, Any]]] = [
        lambda: {"a": "1", "b": "2"},
        lambda: {"b": b"2", "a": "1"},
        lambda: {"a": pulumi.Output.from_input("1"), "b": tmp_path / "b"},
        lambda: {"a": asyncio.sleep(0, "1"), "b": pulumi.Output.unsecret(pulumi.Output.secret("2"))},
    ]
    names = {name_of(deploy(lambda way=way: config(values=way()))) for way in ways}
    assert len(names) == 1, "pods would roll for nothing"


def test_a_name_that_is_known_is_a_plain_string() -> None:
    names: list[Any] = []
    deploy(lambda: names.append(config(values={"a": "1"}).values.name))
    assert isinstance(names[0], str), "an output would make what is named by it wait"


def test_what_is_not_known_before_a_deployment_leaves_the_name_unknown() -> None:
    def program() -> None:
        config(values={"uid": Namespace("other").resource.metadata["uid"], "a": "1"})

    recording = deploy(program, preview=True)
    assert isinstance(name_of(recording), Unknown), "a wrong name is worse than none"
    data = recording.object("ConfigMap")["data"]
    assert isinstance(data["uid"], Unknown)
    assert data["a"] == "1", "and what is known is shown"


# labels


@pytest.mark.parametrize("rollout", ["versioned", "restart", "live"])
def test_labels_are_on_both_objects_and_change_nothing_else(rollout: str) -> None:
    def program(labels: dict[str, str]) -> None:
        given = config(values={"a": "1"}, secrets={"B": "2"}, rollout=rollout, labels=labels)
        Deployment("web", deployment_args(mounts={"/c": given.values.volume(), "/s": given.secrets.volume()}))

    plain, labelled = deploy(lambda: program({})), deploy(lambda: program({"team": "shop"}))
    for kind in ("ConfigMap", "Secret"):
        metadata = labelled.object(kind)["metadata"]
        assert metadata.pop("labels") == {"team": "shop"}
        assert metadata == plain.object(kind)["metadata"], "labels are no content: a new name would roll the pods"
    assert labelled.object("Deployment") == plain.object("Deployment"), "and so would a new checksum"


def test_labels_may_tell_whose_it_is() -> None:
    who = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"}
    assert made(values={"a": "1"}, labels=who).object("ConfigMap")["metadata"]["labels"] == who, (
        "nothing here sets them, and a WebService is made of parts that anyone can put together"
    )


# secrets


@pytest.mark.costly
def test_a_secrets_digest_is_not_a_quick_one() -> None:
    found = DIGEST.fullmatch(secret_name())
    assert found
    content = f'[["TOKEN", "{base64.b64encode(TOKEN.encode()).decode()}"]]'
    quick = {hashlib.sha256(text.encode()).hexdigest()[:8] for text in (TOKEN, content)}
    assert found[1] not in quick, "who sees the name could try a million tokens a second"
    known = hashlib.scrypt(content.encode(), salt=b"slipway/test/web", n=2**15, r=8, p=1, maxmem=2**26, dklen=4).hex()
    assert found[1] == known, "another cost or salt renames every Secret: its readers roll, so say so in the changelog"


def test_a_secrets_digest_is_of_no_use_for_another_stack_or_object() -> None:
    elsewhere = [secret_name(stack="prod"), secret_name(name="api").replace("api", "web"), secret_name("other")]
    names = [secret_name(), *elsewhere]
    assert len(set(names)) == 4, "the same token in two places must not look the same"
    assert secret_name() == names[0], "and it is the same in every run"


def test_a_secrets_digest_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[bytes] = []

    def counting(content: bytes, **cost: Any) -> bytes:
        counted.append(content)
        return b"\0" * 4

    monkeypatch.setattr(hashlib, "scrypt", counting)

    def program() -> None:
        given = config(secrets={"TOKEN": TOKEN}, rollout="restart")
        for name in ("one", "two"):
            Deployment(name, deployment_args(environment=given.secrets.environment()))

    deploy(program)
    assert len(counted) == 1, "it takes a tenth of a second by design: once a set of keys, however many read it"


@pytest.mark.parametrize("given", [str, str.encode, pulumi.Output.from_input, pulumi.Output.secret])
def test_a_secrets_values_are_secret_from_the_start_and_its_name_never(given: Callable[[str], Any]) -> None:
    recording = deploy(lambda: config(secrets={"TOKEN": given(TOKEN), "n": "1"}))
    inputs = recording.one("core/v1:Secret").inputs
    encoded = base64.b64encode(TOKEN.encode()).decode()
    assert isinstance(inputs["data"], Secret), "in the state it has to be encrypted"
    assert recording.object("Secret")["data"] == {"TOKEN": encoded, "n": base64.b64encode(b"1").decode()}
    assert isinstance(inputs["metadata"]["name"], str), "a secret name would hide which object is meant"
    assert TOKEN not in str(inputs), "and nothing else holds it"


def test_a_secrets_values_are_secret_before_the_provider_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # The SDK's Secret hides its data by itself; a ConfigMap in its place shows what it was given.
    def shown(name: str, *, type: str | None, **own: Any) -> core.ConfigMap:
        return core.ConfigMap(name, **own)

    monkeypatch.setattr(core, "Secret", shown)
    data = deploy(lambda: config(secrets={"TOKEN": TOKEN})).one("core/v1:ConfigMap").inputs["data"]
    assert data == {"TOKEN": Secret(base64.b64encode(TOKEN.encode()).decode())}


def test_the_component_tells_what_its_objects_are_called() -> None:
    recording = made(values={"a": "1"}, secrets={"B": "2"})
    values, secret = name_of(recording), name_of(recording, "Secret")
    versions = {"ConfigMap": [values], "Secret": [secret]}
    told = {"configMap": values, "secret": secret, "versions": versions}
    assert recording.one("slipway:index:Config").outputs == told


def test_a_secret_never_becomes_part_of_the_workload() -> None:
    def program() -> None:
        environment = config(secrets={"TOKEN": TOKEN}).secrets.environment()
        Deployment("web", deployment_args(environment=environment))

    recording = deploy(program)
    (variable,) = recording.object("Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    named = {"name": name_of(recording, "Secret"), "key": "TOKEN"}
    assert variable == {"name": "TOKEN", "valueFrom": {"secretKeyRef": named}}
    assert "Secret(" not in repr(recording.one("apps/v1:Deployment").inputs), "one secret would mask the whole diff"


@pytest.mark.parametrize("rollout", ["versioned", "restart", "live"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("preview", [True, False])
def test_a_secret_among_the_values_is_refused(rollout: str, known: bool, preview: bool) -> None:
    def program() -> None:
        secret = pulumi.Output.secret(TOKEN if known else UNKNOWN)
        config(values={"a": "1", "b": secret.apply(lambda token: f"token={token}")}, rollout=rollout)

    told = (
        "config 'web' key 'b' is secret and would be kept in clear: put it into the secrets of a Config or WebService, "
    )
    with pytest.raises(pulumi.RunError, match=re.escape(told)) as refused:
        deploy(program, preview=preview)
    assert TOKEN not in str(refused.value)


# restart and live


@pytest.mark.parametrize("rollout", ["restart", "live"])
def test_a_fixed_name_is_exactly_as_given_and_can_be_updated(rollout: str) -> None:
    recording = made(values={"a": "1"}, secrets={"B": "2"}, rollout=rollout)
    for kind in ("ConfigMap", "Secret"):
        assert name_of(recording, kind) == "web"
        assert "immutable" not in recording.object(kind), "it is updated in place"


def test_a_restart_rolls_the_readers_of_what_changed() -> None:
    before = checksums({"a": "1"}, mounting)
    assert list(before) == ["configmap.checksum/web"], "what is not read is not watched"
    assert re.fullmatch("[0-9a-f]{8}", before["configmap.checksum/web"])
    assert checksums({"a": "2"}, mounting) != before
    assert checksums({"a": "1"}, mounting, secret="other") == before, "a secret that it does not read"


def test_a_restart_rolls_nobody_who_does_not_read() -> None:
    assert checksums({"a": "1"}, lambda _: {}) == {}


def test_only_the_keys_that_are_read_count() -> None:
    def some(given: Config) -> dict[str, Any]:
        return mounting(given, keys=["a"])

    def variable(given: Config) -> dict[str, Any]:
        return {"environment": given.values.environment(keys=["a"])}

    for read in (some, variable):
        assert checksums({"a": "1", "b": "1"}, read) == checksums({"a": "1", "b": "2"}, read), "b is read by nobody"
        assert checksums({"a": "1", "b": "1"}, read) != checksums({"a": "2", "b": "1"}, read)


def test_a_secret_that_is_read_rolls_its_readers_by_a_digest_of_its_own() -> None:
    def read(given: Config) -> dict[str, Any]:
        return {"environment": given.secrets.environment(), **mounting(given)}

    before, after = checksums({"a": "1"}, read), checksums({"a": "1"}, read, secret="other")
    assert before.keys() == {"configmap.checksum/web", "secret.checksum/web"}
    assert {key for key in before if before[key] != after[key]} == {"secret.checksum/web"}
    mounted = checksums({"a": "1"}, lambda given: {"mounts": {"/run/web": given.secrets.volume()}})
    assert mounted == {"secret.checksum/web": before["secret.checksum/web"]}, "mounted or not, it is the same content"


def test_what_is_read_in_several_places_counts_as_a_whole() -> None:
    def read(given: Config) -> dict[str, Any]:
        return {**mounting(given, keys=["a"]), "environment": given.values.environment(keys=["b"])}

    before = checksums({"a": "1", "b": "1", "c": "1"}, read)
    assert checksums({"a": "2", "b": "1", "c": "1"}, read) != before
    assert checksums({"a": "1", "b": "2", "c": "1"}, read) != before
    assert checksums({"a": "1", "b": "1", "c": "2"}, read) == before


@pytest.mark.parametrize("rollout", ["live", "versioned"])
def test_without_a_restart_the_pods_are_not_annotated(rollout: str) -> None:
    assert checksums({"a": "1"}, mounting, rollout=rollout) == {}, "the name says it, or nobody is to know"


def test_what_is_live_cannot_become_variables() -> None:
    def program() -> None:
        config(values={"a": "1"}, rollout="live").values.environment()

    assert refusal(program).startswith("rollout 'live' cannot feed environment variables")


# readers


def test_readers_can_take_some_of_the_keys() -> None:
    def program() -> None:
        given = config(values={"a": "1", "b": "2", "c": "3"}, secrets={"C": "3", "D": "4"}, rollout="restart")
        mounts = {"/all": given.values.volume(), "/some": given.values.volume(keys=["b", "a"])}
        mounts["/c"] = given.secrets.volume(keys=["C"])
        environment = {
            **given.values.environment(keys=["b", "a"], prefix="APP_"),
            **given.secrets.environment(keys=["D"]),
        }
        Deployment("web", deployment_args(mounts=mounts, environment=environment))

    recording = deploy(program)
    pod = recording.object("Deployment")["spec"]["template"]["spec"]
    values, secrets = name_of(recording), name_of(recording, "Secret")
    assert pod["volumes"] == [
        {"name": "all", "configMap": {"name": values}},
        {"name": "some", "configMap": {"name": values, "items": [{"key": key, "path": key} for key in "ab"]}},
        {"name": "c", "secret": {"secretName": secrets, "items": [{"key": "C", "path": "C"}]}},
    ]
    assert all(mount["readOnly"] for mount in pod["containers"][0]["volumeMounts"])
    assert pod["containers"][0]["env"] == [
        {"name": "APP_a", "valueFrom": {"configMapKeyRef": {"name": values, "key": "a"}}},
        {"name": "APP_b", "valueFrom": {"configMapKeyRef": {"name": values, "key": "b"}}},
        {"name": "D", "valueFrom": {"secretKeyRef": {"name": secrets, "key": "D"}}},
    ]


READS: list[Callable[[Config], dict[str, Any]]] = [
    lambda given: {"mounts": {"/c": given.values.volume()}},
    lambda given: {"environment": given.values.environment()},
    lambda given: {"sidecars": {"tail": Container(image=IMAGE, mounts={"/c": given.values.volume()})}},
    lambda given: {"init_containers": {"one": Container(image=IMAGE, environment=given.values.environment())}},
]
NAMESPACES: dict[str, Callable[[str], Any]] = {"named": str, "ours": Namespace}


def read_from(there: Any, here: Any, read: Callable[[Config], dict[str, Any]] = READS[0]) -> None:
    given = config(values={"a": "1"}, secrets={"B": "2"}, namespace=there)
    Deployment("web", deployment_args(namespace=here, **read(given)))


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("there", NAMESPACES)
@pytest.mark.parametrize("here", NAMESPACES)
def test_what_is_in_another_namespace_cannot_be_read(
    here: str, there: str, read: Callable[[Config], dict[str, Any]]
) -> None:
    told = refusal(lambda: read_from(NAMESPACES[there]("billing"), NAMESPACES[here]("shop"), read))
    assert told == (
        "ConfigMap 'web' is in namespace 'billing' and the pods that read it are in 'shop', which cannot see it: make "
        "a Config in 'shop'"
    )


def test_a_secret_in_another_namespace_cannot_be_read_either() -> None:
    told = refusal(lambda: read_from("billing", "shop", lambda given: {"mounts": {"/s": given.secrets.volume()}}))
    assert told.startswith("Secret 'web' is in namespace 'billing' and the pods that read it are in 'shop'")


@pytest.mark.parametrize("there", NAMESPACES)
@pytest.mark.parametrize("here", NAMESPACES)
def test_it_does_not_matter_how_its_namespace_is_given(here: str, there: str) -> None:
    def program() -> None:
        given = {way: NAMESPACES[way]("shop") for way in {here, there}}
        read_from(given[there], given[here])

    assert deploy(program).count("apps/v1:Deployment") == 1


@pytest.mark.parametrize(("there", "here"), [(pulumi.Output.from_input, str), (str, pulumi.Output.from_input)])
def test_a_namespace_that_only_a_deployment_tells_is_not_judged(
    there: Callable[[str], Any], here: Callable[[str], Any]
) -> None:
    assert deploy(lambda: read_from(there("billing"), here("shop"))).count("apps/v1:Deployment") == 1


def test_a_key_that_is_not_there_is_refused_with_those_that_are() -> None:
    def values() -> ConfigObject:
        return config(values={"a": "1", "b": "2"}).values

    told = "ConfigMap has no key 'z': it holds a, b"
    assert refusal(lambda: values().volume(keys=["z"])) == told
    assert refusal(lambda: values().environment(keys=["a", "z"])) == told


def test_what_was_not_given_cannot_be_read() -> None:
    assert refusal(lambda: config(values={"a": "1"}).secrets).startswith("this Config has no secrets")
    assert refusal(lambda: config(secrets={"a": "1"}).values).startswith("this Config has no values")


def test_only_what_is_given_is_made() -> None:
    assert [one.kind for one in made(values={"a": "1"}).manifests()] == ["ConfigMap"]
    assert [one.kind for one in made(secrets={"a": "1"}).manifests()] == ["Secret"]


# contents


def test_files_are_read_and_what_is_not_text_becomes_binary_data(tmp_path: Path) -> None:
    (tmp_path / "app.toml").write_text("a = 1\n")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\xff")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner").write_text("x")
    found = made(values={**files_in(tmp_path), "inline": b"text"}).object("ConfigMap")
    assert found["data"] == {"app.toml": "a = 1\n", "folder.inner": "x", "inline": "text"}
    assert found["binaryData"] == {"logo.png": base64.b64encode(b"\x89PNG\xff").decode()}


def test_text_alone_has_no_binary_data_and_binary_data_no_text() -> None:
    assert "binaryData" not in made(values={"a": "1"}).object("ConfigMap")
    assert "data" not in made(values={"a": b"\xff"}).object("ConfigMap")


def test_a_secret_carries_bytes_as_they_are() -> None:
    found = made(secrets={"key": b"\x00\xff"}).object("Secret")
    assert base64.b64decode(found["data"]["key"]) == b"\x00\xff"


def test_files_keep_the_folders_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).touch()
    assert files_in(str(tmp_path)) == {"a": tmp_path / "a", "b": tmp_path / "b"}
    assert list(files_in(tmp_path)) == ["a", "b"], "in an order that does not depend on the file system"


def test_a_reader_of_some_keys_of_what_is_versioned_follows_these_alone() -> None:
    def pod(**own: Any) -> dict[str, Any]:
        def reading() -> None:
            values = {"a": own.get("a", "1"), "b": own.get("b", "1")}
            secrets = {"A": own.get("A", "1"), "B": own.get("B", "1")}
            given = config(values=values, secrets=secrets)
            read = {"environment": given.secrets.environment(keys=["A"]), **mounting(given, keys=["a"])}
            Deployment("web", deployment_args(**read))

        return deploy(reading).object("Deployment")["spec"]["template"]

    assert pod(b="2") == pod() == pod(B="2"), "it rolls for what it does not read"
    assert pod(a="2") != pod()
    assert pod(A="2") != pod()


def test_some_keys_are_an_object_of_their_own_once() -> None:
    def program() -> None:
        given = config(values={"a": "1", "b": "2", "c": "3"})
        given.values.volume(keys=["a", "b"])
        given.values.environment(keys=["b", "a"])
        given.values.volume(keys=["a", "b", "c"])

    recording = deploy(program)
    held = sorted(sorted(one["data"]) for one in recording.objects())
    assert held == [["a", "b"], ["a", "b", "c"]], "all of them are the object itself"
    (part,) = [one for one in recording.registrations if one.type.endswith("ConfigPart")]
    name = next(one["metadata"]["name"] for one in recording.objects() if len(one["data"]) == 2)
    assert part.outputs == {"name": name, "versions": {"ConfigMap": [name]}}, "its former versions are found by these"


def test_a_folder_in_depth_is_the_same_tree_where_it_is_mounted(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "app.toml").write_text("a = 1")
    (tmp_path / "main").write_text("m")

    def program() -> None:
        Deployment("web", deployment_args(**mounting(config(values=files_in(tmp_path), rollout="restart"))))

    recording = deploy(program)
    assert recording.object("ConfigMap")["data"] == {"conf.d.app.toml": "a = 1", "main": "m"}
    (volume,) = recording.object("Deployment")["spec"]["template"]["spec"]["volumes"]
    assert volume["configMap"]["items"] == [
        {"key": "conf.d.app.toml", "path": "conf.d/app.toml"},
        {"key": "main", "path": "main"},
    ]


def test_hidden_files_are_left_out_unless_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in (".git/config", ".app.swp"):
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match="has no files but hidden ones, which hidden=True takes"):
        files_in(tmp_path)
    (tmp_path / "app").touch()
    assert list(files_in(tmp_path)) == ["app"]
    assert list(files_in(tmp_path, hidden=True)) == [".app.swp", ".git/config", "app"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"a/b": "1", "a.b": "2"}, "config keys 'a/b' and 'a.b' would both be 'a.b': rename one"),
        ({"/etc/a": "1"}, "config key '/etc/a' is no relative path"),
        ({"a/../b": "1"}, "config key 'a/../b' is no relative path"),
    ],
)
def test_a_path_that_cannot_be_a_file_of_the_object_is_refused(values: dict[str, str], words: str) -> None:
    assert words in refused(values=values)


def test_a_file_in_a_folder_is_no_variable() -> None:
    def program() -> None:
        config(values={"a/b": "1"}).values.environment()

    assert "'a/b' would be a variable that no shell can read" in refusal(program)


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_files_is_refused_by_name(folder: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=f"{folder}' has no files: name a folder that holds some"):
        files_in(tmp_path / folder)


def test_as_much_as_kubernetes_takes_is_taken_and_no_more() -> None:
    assert made(values={"a": "x" * (MOST_BYTES - 1), "b": b"\xff"}).count(":ConfigMap") == 1
    assert refused(values={"a": "x" * (MOST_BYTES - 1), "b": "é"}).startswith(
        "config 'web' exceeds 1,048,576 bytes at key 'b'"
    ), "bytes count, not letters"
    told = refused(secrets={"big": b"\xff" * (MOST_BYTES + 1)})
    assert told.startswith("secret 'web' exceeds 1,048,576 bytes at key 'big'")
    both = {"values": {"a": "x" * MOST_BYTES}, "secrets": {"b": "x" * MOST_BYTES}}
    assert made(**both).count("core/v1:Secret") == 1, "each object has its own room"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "a Config needs something to hold"),
        ({"values": {"a b": "1"}}, "config key 'a b' is not valid"),
        ({"secrets": {"..a": "1"}}, "secret key '..a' is not valid"),
        ({"values": {"a": Path("no/such.toml")}}, "config 'web' key 'a': cannot read 'no/such.toml' (No such file"),
        ({"secrets": {"a": Path("tests")}}, "secret 'web' key 'a': cannot read 'tests' (Is a directory)"),
        ({"name": "Web", "values": {"a": "1"}}, "config 'Web' is not a valid name"),
        ({"name": "w" * 55, "values": {"a": "1"}}, f"config '{'w' * 55}' is not a valid name: use at most 54"),
    ],
)
def test_what_kubernetes_would_refuse_is_refused_by_name(fields: dict[str, Any], told: str) -> None:
    assert refused(**fields).startswith(told)


def test_a_fixed_name_may_be_longer_as_nothing_is_added_to_it() -> None:
    assert made(name="w" * 54, values={"a": "1"}).count(":ConfigMap") == 1
    assert made(name="w" * 63, values={"a": "1"}, rollout="live").count(":ConfigMap") == 1
