"""Refuses edits of claims that the API server would refuse in the middle."""

from __future__ import annotations

from collections.abc import Iterable

from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.preview.model import Manifest
from slipway.storage.edits import edit_refused


def check_claims(kubectl: Kubectl, manifests: Iterable[Manifest]) -> None:
    """Raises DeployError for a claim that cannot become what is declared."""
    declared = [one for one in manifests if one.kind == "PersistentVolumeClaim"]
    there = {
        (found["metadata"]["namespace"], found["metadata"]["name"]): found["spec"]
        for namespace in sorted({one.namespace or "" for one in declared})
        for found in kubectl.get("persistentvolumeclaims", "--namespace", namespace)
    }
    for one in declared:
        was = there.get((one.namespace, one.name), {})
        if refused := edit_refused(one.name, was, one.body["spec"]):
            raise DeployError(f"{one.source}: {refused}" if one.source else refused)
