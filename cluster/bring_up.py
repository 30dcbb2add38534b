"""Starts a native cluster: first what it needs, then each daemon, then the add-ons."""

import contextlib
import json
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cluster import (
    addons,
    cgroups,
    configuration,
    debian,
    firewall,
    kernel,
    network,
    pki,
    probes,
    processes,
    record,
)
from cluster.binaries import KUBERNETES
from cluster.daemons import HOLDER, HOLDING, PRIVATE_FOLDERS, REGION, ZONE, Daemon, daemons
from cluster.errors import ClusterError
from cluster.health import checks, log_of, wait_for
from cluster.layout import Layout
from cluster.plan import CONTEXT, Plan
from cluster.record import Record
from cluster.shell import run
from cluster.teardown import absent_folders

Say = Callable[[str], None]
PROVIDER = "native"
SOCKET_PATH_LIMIT = 100


def bring_up(plan: Plan, say: Say) -> None:
    layout = plan.layout
    if len(str(layout.containerd_socket)) > SOCKET_PATH_LIMIT:
        raise ClusterError(
            f"{layout.run} is too long a path for Unix sockets (108 characters): "
            "name a shorter one in SLIPWAY_CLUSTER_HOME"
        )
    found = Record(
        boot=processes.boot(),
        network=plan.network,
        ports=plan.ports,
        sysctls=kernel.snapshot(),
        tables=firewall.tables(),
        folders=absent_folders(),
    )
    found.write(layout.record)
    # The bridge comes first: others see by it whose cluster this is.
    network.create_bridge(plan.network, layout.home)
    cgroups.create()
    kernel.prepare()
    firewall.add(plan.network)
    for folder in PRIVATE_FOLDERS:
        Path(folder).mkdir(parents=True, exist_ok=True)
    pki.create(layout.pki, plan.network)
    configuration.write(plan, runc=str(debian.program("runc")), cni_folder=str(debian.cni_folder()))
    record.replace(layout.kubeconfig, configuration.kubeconfig(plan, "admin"))
    _start_all(plan, found, say)
    facts = json.dumps(_facts(plan), indent=2) + "\n"
    record.replace(layout.facts, facts, mode=0o644)


def _start_all(plan: Plan, found: Record, say: Say) -> None:
    layout = plan.layout
    known = daemons(plan)
    ready = checks(layout, found)

    def start(*names: str) -> None:
        for name in names:
            start_daemon(layout, found, name, known[name])

    def wait(name: str, probe: probes.Probe) -> None:
        wait_for(layout, found, name, probe)
        say(f"  {name:16} well after {time.monotonic() - started:.1f} s")

    started = time.monotonic()
    start(HOLDER, "etcd", "docker-registry")
    wait_for(layout, found, HOLDER, lambda: _has_become(found.processes[HOLDER].pid, HOLDING))
    start("containerd", "kube-apiserver", "api-gateway")
    wait("containerd", lambda: _listens(layout.containerd_socket))
    start("dockerd")
    _import_images(plan)
    wait("kube-apiserver", ready.pop("kube-apiserver"))
    start("kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
    manifests = [
        addons.coredns(plan),
        addons.metrics_server(plan.programs, layout.pki, addons.TRUST_AUTHORITY),
        addons.registry_offer(plan.registry),
    ]
    addons.apply(plan.programs["kubectl"], layout.kubeconfig, "\n---\n".join(manifests))
    for name, probe in ready.items():
        wait(name, probe)


def start_daemon(layout: Layout, found: Record, name: str, daemon: Daemon) -> None:
    argv = list(daemon.argv)
    if daemon.on_node:
        holder = found.processes[HOLDER].pid
        argv = ["nsenter", f"--mount=/proc/{holder}/ns/mnt", "--", *argv]
    found.processes[name] = processes.start(argv, log=log_of(layout, name), joins=[cgroups.tracker()], env=daemon.env)
    found.write(layout.record)


def _has_become(pid: int, program: str) -> str | None:
    with contextlib.suppress(FileNotFoundError):
        if (comm := Path(f"/proc/{pid}/comm").read_text().strip()) != program:
            return f"still {comm}"
    return None


def _listens(path: Path) -> str | None:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError as failure:
            return str(failure)
    return None


def _import_images(plan: Plan) -> None:
    ctr = [plan.programs["ctr"], "--address", plan.layout.containerd_socket]
    for content in addons.archives(plan.programs).values():
        run([*ctr, "--namespace", "k8s.io", "images", "import", "-"], stdin=content, timeout=120)


def _facts(plan: Plan) -> Mapping[str, object]:
    layout = plan.layout
    return {
        "provider": PROVIDER,
        "version": KUBERNETES.version,
        "server": plan.server,
        "context": CONTEXT,
        "kubeconfig": str(layout.kubeconfig),
        "kubectl": str(plan.programs["kubectl"]),
        "registry": plan.registry,
        "docker_socket": str(layout.docker_socket),
        "docker_host": f"unix://{layout.docker_socket}",
        "node": {"name": pki.NODE, "address": str(plan.network.gateway)},
        "topology": {"region": REGION, "zone": ZONE},
        "networks": {
            "pods": str(plan.network.pods),
            "builds": str(plan.network.builds),
            "services": plan.network.services,
        },
        "logs": str(layout.logs),
    }
