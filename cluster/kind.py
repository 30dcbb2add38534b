"""The cluster in containers, with a registry beside it. It needs kind and a Docker engine.

It follows https://kind.sigs.k8s.io/docs/user/local-registry/: the registry is one more container, and the node's
containerd maps the registry's name on this machine to that container. This was written from kind's documentation and
has not run yet: the machines it was written on have no kind.
"""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cluster import addons, images, network, pki, probes, record
from cluster.binaries import METRICS_SERVER, Cache
from cluster.daemons import REGION, ZONE
from cluster.errors import ClusterError
from cluster.layout import Layout
from cluster.machine import exclusive
from cluster.network import CANDIDATES, LOOPBACK, Network
from cluster.shell import run

Say = Callable[[str], None]
PROVIDER = "kind"
NAME = "slipway"
NODE = f"{NAME}-control-plane"
CONTEXT = f"kind-{NAME}"
REGISTRY = f"{NAME}-registry"
REGISTRY_IMAGE = "registry:2"
REGISTRY_PORT = 5000
CREATE_TIMEOUT = 600
READY_TIMEOUT = 180
# In kind, kubelets sign their own certificates.
TRUST_KUBELET = "--kubelet-insecure-tls"
CONFIG = {
    "kind": "Cluster",
    "apiVersion": "kind.x-k8s.io/v1alpha4",
    "networking": {"apiServerAddress": LOOPBACK},
    "nodes": [
        {
            "role": "control-plane",
            "labels": {
                "topology.kubernetes.io/region": REGION,
                "topology.kubernetes.io/zone": ZONE,
            },
        }
    ],
}


def is_available() -> bool:
    """Whether kind is on PATH and a Docker engine answers."""
    if not shutil.which("kind"):
        return False
    with contextlib.suppress(ClusterError):
        run(["docker", "version", "--format", "{{.Server.Version}}"], timeout=10)
        return True
    return False


def is_here(layout: Layout) -> bool:
    """Whether `up` has made a kind cluster here, or has begun to."""
    return layout.kind_mark.exists()


def up(layout: Layout, say: Say) -> None:
    """Starts the cluster unless it is running. An incomplete cluster is deleted first."""
    with exclusive(say):
        if is_here(layout):
            if not _unwell(layout):
                say(f"running: {layout.facts}")
                return
            say("a cluster is here that is not whole; ending it first")
            _end(layout)
        layout.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        programs = Cache(layout, say).programs([METRICS_SERVER])
        started = time.monotonic()
        layout.kind_mark.touch()
        try:
            _bring_up(layout, programs["metrics-server"], say)
        except BaseException:
            say("it did not come up; taking down what was started")
            _end(layout)
            raise
        say(f"ready after {time.monotonic() - started:.1f} s: {layout.facts}")


def down(layout: Layout, say: Say) -> None:
    """Deletes the cluster and its registry. Docker keeps their images."""
    with exclusive(say):
        _end(layout)
        say("ended")


def status(layout: Layout, say: Say) -> bool:
    """Prints what is wrong; True if nothing is."""
    wrong = _unwell(layout)
    say(wrong or f"running: {layout.facts}")
    return wrong is None


def _bring_up(layout: Layout, metrics_server: Path, say: Say) -> None:
    (port,) = network.free_ports(1)
    registry = f"{LOOPBACK}:{port}"
    say(f"starting a registry at {registry} and a kind cluster")
    publish = f"{registry}:{REGISTRY_PORT}"
    run(
        ["docker", "run", "--detach", "--name", REGISTRY, "--publish", publish, REGISTRY_IMAGE],
        timeout=CREATE_TIMEOUT,
    )
    kubeconfig = ["--kubeconfig", layout.kubeconfig]
    run(
        ["kind", "create", "cluster", "--name", NAME, *kubeconfig, "--config", "-", "--wait=180s"],
        stdin=json.dumps(CONFIG).encode(),
        timeout=CREATE_TIMEOUT,
    )
    _connect_registry(registry)
    addons.apply(Path("kubectl"), layout.kubeconfig, addons.registry_offer(registry))
    _add_metrics(layout, metrics_server)
    probes.wait("the cluster", lambda: _asked(layout), timeout=READY_TIMEOUT, guard=lambda: None)
    facts = json.dumps(_facts(layout, registry), indent=2) + "\n"
    record.replace(layout.facts, facts, mode=0o644)


