"""What the tests of workloads look at: a Deployment, its pod, its container, as they would be sent."""

from __future__ import annotations

from typing import Any

from slipway import Deployment, DeploymentArgs, Port
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE

HTTP = Port(name="http", number=8080)
GRPC = Port(name="grpc", number=50021)


def deployment(**own: Any) -> Deployment:
    """The least there can be, in a namespace by name; `own` is over it."""
    return Deployment("web", deployment_args(**own))


def deployment_args(**own: Any) -> DeploymentArgs:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, **own}
    return DeploymentArgs(**fields)


def deployed(**own: Any) -> Recording:
    return deploy(lambda: deployment(**own))


def refused(**own: Any) -> str:
    """What a Deployment with these fields is refused with."""
    return refusal(lambda: deployment(**own))


def spec(**own: Any) -> dict[str, Any]:
    return deployed(**own).object("Deployment")["spec"]


def template(**own: Any) -> dict[str, Any]:
    return spec(**own)["template"]


def pod(**own: Any) -> dict[str, Any]:
    return template(**own)["spec"]


def container(**own: Any) -> dict[str, Any]:
    """The main container."""
    (found,) = pod(**own)["containers"]
    return found


def awaited(recording: Recording, type_: str) -> list[str]:
    """What the only registration of a type waits for, as `ConfigMap web`."""
    urns: list[str] = recording.one(type_).options.get("dependencies", [])
    return sorted(f"{types.rpartition(':')[2]} {name}" for *_, types, name in (urn.split("::") for urn in urns))
