"""kubectl, restricted to one context."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slipway.deploy.errors import DeployError, OutOfReachError
from slipway.workloads.rollout.cluster import log_arguments

_AWAY = re.compile(
    r"connection refused|connection reset|connection to the server .* was refused|unexpected EOF|: EOF$|i/o timeout"
    r"|TLS handshake timeout|ServiceUnavailable|the server is currently unable|server was unable to return a response"
    r"|etcdserver: |error trying to reach service|apiserver not ready|apiserver is shutting down"
    r"|http2: client connection lost",
    re.IGNORECASE | re.MULTILINE,
)
PATIENCE = 60.0
"""Seconds to wait for an API server that does not answer. A restart of a control plane takes less."""


@dataclass(frozen=True)
class Kubectl:
    """Calls kubectl for the kubeconfig context `context`, whatever the current context is."""

    context: str

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        environment: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> str:
        """The standard output of kubectl. Retries while the API server is away, so every call must be repeatable.

        Raises DeployError with kubectl's message; OutOfReachError if the server is away for longer than `patience`.
        """
        deadline = time.monotonic() + patience
        while True:
            ended = _kubectl("--context", self.context, *arguments, stdin=stdin, environment=environment)
            if ended.returncode == 0:
                return ended.stdout
            if not _AWAY.search(ended.stderr):
                raise DeployError(f"kubectl {arguments[0]}: {ended.stderr.strip()}")
            if time.monotonic() > deadline:
                raise OutOfReachError(self.context, ended.stderr.strip().splitlines()[-1])
            time.sleep(1)

    def check_answers(self, patience: float) -> None:
        """Raises OutOfReachError if the cluster does not answer, or not to this user."""
        try:
            self.run("get", "--raw", "/version", "--request-timeout=5s", patience=patience)
        except OutOfReachError:
            raise
        except DeployError as error:
            raise OutOfReachError(self.context, str(error).splitlines()[-1].removeprefix("kubectl get: ")) from None

    def get(self, *arguments: str, stdin: str | None = None) -> list[dict[str, Any]]:
        """The objects that `kubectl get` finds; empty if there are none."""
        found = self.run("get", *arguments, "--ignore-not-found", "--output", "json", stdin=stdin)
        listed: dict[str, Any] = json.loads(found) if found.strip() else {"items": []}
        return listed.get("items", [listed])

    def logs(self, pod: dict[str, Any], container: str, *, lines: int, previous: bool) -> list[str]:
        """The last lines of a container's log, of this run or the previous one; empty if the log is gone."""
        try:
            return self.run(*log_arguments(pod, container, lines=lines, previous=previous)).splitlines()
        except DeployError:
            return []


def contexts() -> list[str]:
    """The contexts in the kubeconfig, found as kubectl finds it. Raises DeployError for a file that is not one."""
    files = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    names: list[str] = []
    for file in map(Path, filter(None, files.split(os.pathsep))):
        try:
            stated: dict[str, Any] = (yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None) or {}
            listed: list[dict[str, Any]] = stated.get("contexts") or []
            names += [str(one["name"]) for one in listed]
        except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
            raise DeployError(f"{file} is no kubeconfig: {str(error).splitlines()[0]}; set KUBECONFIG to one") from None
    return list(dict.fromkeys(names))


def _kubectl(
    *arguments: str, stdin: str | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **(environment or {})}
    try:
        return subprocess.run(
            ["kubectl", *arguments], input=stdin, env=variables, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise DeployError("kubectl is not on the PATH: install it") from None
