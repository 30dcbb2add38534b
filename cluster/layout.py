"""Where everything of a cluster is kept."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
BUILD = Path(__file__).resolve().parent / "build"
MANIFESTS = Path(__file__).resolve().parent / "manifests"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The files of one cluster, all under `home`; `cache` outlives the cluster."""

    home: Path
    cache: Path

    @classmethod
    def from_environment(cls) -> "Layout":
        """`SLIPWAY_CLUSTER_HOME` (default `.cluster` in the working copy) and
        `SLIPWAY_CLUSTER_CACHE` (default `cache` in it) say where."""
        home = Path(os.environ.get("SLIPWAY_CLUSTER_HOME") or REPOSITORY / ".cluster").absolute()
        cache = Path(os.environ.get("SLIPWAY_CLUSTER_CACHE") or home / "cache").absolute()
        return cls(home=home, cache=cache)

    @property
    def facts(self) -> Path:
        """What others may rely on (JSON), from the moment the cluster is ready until it ends."""
        return self.home / "cluster.json"

    @property
    def kubeconfig(self) -> Path:
        return self.home / "kubeconfig"

    @property
    def record(self) -> Path:
        """What `down` needs; written ahead of each step, so it is true after a crash too."""
        return self.home / "record.json"

    @property
    def kind_mark(self) -> Path:
        """There while a kind cluster is, from before its creation."""
        return self.home / "kind"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def pod_logs(self) -> Path:
        """Of every container, by namespace and pod, as on any node's /var/log/pods."""
        return self.logs / "pods"

    @property
    def pki(self) -> Path:
        return self.home / "pki"

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def docker_socket(self) -> Path:
        return self.run / "docker.sock"

    @property
    def containerd_socket(self) -> Path:
        return self.run / "containerd.sock"
