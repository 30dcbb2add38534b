"""A monitor scrapes a port of a Service or of the pods of a workload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slipway import Monitor, MonitorArgs, Port, Service, ServiceArgs
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import GRPC, HTTP, deployment

APP = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"}


def of_pods(name: str = "web", ports: Any = (HTTP,), **own: Any) -> Monitor:
    return Monitor(name, MonitorArgs(of=deployment(ports=ports), **own))


def of_service(ports: Any = (HTTP, GRPC), **own: Any) -> Monitor:
    service = Service("front", ServiceArgs(workload=deployment(ports=ports), labels={"team": "shop"}))
    return Monitor("web", MonitorArgs(of=service, **own))


def test_the_pods_of_a_workload_are_scraped_at_its_only_port() -> None:
    assert deploy(lambda: of_pods(labels={"release": "prometheus"})).object("PodMonitor") == {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": "web", "namespace": NAMESPACE, "labels": {"release": "prometheus", **APP}},
        "spec": {
            "selector": {"matchLabels": {"app.kubernetes.io/name": "web", "slipway/kind": "Deployment"}},
            "podMetricsEndpoints": [{"port": "http", "path": "/metrics", "interval": "30s"}],
        },
    }


def test_the_endpoints_of_a_service_are_scraped_at_a_port_by_name() -> None:
    recording = deploy(lambda: of_service(port="grpc", path="/m", every=60, timeout=10))
    found = recording.object("ServiceMonitor")["spec"]
    assert found["endpoints"] == [{"port": "grpc", "path": "/m", "interval": "60s", "scrapeTimeout": "10s"}]
    assert found["selector"]["matchLabels"] == recording.object("Service")["metadata"]["labels"]


@pytest.mark.parametrize(("make", "kind"), [(of_pods, "PodMonitor"), (of_service, "ServiceMonitor")])
def test_a_port_with_tls_is_scraped_over_https(make: Callable[..., Monitor], kind: str) -> None:
    found = deploy(lambda: make(ports=[Port(name="http", number=8080, tls=True)])).object(kind)["spec"]
    [endpoint] = found.get("endpoints") or found["podMetricsEndpoints"]
    assert endpoint["scheme"] == "https"


def test_raw_fields_are_merged_last() -> None:
    raw: dict[str, Any] = {"endpoint": {"scheme": "https", "interval": None}, "spec": {"sampleLimit": 9}}
    found = deploy(lambda: of_pods(**raw)).object("PodMonitor")["spec"]
    assert found["podMetricsEndpoints"] == [{"port": "http", "path": "/metrics", "scheme": "https"}]
    assert found["sampleLimit"] == 9


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (of_service, "service 'front' has the ports http, grpc: name one as port"),
        (lambda: of_pods(ports=()), "deployment 'web' has no TCP port: name one as port"),
        (lambda: of_service(port="htp"), "port 'htp' is not a TCP port of service 'front': did you mean 'http'?"),
        (lambda: of_pods(port="x"), "port 'x' is not a TCP port of deployment 'web': it has http"),
        (
            lambda: of_pods(port="dns", ports=[Port(name="dns", number=53, protocol="UDP")]),
            "port 'dns' is not a TCP port of deployment 'web': it has none",
        ),
        (lambda: of_pods(path="metrics"), "path 'metrics' does not start with '/': give '/metrics'"),
        (lambda: of_pods(every=0), "every 0 is below 1"),
        (lambda: of_pods(timeout=0), "timeout 0 is below 1"),
        (lambda: of_pods(timeout=31), "timeout 31 is above every 30"),
        (lambda: of_pods("Web"), "monitor 'Web' is not a valid name"),
    ],
)
def test_what_is_not_there_to_scrape_is_refused(make: Any, told: str) -> None:
    assert refusal(make).startswith(told)
