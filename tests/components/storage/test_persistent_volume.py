"""A PersistentVolume stands for storage that is there already, and is left where it is."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import PersistentVolume, PersistentVolumeArgs
from slipway.testing import deploy, refusal


def volume(**own: Any) -> PersistentVolume:
    fields: dict[str, Any] = {"size": "1Gi", "source": {"nfs": {"server": "nfs", "path": "/export"}}, **own}
    return PersistentVolume("disk", PersistentVolumeArgs(**fields))


def spec(**own: Any) -> dict[str, Any]:
    return deploy(lambda: volume(**own)).object("PersistentVolume")["spec"]


def test_it_is_left_where_it_is_and_taken_by_claims_of_no_class():
    assert spec() == {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
        "nfs": {"server": "nfs", "path": "/export"},
    }


def test_a_disk_of_a_node_says_which_node():
    found = spec(source={"local": {"path": "/mnt"}}, nodes=["a", "b"])
    expression = {"key": "kubernetes.io/hostname", "operator": "In", "values": ["a", "b"]}
    assert found["nodeAffinity"] == {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}


def test_raw_fields_come_last():
    assert spec(spec={"mount_options": ["nfsvers=4.1"]})["mountOptions"] == ["nfsvers=4.1"]


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"source": {"local": {"path": "/mnt"}}}, "a local source is on the nodes that have it"),
        ({"source": {"nfs": {}, "csi": {}}}, "source has csi, nfs: give one of"),
        ({"access_modes": []}, "access_modes are empty"),
        ({"reclaim": "Recycle"}, "give 'Retain' or 'Delete'"),
    ],
)
def test_a_source_that_it_cannot_have_is_refused(own: dict[str, Any], words: str):
    assert words in refusal(lambda: volume(**own))
