"""The labels that select an application's pods, and nothing else.

A selector can never change without replacing its workload, so it holds only who the application
is; what it is made of (version, environment) has no place in it.
https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
"""

from __future__ import annotations

from collections.abc import Mapping


def selector_labels(name: str) -> dict[str, str]:
    """What the pods of the workload `name` carry and its Service and Deployment select."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name}


def check_labels(labels: Mapping[str, str]) -> None:
    """Refuses to be told what `selector_labels` says, where these are set anyway. Raises ValueError."""
    if selected := sorted(set(labels) & set(selector_labels(""))):
        raise ValueError(f"label {selected[0]!r} selects the pods and is set from the name: leave it out")
