"""Loads images into the nodes of a local cluster that has no registry: kind, k3d and minikube."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from slipway.deploy.errors import DeployError
from slipway.deploy.rendered import Stack
from slipway.deploy.target import CONTEXT

# By the start of the context's name, which each of these programs gives to its clusters.
_LOADERS: dict[str, Callable[[str, str], list[str]]] = {
    "kind-": lambda cluster, image: ["kind", "load", "docker-image", image, "--name", cluster],
    "k3d-": lambda cluster, image: ["k3d", "image", "import", image, "--cluster", cluster],
    "minikube": lambda _, image: ["minikube", "image", "load", image, "--profile", "minikube"],
}


@dataclass(frozen=True)
class Nodes:
    """The nodes of the cluster of `context`."""

    context: str
    command: Callable[[str], list[str]]

    def load(self, image: str) -> None:
        """Copies an image of the local engine to the nodes. Raises DeployError if that cannot be done."""
        command = self.command(image)
        try:
            # Standard output is for what `slipway image` says.
            code = subprocess.run(command, stdout=2, check=False).returncode
        except FileNotFoundError:
            raise DeployError(
                f"{command[0]} is not on the PATH, and only it can load {image} into the nodes of {self.context}: "
                f"install it, or give the stack a registry"
            ) from None
        if code:
            raise DeployError(f"{' '.join(command[:3])} ended with {code}: the reason is above")


def nodes_of(stack: Stack) -> Nodes | None:
    """The nodes of the stack's cluster; None if nobody can load images into them, or the stack names no cluster."""
    context = stack.config.values.get(CONTEXT, "")
    for start, command in _LOADERS.items():
        cluster = context.removeprefix(start)
        if context == start if start == "minikube" else cluster and context.startswith(start):
            return Nodes(context, lambda image, of=cluster, made=command: made(of, image))
    return None
