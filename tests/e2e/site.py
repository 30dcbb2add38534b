"""The cluster under test, as `python -m cluster` describes it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.isolation import inherited
from tests.repository import ROOT

# Where this machine's Pulumi CLI has its plugins, and where it may fetch more. No backend and no passphrase.
_ENGINE = (
    *("PULUMI_HOME", "PULUMI_SKIP_UPDATE_CHECK", "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK"),
    *("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_IGNORE_AMBIENT_PLUGINS"),
)


@dataclass(frozen=True, kw_only=True)
class Site:
    home: Path
    context: str
    registry: str
    environment: dict[str, str]

    def cluster(self, *arguments: str, timeout: float = 300) -> str:
        """The output of `python -m cluster …`, of this working copy or of the one whose cluster runs."""
        folder = ROOT if (ROOT / "cluster").is_dir() else self.home.parent
        command = [sys.executable, "-m", "cluster", *arguments]
        # `cluster` builds images that fetch Go modules, so it needs this machine's settings for that.
        network = inherited("GO*", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
        environment = {**os.environ, **network, "SLIPWAY_CLUSTER_HOME": str(self.home)}
        ended = subprocess.run(
            command, cwd=folder, env=environment, check=True, timeout=timeout, stdout=subprocess.PIPE, text=True
        )
        return ended.stdout

    def kubectl(
        self, *arguments: str, stdin: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        command = ["kubectl", "--context", self.context, *arguments]
        environment = {**os.environ, **self.environment}
        return subprocess.run(
            command, env=environment, input=stdin, capture_output=True, text=True, check=check, timeout=120
        )

    def get(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "--output", "json").stdout)

    def items(self, *arguments: str) -> list[dict[str, Any]]:
        return self.get(*arguments)["items"]


def find_site() -> Site | None:
    """The running cluster; None if there is none."""
    home = Path(os.environ.get("SLIPWAY_CLUSTER_HOME") or ROOT / ".cluster")
    if not (home / "cluster.json").exists():
        return None
    known: dict[str, Any] = json.loads((home / "cluster.json").read_text(encoding="utf-8"))
    environment = {
        **inherited(*_ENGINE),
        "KUBECONFIG": known["kubeconfig"],
        "DOCKER_HOST": known["docker_host"],
        # Use the cluster's own kubectl if the machine has none.
        "PATH": os.pathsep.join([os.environ["PATH"], str(Path(known["kubectl"]).parent)]),
    }
    return Site(home=home, context=known["context"], registry=known["registry"], environment=environment)


def base_images() -> dict[str, str]:
    """The base images of app/Dockerfile, by build argument."""
    text = (ROOT / "app/Dockerfile").read_text(encoding="utf-8")
    return dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)$", text, re.MULTILINE))