def _connect_registry(registry: str) -> None:
    folder = f"/etc/containerd/certs.d/{registry}"
    host = f'[host."http://{REGISTRY}:{REGISTRY_PORT}"]\n'
    run(["docker", "exec", NODE, "mkdir", "-p", folder], timeout=30)
    write = ["docker", "exec", "--interactive", NODE, "cp", "/dev/stdin", f"{folder}/hosts.toml"]
    run(write, stdin=host.encode(), timeout=30)
    run(["docker", "network", "connect", "kind", REGISTRY], timeout=30)


def _add_metrics(layout: Layout, program: Path) -> None:
    name = addons.image(program)
    with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
        archive.write(images.archive(name, program, addons.architecture()))
        archive.flush()
        run(["kind", "load", "image-archive", "--name", NAME, archive.name], timeout=120)
    # Only the add-on's serving certificate is used, and the authority that signed it.
    bridge, services = CANDIDATES[0]
    pki.create(layout.pki, Network(bridge=bridge, services=services))
    manifests = addons.metrics_server({"metrics-server": program}, layout.pki, TRUST_KUBELET)
    addons.apply(Path("kubectl"), layout.kubeconfig, manifests)


def _asked(layout: Layout) -> str | None:
    get = ["kubectl", "--kubeconfig", layout.kubeconfig, "get", "--raw"]
    try:
        for path in ("/readyz", f"/apis/metrics.k8s.io/v1beta1/nodes/{NODE}"):
            run([*get, path], timeout=10)
        run(["docker", "exec", REGISTRY, "true"], timeout=10)
    except ClusterError as failure:
        return str(failure)
    return None


def _unwell(layout: Layout) -> str | None:
    return _asked(layout) if layout.facts.exists() else "not up yet, or its `up` was cut short"


def _end(layout: Layout) -> None:
    delete = ["kind", "delete", "cluster", "--name", NAME, "--kubeconfig", layout.kubeconfig]
    run(delete, timeout=120)
    with contextlib.suppress(ClusterError):
        run(["docker", "rm", "--force", "--volumes", REGISTRY], timeout=60)
    shutil.rmtree(layout.pki, ignore_errors=True)
    for file in (layout.facts, layout.kubeconfig, layout.kind_mark):
        file.unlink(missing_ok=True)


def _facts(layout: Layout, registry: str) -> dict[str, object]:
    """The same keys as for a native cluster, as far as kind has them."""
    shown = ["kubectl", "--kubeconfig", layout.kubeconfig, "config", "view", "--output"]
    server = run([*shown, "jsonpath={.clusters[0].cluster.server}"], timeout=10)
    inspect = ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
    docker_host = os.environ.get("DOCKER_HOST") or run(inspect, timeout=10).strip()
    version = ["kubectl", "--kubeconfig", layout.kubeconfig, "get", "--raw", "/version"]
    return {
        "provider": PROVIDER,
        "version": json.loads(run(version, timeout=10))["gitVersion"],
        "server": server,
        "context": CONTEXT,
        "kubeconfig": str(layout.kubeconfig),
        "kubectl": shutil.which("kubectl") or "kubectl",
        "registry": registry,
        "docker_socket": docker_host.removeprefix("unix://"),
        "docker_host": docker_host,
        "node": {"name": NODE},
        "topology": {"region": REGION, "zone": ZONE},
        "logs": str(layout.logs),
    }
