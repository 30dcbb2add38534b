"""A certificate that cert-manager renews is served by the pods that mount it, without a restart."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.certificates import self_signed
from tests.e2e.edge import Answer
from tests.e2e.hello_world import HelloWorld, hello_world
from tests.e2e.site import Site
from tests.e2e.waiting import until

_PODS = "--selector=app.kubernetes.io/name=hello-world"


@pytest.mark.usefixtures("edge")
def test_hello_world_serves_what_cert_manager_renews(site: Site, image: str, tmp_path: Path) -> None:
    authority = self_signed("hello-world-ca")
    with hello_world(site, image, tmp_path / "program", stack="prod", pair=authority) as hello:
        hello.example.deploy("apply")
        until(lambda: hello.answer() == Answer(200, "Hello over TLS.\n"), "the CA is that of the certificate")
        first, pods = _served(hello), hello.pods()
        # It has no other certificate to give than a new one.
        hello.kubectl("delete", "secret", "hello-world-tls")
        until(lambda: hello.kubectl("get", "secret", "hello-world-tls", "--ignore-not-found"), "it is issued anew")
        # A change of a pod makes the kubelet look at its volumes. Else it does so within a minute or two.
        hello.kubectl("annotate", "pods", _PODS, "looked=at")
        until(lambda: _served(hello) != first, "the new certificate is served", seconds=150)
        assert hello.answer() == Answer(200, "Hello over TLS.\n")
        assert hello.pods() == pods
        assert hello.kubectl("get", "pods", _PODS, "--output=jsonpath={..restartCount}") == "0 0 0"


def _served(hello: HelloWorld) -> str:
    return ssl.get_server_certificate((hello.address(), 80), timeout=10)
