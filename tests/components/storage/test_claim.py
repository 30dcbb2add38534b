"""A claim keeps what it holds: over its pods, over edits, and over its stack where it is told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from slipway import (
    Claim,
    ClaimArgs,
    Config,
    ConfigArgs,
    Namespace,
    NamespaceArgs,
    PersistentVolume,
    PersistentVolumeArgs,
)
from slipway.parts.edits import guard
from slipway.preview.phrases import detail, title
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import awaited, deployment


def claim(**own: Any) -> Claim:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "size": "1Gi", **own}
    return Claim("data", ClaimArgs(**fields))


def made(**own: Any) -> dict[str, Any]:
    return deploy(lambda: claim(**own)).object("PersistentVolumeClaim")


def volume(**own: Any) -> PersistentVolume:
    fields: dict[str, Any] = {"size": "1Gi", "source": {"host_path": {"path": "/srv/data"}}, **own}
    return PersistentVolume("disk", PersistentVolumeArgs(**fields))


def test_the_least_claim_is_of_the_clusters_default_class():
    assert made() == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": NAMESPACE, "annotations": {"pulumi.com/skipAwait": "true"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


def test_no_class_is_not_the_default_class():
    assert made(storage_class="")["spec"]["storageClassName"] == "", "None would be the cluster's default"


def test_raw_fields_come_last():
    source = {"kind": "VolumeSnapshot", "name": "before", "api_group": "snapshot.storage.k8s.io"}
    spec = made(spec={"data_source": source, "access_modes": ["ReadOnlyMany"]})["spec"]
    assert spec["dataSource"] == {"kind": "VolumeSnapshot", "name": "before", "apiGroup": "snapshot.storage.k8s.io"}
    assert spec["accessModes"] == ["ReadOnlyMany"]


def test_a_pod_mounts_it_and_is_made_after_it():
    def program():
        deployment(mounts={"/data": claim().volume(), "/backup": claim_of("other").volume(read_only=True)})

    def claim_of(name: str) -> Claim:
        return Claim(name, ClaimArgs(namespace=NAMESPACE, size="1Gi"))

    recording = deploy(program)
    pod = recording.object("Deployment")["spec"]["template"]["spec"]
    assert [one["persistentVolumeClaim"]["claimName"] for one in pod["volumes"]] == ["data", "other"]
    assert {one["mountPath"]: one.get("readOnly") for one in pod["containers"][0]["volumeMounts"]} == {
        "/data": None,
        "/backup": True,
    }
    waits = awaited(recording, "apps/v1:Deployment")
    assert "PersistentVolumeClaim data" in waits


def test_a_claim_takes_the_volume_that_it_is_given():
    spec = deploy(lambda: claim(volume=volume())).object("PersistentVolumeClaim")["spec"]
    assert (spec["volumeName"], spec["storageClassName"]) == ("disk", "")


@pytest.mark.parametrize(
    ("own", "disk", "words"),
    [
        ({"size": "2Gi"}, {}, "size of the claim '2Gi' is more than the 1Gi of PersistentVolume 'disk'"),
        ({"access_mode": "ReadWriteMany"}, {}, "PersistentVolume 'disk' is not ReadWriteMany: choose of ReadWriteOnce"),
        ({"storage_class": "fast"}, {}, "storage_class 'fast' is not the '' of PersistentVolume 'disk'"),
        ({"keep": True}, {}, "give PersistentVolume 'disk' keep=True as well"),
    ],
)
def test_a_volume_that_it_could_never_be_bound_to_is_refused(own: dict[str, Any], disk: dict[str, Any], words: str):
    assert words in refusal(lambda: claim(volume=volume(**disk), **own))


# What outlives the stack


def kept() -> None:
    namespace = Namespace("shop", NamespaceArgs(keep=True, quota={"pods": "5"}))
    claim(namespace=namespace, keep=True, volume=volume(keep=True))
    Config("app", ConfigArgs(namespace=namespace, values={"a": "b"}))


def test_what_is_kept_is_retained_and_taken_over_and_nothing_else_is():
    recording = deploy(kept)
    retained = {one.name: one.type for one in recording.registrations if one.options.get("retainOnDelete")}
    assert retained == {
        "shop": "kubernetes:core/v1:NamespacePatch",
        "data": "kubernetes:core/v1:PersistentVolumeClaimPatch",
        "disk": "kubernetes:core/v1:PersistentVolumePatch",
    }, "only a patch takes over what is there already"
    for name in retained:
        kind = {"shop": "Namespace", "data": "PersistentVolumeClaim", "disk": "PersistentVolume"}[name]
        annotations = recording.object(kind)["metadata"]["annotations"]
        assert annotations["slipway/keep"] == "true", "else `slipway down` would delete it"
        assert annotations["pulumi.com/patchForce"] == "true", "else the former deployment's fields are conflicts"


def test_what_is_in_a_kept_namespace_is_deleted_by_itself():
    recording = deploy(kept)
    assert recording.count("ResourceQuota") == 1
    assert not [one.urn for one in recording.registrations if one.options.get("deletedWith")], (
        "nobody would delete it: its namespace stays"
    )


def test_to_keep_it_from_now_on_makes_nothing_anew():
    for keep, other in ((False, "Patch"), (True, "")):
        recording = deploy(lambda keep=keep: claim(keep=keep))
        urn = recording.one("PersistentVolumeClaimPatch" if keep else "PersistentVolumeClaim").urn
        assert recording.aliases[urn] == [f"kubernetes:core/v1:PersistentVolumeClaim{other}"]


def test_a_claim_that_its_namespace_would_take_with_it_is_refused():
    told = refusal(lambda: claim(namespace=Namespace("shop"), keep=True))
    assert "keep=True keeps nothing in namespace 'shop'" in told
    assert "NamespaceArgs(keep=True)" in told
    deploy(lambda: claim(namespace="shop", keep=True))


def test_the_tree_says_what_outlives_the_stack():
    said = {title(one): detail(one) for one in deploy(kept).registrations}
    assert said["PersistentVolumeClaim", "data"] == "1Gi, no class, ReadWriteOnce, outlives the stack"
    assert said["Namespace", "shop"] == "enforces restricted, outlives the stack"
    assert "outlives" not in said["ResourceQuota", "shop"]


# Edits


@pytest.fixture
def edited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recording]:
    """A claim as the last deployment left it, and then with other args."""

    def edit(was: dict[str, Any], **own: Any) -> Recording:
        metadata = {"name": "data", "namespace": NAMESPACE}
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **was}
        one = {"type": "kubernetes:core/v1:PersistentVolumeClaim", "outputs": {"metadata": metadata, "spec": spec}}

        async def last() -> dict[str, Any]:
            return {"urn": one}

        monkeypatch.setattr(guard, "last_state", last)
        return deploy(lambda: claim(**own), preview=True)

    return edit


EDITS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"size": "512Mi"}, "claim 'data' has 1Gi and cannot shrink to 512Mi"),
    ({"storageClassName": "slow"}, {"storage_class": "fast"}, "has storageClassName 'slow' and cannot get 'fast'"),
    ({}, {"access_mode": "ReadWriteMany"}, "has accessModes ReadWriteOnce and cannot get ReadWriteMany"),
    ({"volumeName": "old"}, {"spec": {"volume_name": "new"}}, "has volumeName 'old' and cannot get 'new'"),
    (
        {"volumeName": "disk"},
        {"size": "2Gi", "spec": {"volume_name": "disk"}},
        "only what a StorageClass provisions grows",
    ),
]


@pytest.mark.parametrize(("was", "own", "words"), EDITS)
def test_an_edit_that_would_lose_its_data_is_refused(
    edited: Callable[..., Recording], was: dict[str, Any], own: dict[str, Any], words: str
):
    with pytest.raises(pulumi.RunError, match=words) as refused:
        edited(was, **own)
    assert "test_claim.py:" in str(refused.value), "and it says where"


@pytest.mark.parametrize(
    ("was", "own"),
    [
        ({"storageClassName": "standard", "volumeName": "pvc-1"}, {}),
        ({"storageClassName": "standard", "volumeName": "pvc-1"}, {"size": "2Gi"}),
        ({}, {"size": "1024Mi"}),
    ],
)
def test_an_edit_that_loses_nothing_is_made(edited: Callable[..., Recording], was: dict[str, Any], own: dict[str, Any]):
    assert edited(was, **own).object("PersistentVolumeClaim")


def test_no_claim_is_ever_deleted_to_be_made_anew():
    options = deploy(claim).one("PersistentVolumeClaim").options
    assert set(options["ignoreChanges"]) == {
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    }, "the provider replaces a claim for these"
