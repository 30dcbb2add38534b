"""The plan of a native cluster, with all choices made."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.layout import Layout
from cluster.network import LOOPBACK, Network, Ports

CONTEXT = "slipway"
"""The kubeconfig context. A kind cluster has `kind-slipway` instead."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that the components' configuration and command lines are made from."""

    layout: Layout
    network: Network
    ports: Ports
    programs: Mapping[str, Path]
    """The path of each program. They are looked up once, so that no other part has to ask the machine."""

    @property
    def server(self) -> str:
        """The API server's URL on this machine."""
        return f"https://{LOOPBACK}:{self.ports.api}"

    @property
    def registry(self) -> str:
        """The beginning of an image's name, the same for the Docker engine and the kubelet."""
        return f"{LOOPBACK}:{self.ports.registry}"

    def pki(self, file: str) -> str:
        return str(self.layout.pki / file)

    def config(self, file: str) -> str:
        return str(self.layout.config / file)
