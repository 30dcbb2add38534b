"""The add-ons that run inside the cluster: DNS and metrics."""

import base64
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from string import Template

from cluster import images
from cluster.configuration import PAUSE_IMAGE
from cluster.layout import MANIFESTS
from cluster.plan import Plan
from cluster.shell import run

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
TRUST_AUTHORITY = "--kubelet-certificate-authority=/ca/ca.crt"


def architecture() -> str:
    """This machine's architecture, by its name in Go and in image formats."""
    machine = platform.machine()
    return ARCHITECTURES.get(machine, machine)


def image(program: Path) -> str:
    """The name of a program's image. Its tag is the hash at the end of the program's folder in the cache."""
    return f"slipway.internal/{program.name}:{program.parent.name.rpartition('-')[2]}"


def archives(programs: Mapping[str, Path]) -> dict[str, bytes]:
    """The images that no registry serves, by name, as archives."""
    named = {image(programs[name]): programs[name] for name in ("coredns", "metrics-server")}
    named[PAUSE_IMAGE] = programs["pause"]
    return {name: images.archive(name, path, architecture()) for name, path in named.items()}


def metrics_server(programs: Mapping[str, Path], pki: Path, kubelet_trust: str) -> str:
    def embedded(file: str) -> str:
        return base64.b64encode((pki / file).read_bytes()).decode()

    return Template((MANIFESTS / "metrics-server.yaml").read_text()).substitute(
        metrics_server_image=image(programs["metrics-server"]),
        metrics_certificate=embedded("metrics-server.crt"),
        metrics_key=embedded("metrics-server.key"),
        authority=embedded("ca.crt"),
        kubelet_trust=kubelet_trust,
    )


def coredns(plan: Plan) -> str:
    return Template((MANIFESTS / "coredns.yaml").read_text()).substitute(
        coredns_image=image(plan.programs["coredns"]), dns_address=plan.network.dns
    )


def registry_offer(registry: str) -> str:
    """The ConfigMap that tells tools where to push: https://github.com/kubernetes/enhancements/tree/master/keps/sig-cluster-lifecycle/generic/1755-communicating-a-local-registry"""
    offer = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "local-registry-hosting", "namespace": "kube-public"},
        "data": {"localRegistryHosting.v1": f"host: {json.dumps(registry)}\n"},
    }
    return json.dumps(offer)


def apply(kubectl: Path, kubeconfig: Path, manifests: str) -> None:
    """Applies the cluster's own objects."""
    run(
        [kubectl, "--kubeconfig", kubeconfig, "apply", "--server-side", "--filename", "-"],
        stdin=manifests.encode(),
        timeout=60,
    )
