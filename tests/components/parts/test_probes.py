"""How a container is asked whether it started, is ready and is alive."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import Port, Probe, Probes
from tests.components.rendering import GRPC, HTTP, container, deployment_args, refused

TIMING = {"periodSeconds": 10, "timeoutSeconds": 2, "failureThreshold": 3}
LISTENING = {"tcpSocket": {"port": "http"}}
DNS = Port(name="dns", number=53, protocol="UDP")
SIGNAL = Port(name="signal", number=3868, protocol="SCTP")


@pytest.mark.parametrize(
    ("probe", "rendered"),
    [
        (Probe(http="/livez"), {"httpGet": {"path": "/livez", "port": "http"}}),
        (Probe(http="/", port="grpc"), {"httpGet": {"path": "/", "port": "grpc"}}),
        (Probe(tcp=True), LISTENING),
        (Probe(grpc="", port="grpc"), {"grpc": {"port": 50021}}),
        (Probe(grpc="shop.Cart", port="grpc"), {"grpc": {"port": 50021, "service": "shop.Cart"}}),
        (Probe(command=["test", "-f", "/tmp/up"]), {"exec": {"command": ["test", "-f", "/tmp/up"]}}),
        (Probe(tcp=True, successes=2, delay=4), LISTENING | {"successThreshold": 2, "initialDelaySeconds": 4}),
        (
            Probe(tcp=True, period=5, timeout=1, failures=9),
            LISTENING | {"periodSeconds": 5, "timeoutSeconds": 1, "failureThreshold": 9},
        ),
    ],
)
def test_a_probe_asks_its_question_of_the_first_port_unless_it_names_another(
    probe: Probe, rendered: dict[str, Any]
) -> None:
    asked = container(ports=(HTTP, GRPC), probes=Probes(readiness=probe))["readinessProbe"]
    assert asked == TIMING | rendered, "a gRPC probe takes the port's number, as the API knows no name there"


TLS = Port(name="tls", number=8443, tls=True)


def test_a_port_with_tls_is_asked_over_https() -> None:
    asked = container(ports=(TLS, HTTP), probes=Probes(readiness=Probe(http="/readyz"), liveness=Probe(tcp=True)))
    https = {"httpGet": {"path": "/readyz", "port": "tls", "scheme": "HTTPS"}}
    assert asked["readinessProbe"] == TIMING | https, "an HTTP request would be refused, and the pod never ready"
    assert asked["livenessProbe"] == TIMING | {"tcpSocket": {"port": "tls"}}
    plain = container(ports=(TLS, HTTP), probes=Probes(readiness=Probe(http="/readyz", port="http")))
    assert "scheme" not in plain["readinessProbe"]["httpGet"], "another port of it serves TLS"


def test_a_grpc_probe_of_a_port_with_tls_is_refused() -> None:
    told = (
        "a gRPC probe of port 'tls', which serves TLS, would never pass, as the kubelet asks without TLS: probe "
        "with http, tcp or a command"
    )
    assert refused(ports=(HTTP, TLS), probes=Probes(liveness=Probe(grpc="", port="tls"))) == told


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "asks 0 questions"),
        ({"http": "/", "tcp": True}, "asks 2 questions: give exactly one of http, tcp, grpc and command"),
        ({"grpc": "", "command": []}, "asks 2 questions"),
        ({"http": "livez"}, "probe path 'livez' does not start with '/'"),
        ({"http": ""}, "Probe: http is empty"),
        ({"tcp": True, "period": 0}, "probe period 0 is too small: Kubernetes takes 1"),
        ({"tcp": True, "timeout": 0}, "probe timeout 0 is too small: Kubernetes takes 1"),
        ({"tcp": True, "failures": 0}, "probe failures 0 is too small: Kubernetes takes 1"),
        ({"tcp": True, "successes": 0}, "probe successes 0 is too small: Kubernetes takes 1"),
        ({"tcp": True, "delay": -1}, "probe delay -1 is too small: Kubernetes takes 0"),
    ],
)
def test_a_probe_that_kubernetes_would_refuse_is_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Probe(**fields)


def test_a_probe_of_another_port_than_a_tcp_one_is_refused_with_those() -> None:
    for asked in ("readiness", "liveness", "startup"):
        for port in ("admin", "dns"):
            with pytest.raises(
                ValueError, match=f"probe port '{port}' is not a TCP port of the container: it has http, "
            ):
                deployment_args(ports=(DNS, HTTP, GRPC), probes=Probes(**{asked: Probe(tcp=True, port=port)}))


@pytest.mark.parametrize("probe", [Probe(tcp=True), Probe(http="/"), Probe(grpc="")])
def test_the_first_port_is_the_first_that_can_be_asked(probe: Probe) -> None:
    asked = container(ports=(DNS, SIGNAL, HTTP, GRPC), probes=Probes(liveness=probe))["livenessProbe"]
    assert asked == container(ports=[HTTP], probes=Probes(liveness=probe))["livenessProbe"], "it would never pass"


def test_a_probe_over_the_network_of_a_container_without_a_tcp_port_is_refused() -> None:
    told = "a probe over the network needs a TCP port and the container has none: give it one, or probe with a command"
    for probe in (Probe(http="/"), Probe(http="/", port="dns")):
        assert refused(ports=(DNS, SIGNAL), probes=Probes(liveness=probe)) == told
        assert refused(probes=Probes(liveness=probe)) == told


@pytest.mark.parametrize("asked", ["liveness", "startup"])
def test_several_successes_are_refused_where_kubernetes_takes_one(asked: str) -> None:
    with pytest.raises(ValueError, match=f": {asked} probe asks for 3 successes: Kubernetes takes 1 there"):
        Probes(**{asked: Probe(http="/", successes=3)})


def test_a_command_needs_no_port() -> None:
    assert container(probes=Probes(liveness=Probe(command=["true"])))["livenessProbe"]["exec"] == {"command": ["true"]}


def test_a_slow_start_is_waited_for_with_the_question_that_could_kill() -> None:
    ready, live = Probe(http="/readyz", successes=3, delay=7), Probe(http="/livez", delay=7)
    every_second = {"periodSeconds": 1, "timeoutSeconds": 2, "failureThreshold": 120}
    for probes, path in ((Probes(readiness=ready, liveness=live), "/livez"), (Probes(readiness=ready), "/readyz")):
        asked = container(ports=[HTTP], probes=probes)["startupProbe"]
        assert asked == every_second | {"httpGet": {"path": path, "port": "http"}}, "Kubernetes takes 1 success here"


def test_a_startup_question_of_its_own_is_asked_as_it_is() -> None:
    probes = Probes(liveness=Probe(http="/livez"), startup=Probe(http="/startz", failures=9))
    assert container(ports=[HTTP], probes=probes)["startupProbe"] == TIMING | {
        "failureThreshold": 9,
        "httpGet": {"path": "/startz", "port": "http"},
    }


def test_of_which_nothing_is_said_is_ready_when_its_first_tcp_port_accepts() -> None:
    listening = container(ports=[DNS, HTTP, GRPC])
    assert listening["readinessProbe"] == TIMING | LISTENING
    assert "livenessProbe" not in listening, "a restart mends nothing of which nothing is known"


@pytest.mark.parametrize(
    "fields", [{"ports": [HTTP], "probes": Probes()}, {}, {"ports": [DNS]}], ids=["told to", "no ports", "no TCP port"]
)
def test_nothing_is_asked_where_there_is_no_question(fields: dict[str, Any]) -> None:
    assert not [key for key in container(**fields) if key.endswith("Probe")]
