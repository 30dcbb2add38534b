"""The labels that say what an object belongs to, and those that select the pods of one workload.

A selector cannot change without replacing its workload. So it holds what tells the workload from all others of its
namespace, its name and its kind, and nothing that describes it (docs/adr/0015-selectors.md).
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
    """The labels that select the pods of one workload, and never those of another one, whatever its kind."""
    return {_NAME: name, _KIND: kind}


def pod_labels(name: str, kind: WorkloadKind) -> dict[str, str]:
    """The labels of the pods of one workload."""
    return {**common_labels(name), **selector_labels(name, kind)}


def check_labels(labels: Mapping[str, str]) -> None:
    """Refuses the labels that are set from the name. Raises ValueError."""
    if taken := sorted(set(labels) & {_NAME, _INSTANCE, _KIND}):
        raise ValueError(f"label {taken[0]!r} is set from the name and selects the pods: leave it out")
