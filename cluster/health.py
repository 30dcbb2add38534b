"""Health checks: asks each part of a native cluster at its own interface."""

import http.client
from functools import partial
from pathlib import Path

from cluster import pki, probes, processes
from cluster.daemons import HOLDER
from cluster.errors import ClusterError
from cluster.layout import Layout
from cluster.network import LOOPBACK
from cluster.record import Record
from cluster.shell import tail_of

READY_TIMEOUT = 120
ADD_ONS = {"cluster DNS": "coredns", "metrics API": "metrics-server"}
DNS_NAME = "kubernetes.default.svc.cluster.local"


def checks(layout: Layout, found: Record) -> dict[str, probes.Probe]:
    """The readiness probe of each part."""
    identity = probes.client(layout.pki, "admin")
    api = partial(
        http.client.HTTPSConnection,
        LOOPBACK,
        found.ports.api,
        timeout=probes.TIMEOUT,
        context=identity,
    )
    registry = partial(http.client.HTTPConnection, LOOPBACK, found.ports.registry, timeout=probes.TIMEOUT)
    return {
        "kube-apiserver": probes.answers(api, "/readyz"),
        "docker-registry": probes.answers(registry, "/v2/"),
        "dockerd": probes.answers(partial(probes.UnixConnection, layout.docker_socket), "/_ping"),
        "node": probes.finds(api, f"/api/v1/nodes/{pki.NODE}", probes.node_is_ready),
        "cluster DNS": probes.resolves(str(found.network.dns), DNS_NAME),
        "metrics API": probes.answers(api, f"/apis/metrics.k8s.io/v1beta1/nodes/{pki.NODE}"),
    }


def ended(layout: Layout, found: Record) -> dict[str, str]:
    """The daemons that have ended, each with the log that says why."""
    return {
        name: f"has ended, see {log_of(layout, name)}"
        for name, identity in found.processes.items()
        if not processes.is_alive(identity)
    }


def unwell(layout: Layout, found: Record) -> dict[str, str]:
    """The parts with a problem, and what it is."""
    wrong = ended(layout, found)
    if wrong or not layout.facts.exists():
        return wrong
    asked = {name: probe() for name, probe in checks(layout, found).items()}
    return {name: reason for name, reason in asked.items() if reason is not None}


def wait_for(layout: Layout, found: Record, name: str, probe: probes.Probe) -> None:
    """Waits until a part is well. Raises ClusterError with the end of the log that shows the reason."""

    def guard() -> None:
        for daemon in ended(layout, found):
            raise ClusterError(f"{daemon} has ended\n{tail_of(log_of(layout, daemon))}")

    try:
        probes.wait(name, probe, timeout=READY_TIMEOUT, guard=guard)
    except ClusterError as failure:
        log = telling_log(layout, found, name)
        said = "" if str(layout.logs) in str(failure) else f"\n{tail_of(log)}"
        raise ClusterError(f"{failure}{said}") from None


def log_of(layout: Layout, name: str) -> Path:
    """The path of a daemon's log."""
    return layout.logs / f"{name}.log"


def telling_log(layout: Layout, found: Record, name: str) -> Path:
    """The log that shows the reason: the daemon's own, or the add-on's container's, or else the kubelet's."""
    if name in found.processes and name != HOLDER:
        return log_of(layout, name)
    add_on = ADD_ONS.get(name)
    logs = sorted(layout.pod_logs.glob(f"kube-system_{add_on}-*/*/*.log")) if add_on else []
    return logs[-1] if logs else log_of(layout, "kubelet")
