"""Storage: how much, of which class, and what becomes of it in the end."""

from __future__ import annotations

from typing import Any

from slipway.preview.phrases.values import at, joined, mapping, words


def _claim(inputs: dict[str, Any]) -> str:
    """https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1"""
    name = at(inputs, "spec", "storageClassName")
    storage_class = "the default class" if name is None else f"class {name}" if name else "no class"
    amount = at(inputs, "spec", "resources", "requests", "storage")
    return joined(str(amount or ""), storage_class, words(inputs, "spec", "accessModes"))


def _volume(inputs: dict[str, Any]) -> str:
    spec = at(inputs, "spec")
    name, kept = at(spec, "storageClassName"), at(spec, "persistentVolumeReclaimPolicy")
    return joined(
        str(at(spec, "capacity", "storage") or ""),
        f"class {name}" if name else "",
        words(spec, "accessModes"),
        # A volume that was made by hand is kept unless it says otherwise.
        str(kept or "Retain"),
    )


def _class(inputs: dict[str, Any]) -> str:
    """https://kubernetes.io/docs/concepts/storage/storage-classes/"""
    grows, default = inputs.get("allowVolumeExpansion"), "storageclass.kubernetes.io/is-default-class"
    return joined(
        str(inputs.get("provisioner") or ""),
        str(inputs.get("reclaimPolicy") or "Delete"),
        str(inputs.get("volumeBindingMode") or "Immediate"),
        "" if not grows else "can grow" if grows is True else f"can grow: {grows}",
        "the default" if mapping(inputs, "metadata", "annotations").get(default) == "true" else "",
    )


PHRASES = {
    "kubernetes:core:PersistentVolume": _volume,
    "kubernetes:core:PersistentVolumeClaim": _claim,
    "kubernetes:storage.k8s.io:StorageClass": _class,
}
