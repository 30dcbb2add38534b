"""The addresses of a stack's Services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from slipway.deploy.kubectl import Kubectl


def addresses(kubectl: Kubectl, declared: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One line per port of each Service: its name in the cluster, its address, and the external one if there is one."""
    for body in declared:
        if body["kind"] == "Service" and body["apiVersion"] == "v1":
            metadata = body["metadata"]
            for service in kubectl.get("service", metadata["name"], "--namespace", metadata["namespace"]):
                yield from _ports(service)


def _ports(service: dict[str, Any]) -> Iterator[str]:
    metadata, spec = service["metadata"], service["spec"]
    for port in spec.get("ports", []):
        known = [f"{metadata['name']}.{metadata['namespace']}.svc:{port['port']}"]
        if spec.get("clusterIP") not in (None, "None"):
            known.append(f"{spec['clusterIP']}:{port['port']}")
        if "nodePort" in port:
            known.append(f"port {port['nodePort']} of every node")
        for ingress in service.get("status", {}).get("loadBalancer", {}).get("ingress", []):
            known.append(f"{ingress.get('ip') or ingress.get('hostname')}:{port['port']}")
        yield f"{port.get('name', 'port')}: {', '.join(known)}"
