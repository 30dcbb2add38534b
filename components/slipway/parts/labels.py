"""Labels that name the application of an object, and labels that select the pods of one workload.

A change of the selector replaces the workload. So the selector holds only the name and the kind of the workload, which
identify it in its namespace, and no descriptive labels (docs/adr/0015-selectors.md).
https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"]

_NAME, _INSTANCE, _KIND = "app.kubernetes.io/name", "app.kubernetes.io/instance", "slipway/kind"


def common_labels(name: str) -> dict[str, str]:
    """The labels of every object that belongs to the application `name`."""
    return {_NAME: name, _INSTANCE: name}


def selector_labels(name: str, kind: WorkloadKind) -> dict[str, str]:
    """The labels that select the pods of one workload, and no pods of another workload of any kind."""
    return {_NAME: name, _KIND: kind}


def pod_labels(name: str, kind: WorkloadKind) -> dict[str, str]:
    """The labels of the pods of one workload."""
    return {**common_labels(name), **selector_labels(name, kind)}


def check_labels(labels: Mapping[str, str]) -> None:
    """Raises ValueError for a label that is set from the workload's name."""
    if taken := sorted(set(labels) & {_NAME, _INSTANCE, _KIND}):
        raise ValueError(f"label {taken[0]!r} is set from the name and selects the pods: leave it out")
