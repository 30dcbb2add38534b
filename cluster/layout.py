"""The paths of a cluster's files."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
BUILD = Path(__file__).resolve().parent / "build"
MANIFESTS = Path(__file__).resolve().parent / "manifests"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The files of one cluster, all under `home`. `cache` outlives the cluster."""

    home: Path
    cache: Path

    @classmethod
    def from_environment(cls) -> "Layout":
        """Reads `SLIPWAY_CLUSTER_HOME` (default: `.cluster` in the working copy) and `SLIPWAY_CLUSTER_CACHE`
        (default: `cache` in the home)."""
        home = Path(os.environ.get("SLIPWAY_CLUSTER_HOME") or REPOSITORY / ".cluster").absolute()
        cache = Path(os.environ.get("SLIPWAY_CLUSTER_CACHE") or home / "cache").absolute()
        return cls(home=home, cache=cache)

    @property
    def facts(self) -> Path:
        """What other programs may rely on (JSON). The file exists from when the cluster is ready until it ends."""
        return self.home / "cluster.json"

    @property
    def kubeconfig(self) -> Path:
        return self.home / "kubeconfig"

    @property
    def record(self) -> Path:
        """What `down` needs. It is written before each step, so it is true even after a crash."""
        return self.home / "record.json"

    @property
    def kind_mark(self) -> Path:
        """Exists as long as a kind cluster does, from before its creation."""
        return self.home / "kind"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def pod_logs(self) -> Path:
        """The logs of every container, by namespace and pod, as in /var/log/pods on any node."""
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
