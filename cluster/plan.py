"""What a native cluster is made of, once everything is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.layout import Layout
from cluster.network import LOOPBACK, Network, Ports

CONTEXT = "slipway"
"""The kubeconfig context. A kind cluster has `kind-slipway` instead."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that the configuration and the command lines of the components are made from."""

    layout: Layout
    network: Network
    ports: Ports
    programs: Mapping[str, Path]
    """Each program by name. They were found once, so that no description of the cluster asks the machine."""

    @property
    def server(self) -> str:
        """The API server as the machine reaches it."""
        return f"https://{LOOPBACK}:{self.ports.api}"

    @property
    def registry(self) -> str:
        """What an image's name begins with, the same for the Docker engine and the kubelet."""
        return f"{LOOPBACK}:{self.ports.registry}"

    def pki(self, file: str) -> str:
        return str(self.layout.pki / file)

    def config(self, file: str) -> str:
        return str(self.layout.config / file)
