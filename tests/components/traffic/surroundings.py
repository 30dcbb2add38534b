"""What the tests of traffic lead to: Services of workloads with an HTTP and a gRPC port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slipway import Certificate, CertificateArgs, Deployment, Namespace, Port, Service, ServiceArgs
from tests.components.examples import NAMESPACE
from tests.components.rendering import GRPC, HTTP, deployment_args

DNS = Port(name="dns", number=53, protocol="UDP")


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields, of which a function is called: what it makes can be made only where a program runs."""
    return {key: value() if callable(value) else value for key, value in fields.items()}


def workload(
    name: str = "web", *, namespace: Namespace | str = NAMESPACE, ports: tuple[Port, ...] = (HTTP, GRPC)
) -> Deployment:
    return Deployment(name, deployment_args(namespace=namespace, ports=ports))


def service(name: str = "web", *, numbers: dict[str, int] | None = None, **own: Any) -> Service:
    return Service(name, ServiceArgs(workload=workload(name, **own), ports=numbers))


def certificate(*hosts: str, **own: Any) -> Certificate:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "hosts": hosts, "issuer": "ours", **own}
    return Certificate("shop", CertificateArgs(**fields))
