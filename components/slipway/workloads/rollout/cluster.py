"""Queries a cluster about a rollout, from inside a Pulumi program."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pulumi

_SECONDS = 15
"""The timeout of one request."""


class Cluster(Protocol):
    """Something that answers queries about one cluster."""

    def get(self, *arguments: str) -> list[dict[str, Any]]:
        """The objects that `kubectl get` finds; an empty list if there are none."""
        ...

    def logs(self, pod: dict[str, Any], container: str, *, lines: int, previous: bool) -> list[str]:
        """The last log lines of a container, of its current or its previous run; empty if the log is gone."""
        ...


class Snapshot:
    """Sends each query once, so that all answers are from the same moment."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._found: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    def get(self, *arguments: str) -> list[dict[str, Any]]:
        """As `Cluster.get`."""
        if arguments not in self._found:
            self._found[arguments] = self._cluster.get(*arguments)
        return self._found[arguments]

    def logs(self, pod: dict[str, Any], container: str, *, lines: int, previous: bool) -> list[str]:
        """As `Cluster.logs`."""
        return self._cluster.logs(pod, container, lines=lines, previous=previous)


class UnknownCluster(Exception):  # noqa: N818 (it is one, and no error of the program)
    """Why the program cannot query the cluster of its own resource, in one line."""


def log_arguments(pod: dict[str, Any], container: str, *, lines: int, previous: bool) -> list[str]:
    """The arguments of `kubectl` for `Cluster.logs`."""
    place = ["--namespace", pod["metadata"]["namespace"], "--container", container, f"--tail={lines}"]
    return ["logs", pod["metadata"]["name"], *place, *(["--previous"] if previous else [])]


@dataclass(frozen=True)
class Kubectl:
    """Queries the cluster with kubectl. Raises UnknownCluster.

    None leaves the choice to kubectl, which chooses as the provider does.
    """

    context: str | None
    kubeconfig: str | None

    def get(self, *arguments: str) -> list[dict[str, Any]]:
        found = self._run("get", *arguments, "--ignore-not-found", "--output", "json")
        listed: dict[str, Any] = json.loads(found) if found.strip() else {"items": []}
        return listed.get("items", [listed])

    def logs(self, pod: dict[str, Any], container: str, *, lines: int, previous: bool) -> list[str]:
        try:
            return self._run(*log_arguments(pod, container, lines=lines, previous=previous)).splitlines()
        except UnknownCluster:
            return []

    def _run(self, *arguments: str) -> str:
        chosen = [
            *(["--context", self.context] if self.context else []),
            *(["--kubeconfig", self.kubeconfig] if self.kubeconfig else []),
        ]
        command = ["kubectl", *chosen, f"--request-timeout={_SECONDS}s", *arguments]
        try:
            ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=2 * _SECONDS)
        except FileNotFoundError:
            raise UnknownCluster("kubectl, which would tell why, is not on the PATH") from None
        except subprocess.TimeoutExpired:
            raise UnknownCluster(f"kubectl did not answer within {2 * _SECONDS} s") from None
        if ended.returncode:
            raise UnknownCluster(f"kubectl {arguments[0]}: {ended.stderr.strip()}")
        return ended.stdout


def cluster_of(component: pulumi.Resource) -> Kubectl | UnknownCluster:
    """The cluster of a component's Kubernetes resources, if the program can know it.

    The cluster of the default provider is set by the stack's configuration and the environment. The cluster of an
    explicit provider is known only to the engine.
    """
    if component.get_provider("kubernetes:index:Provider"):
        return UnknownCluster("its cluster is known to the provider alone that the program gives it")
    settings = pulumi.Config("kubernetes")
    kubeconfig = settings.get("kubeconfig")
    if kubeconfig and not _is_file(kubeconfig):
        return UnknownCluster("kubernetes:kubeconfig is not a path, and its contents are not handed to kubectl")
    if cluster := settings.get("cluster"):
        return UnknownCluster(f"kubernetes:cluster is {cluster!r}, which kubectl is not asked with")
    return Kubectl(settings.get("context"), kubeconfig and str(Path(kubeconfig).expanduser()))


def _is_file(text: str) -> bool:
    return "\n" not in text and len(text) < os.pathconf("/", "PC_PATH_MAX") and Path(text).expanduser().is_file()
