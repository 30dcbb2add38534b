"""Traefik and cert-manager, as processes beside the cluster: they end with the tests, and leave nothing in it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cluster.network import free_ports
from tests.e2e.edge import LOOPBACK, Edge
from tests.e2e.objects import as_list
from tests.e2e.site import Site

NAMESPACE = "e2e-edge"
DOMAIN = "e2e-edge.example.com"
_CLASS, _GATEWAY, _SELF, _ISSUER = "traefik", "public", "e2e-self", "e2e-ca"


@contextmanager
def running(site: Site, folder: Path) -> Generator[Edge]:
    """The controllers run, and there is what a platform's team would set up: a class, a Gateway and an issuer."""
    programs: dict[str, str] = json.loads(site.cluster("controllers", timeout=1800))
    edge = Edge(
        ports=dict(zip(("http", "https"), free_ports(2), strict=True)),
        issuer=_ISSUER,
        gateway=_GATEWAY,
        namespace=NAMESPACE,
        domain=DOMAIN,
    )
    objects = as_list(_platform(edge))
    entries = [f"--entrypoints.{scheme}.address={LOOPBACK}:{port}" for scheme, port in edge.ports.items()]
    follow = [
        "--providers.kubernetesingress",
        "--providers.kubernetesgateway",
        "--providers.providersthrottleduration=100ms",
        # An Ingress gives Traefik a certificate. Its entry point says that TLS is spoken, as in its chart.
        "--entrypoints.https.http.tls",
    ]
    with ExitStack() as ends:
        ends.callback(site.kubectl, "delete", "--ignore-not-found", "--filename=-", stdin=objects)
        site.kubectl("apply", "--server-side", "--filename=-", stdin=objects)
        ends.enter_context(_process(site, [programs["cert-manager"]], folder, CLUSTER_RESOURCE_NAMESPACE=NAMESPACE))
        ends.enter_context(_process(site, [programs["traefik"], *entries, *follow], folder))
        ready = ("--namespace", NAMESPACE, "--timeout=60s")
        site.kubectl("wait", "certificate/gateway", "--for=condition=Ready", *ready)
        site.kubectl("wait", f"gateway/{_GATEWAY}", "--for=condition=Programmed", *ready)
        yield edge


def _platform(edge: Edge) -> list[dict[str, Any]]:
    def one(version: str, kind: str, name: str, spec: Mapping[str, Any], **metadata: str) -> dict[str, Any]:
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}

    certificates, gateways = "cert-manager.io/v1", "gateway.networking.k8s.io/v1"
    everyone = {"namespaces": {"from": "All"}}
    tls = {"mode": "Terminate", "certificateRefs": [{"name": "gateway"}]}
    listeners = [
        # A listener is matched with an entry point by its port.
        {"name": "http", "protocol": "HTTP", "port": edge.ports["http"], "allowedRoutes": everyone},
        {"name": "https", "protocol": "HTTPS", "port": edge.ports["https"], "allowedRoutes": everyone, "tls": tls},
    ]
    by_ourselves = {"name": _SELF, "kind": "ClusterIssuer"}
    authority = {"isCA": True, "commonName": DOMAIN, "secretName": "ca", "issuerRef": by_ourselves}
    covered = {
        "dnsNames": [f"*.{DOMAIN}"],
        "secretName": "gateway",
        "issuerRef": {"name": _ISSUER, "kind": "ClusterIssuer"},
    }
    return [
        one("v1", "Namespace", NAMESPACE, {}),
        one("networking.k8s.io/v1", "IngressClass", _CLASS, {"controller": "traefik.io/ingress-controller"}),
        one(gateways, "GatewayClass", _CLASS, {"controllerName": "traefik.io/gateway-controller"}),
        one(certificates, "ClusterIssuer", _SELF, {"selfSigned": {}}),
        one(certificates, "ClusterIssuer", _ISSUER, {"ca": {"secretName": "ca"}}),
        one(certificates, "Certificate", "ca", authority, namespace=NAMESPACE),
        one(certificates, "Certificate", "gateway", covered, namespace=NAMESPACE),
        one(gateways, "Gateway", _GATEWAY, {"gatewayClassName": _CLASS, "listeners": listeners}, namespace=NAMESPACE),
    ]


@contextmanager
def _process(site: Site, command: list[str], folder: Path, **environment: str) -> Generator[None]:
    """Runs a controller with the tests' own rights. Where the tests are killed, the kernel ends it."""
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            env={**os.environ, **site.environment, **environment},
            stdout=out,
            stderr=out,
        )
    try:
        yield
        assert process.poll() is None, f"{command[0]} ended by itself:\n{log.read_text(encoding='utf-8')[-2000:]}"
    finally:
        process.terminate()
        process.wait(timeout=30)
