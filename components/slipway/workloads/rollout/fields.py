"""Finds the field of the program behind something that the cluster names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Place:
    """A container, and where it is in the workload's args. The main container has the name of the workload."""

    name: str
    image: str
    memory: str | None
    within: str
    is_init: bool

    def __str__(self) -> str:
        return f"container {self.name}"

    def field(self, name: str) -> str:
        return f"{self.within}{name}"


def place_of(workload: dict[str, Any], pod: dict[str, Any], container: str) -> Place:
    spec = pod["spec"]
    init: list[dict[str, Any]] = spec.get("initContainers", [])
    found = next(one for one in (*init, *spec["containers"]) if one["name"] == container)
    sidecar = found.get("restartPolicy") == "Always"
    if found in init:
        within = f"{'sidecars' if sidecar else 'init_containers'}[{container!r}]."
    else:
        within = "" if container == workload["metadata"]["name"] else f"containers[{container!r}]."
    return Place(
        name=container,
        image=found["image"],
        memory=found.get("resources", {}).get("limits", {}).get("memory"),
        within=within,
        is_init=found in init and not sidecar,
    )


def readers_of(pod: dict[str, Any], container: str | None, kind: str, name: str, key: str | None) -> str:
    """The variables or paths that read an object, as `['A', 'B']`; empty if there are none."""
    found = sorted({*_readers(pod, container, kind, name, key)})
    return f"[{', '.join(map(repr, found))}]" if found else ""


def _readers(pod: dict[str, Any], container: str | None, kind: str, name: str, key: str | None) -> Iterator[str]:
    for one in (*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]):
        if kind == "volume":
            yield from (mount["mountPath"] for mount in one.get("volumeMounts", []) if mount["name"] == name)
        elif one["name"] == container:
            source = "configMapKeyRef" if kind == "ConfigMap" else "secretKeyRef"
            for variable in one.get("env", []):
                read = variable.get("valueFrom", {}).get(source, {})
                if (read.get("name"), read.get("key")) == (name, key):
                    yield variable["name"]


def probe_fields(pod: dict[str, Any], place: Place, probe: str, said: str) -> str:
    """What to change after a probe (Startup, Readiness, Liveness) failed with the message `said`."""
    container = next(
        one for one in (*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]) if one["name"] == place.name
    )
    asked = container.get(f"{probe.lower()}Probe", {})
    stated = place.field(f"probes.{_stated(container, probe, asked)}")
    question = next((kind for kind in ("httpGet", "tcpSocket", "grpc", "exec") if kind in asked), "")
    if question == "exec":
        return f"{stated}.command, or what it finds wrong"
    port = asked.get(question, {}).get("port")
    numbers = {one.get("name"): one["containerPort"] for one in container.get("ports", [])}
    if re.search(r"statuscode: (401|403|404|405)\b", said):
        return f"{stated}.http: it asks for {asked['httpGet'].get('path')!r}"
    if "statuscode:" in said:
        return f"what the program misses; or {stated}.http, which asks for {asked['httpGet'].get('path')!r}"
    if "does not implement the grpc health protocol" in said:
        return f"{stated}: ask with http or tcp, as the program has no gRPC health service"
    declared = ", ".join(f"{name} is {number}" for name, number in numbers.items()) or "no port is declared"
    whom = f"{port!r}, number {numbers[port]}" if port in numbers else f"number {port}"
    if re.search(r"deadline exceeded|Client\.Timeout|i/o timeout", said):
        return f"{stated}.timeout, if the program only needs longer for an answer; or {stated}.port"
    return (
        f"{stated}.port, which asks {whom} ({place.field('ports')}: {declared}): name the port that the program "
        f"listens on, and give it that number"
    )


def _stated(container: dict[str, Any], probe: str, asked: dict[str, Any]) -> str:
    """The field that a probe was made from. A startup probe that was not given repeats another probe."""
    questions = ("httpGet", "tcpSocket", "grpc", "exec")
    for other in ("liveness", "readiness") if probe == "Startup" else ():
        if any(kind in asked and asked[kind] == container.get(f"{other}Probe", {}).get(kind) for kind in questions):
            return other
    return probe.lower()
