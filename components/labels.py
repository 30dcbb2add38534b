"""The labels that select an application's pods, and nothing else.

A selector can never change without replacing its workload, so it holds only who the application
is; what it is made of (version, environment) has no place in it.
https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
"""

from __future__ import annotations


def selector_labels(name: str) -> dict[str, str]:
    """What the pods of the workload `name` carry and its Service and Deployment select."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name}
