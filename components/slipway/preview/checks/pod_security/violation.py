"""What all controls of the pod security standards share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from slipway.preview.checks.fields import at, get
from slipway.preview.checks.pods import Container, PodTemplate
from slipway.preview.checks.published import Version

Level = Literal["baseline", "restricted"]


@dataclass(frozen=True)
class Violation:
    """`level` is the standard that is broken at `path`, `what` says how, and `way_out` what to do instead."""

    level: Level
    rule: str
    path: str
    what: str
    way_out: str


def is_windows(template: PodTemplate) -> bool:
    """Windows pods need not set what only Linux has."""
    return get(template.spec, "os", "name", kind=str) == "windows"


def in_user_namespace(template: PodTemplate, version: Version) -> bool:
    """Root in such a pod has no rights on the node, so root is allowed in it from 1.35 on.

    https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/#integration-with-pod-security-admission-checks
    """
    return version >= (1, 35) and get(template.spec, "hostUsers", kind=bool) is False


def security_contexts(template: PodTemplate) -> Iterator[tuple[str, object, str]]:
    """The security contexts of the pod and of each container: path, fields, and a phrase for the owner."""
    yield template.at("securityContext"), template.spec.get("securityContext"), "the pod"
    for container in template.containers():
        path = at(container.path, "securityContext")
        yield path, container.body.get("securityContext"), f"container `{container.name}`"


def listed(containers: list[Container]) -> str:
    """The containers' names as a sentence has them."""
    names = [f"`{container.name}`" for container in containers]
    return ("container " if len(names) == 1 else "containers ") + ", ".join(names)
