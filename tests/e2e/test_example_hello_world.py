"""examples/hello_world: HTTP and gRPC over TLS, two volumes of a ConfigMap, and who may read what."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from tests.certificates import Pair, self_signed
from tests.e2e.conftest import Note
from tests.e2e.edge import Answer, ask
from tests.e2e.example import Example, example, kubectl_image, stand_in
from tests.e2e.objects import as_list
from tests.e2e.project import TOKEN
from tests.e2e.site import Site, base_images
from tests.e2e.waiting import until

NAME = "hello-world"
HOSTS = [f"{service}.{NAME}.svc" for service in (NAME, "hello-world-grpc")]
PLACE = ("--namespace", NAME)
# The image of app/ has no program that shows a file.
WITH_TOOLS = "FROM {} AS tools\nFROM {}\nCOPY --from=tools /bin /bin"
SERVING = b"\x08\x01"
ACCOUNTS = ("hello-world", "reader", "operator")
RIGHTS = {
    "get configmaps/hello-world-config": {"reader"},
    "list configmaps": set[str](),
    "get configmaps/kube-root-ca.crt": set[str](),
    "update configmaps/hello-world-config": set[str](),
    "get secrets": set[str](),
    "list pods": {"operator"},
    "get pods/log": {"operator"},
    "delete pods": set[str](),
    "create pods/exec": set[str](),
    "get deployments.apps/hello-world": {"operator"},
    "get deployments.apps/other": set[str](),
}


def test_hello_world(site: Site, image: str, extensions: None, tmp_path: Path, note: Note) -> None:
    stand_in(site, "registry.example.com/hello-world:1.1.0", WITH_TOOLS.format(base_images()["GO_IMAGE"], image))
    kubectl_image(site)
    first = self_signed(*HOSTS)
    with example(site, "hello_world", tmp_path / "program", secrets=_secrets(first)) as hello:
        note(hello.deploy("apply").stdout)
        _serves_tls_alone(hello, first)
        _reads_both_volumes(hello, first)
        _lets_each_account_read_no_more(hello)
        _runs_no_pod_that_could_be_root(hello)
        _changes(hello, first)
        _has_a_stack_that_the_api_server_accepts(replace(hello, stack="prod"))


def _secrets(pair: Pair) -> Mapping[str, str]:
    stem = "HELLO_WORLD_SECRET_"
    return {f"{stem}API_TOKEN": TOKEN, f"{stem}CERTIFICATE": pair.certificate, f"{stem}KEY": pair.key}


def _ask(hello: Example, path: str, pair: Pair | None, *, scheme: str = "https", token: str | None = None) -> Answer:
    spec = hello.site.get("service", NAME, *PLACE)["spec"]
    assert [(one["name"], one["port"]) for one in spec["ports"]] == [("http", 80)]
    headers = {"Authorization": f"Bearer {token}"} if token else None
    trusted = pair.certificate if pair else None
    return ask((spec["clusterIP"], 80), f"{scheme}://{HOSTS[0]}{path}", trusted=trusted, headers=headers)


def _answer(hello: Example, path: str, pair: Pair) -> Answer | None:
    """None while the Service has no pod with this certificate."""
    try:
        return _ask(hello, path, pair)
    except OSError:
        return None


def _serves_tls_alone(hello: Example, pair: Pair) -> None:
    until(lambda: _answer(hello, "/", pair), "the service answers")
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate"):
        _ask(hello, "/", None)
    assert _ask(hello, "/", None, scheme="http").status == 400, "the pods serve HTTPS alone"
    assert _ask(hello, "/private", pair).status == 401
    assert _ask(hello, "/private", pair, token=TOKEN).status == 200

    trusted = grpc.ssl_channel_credentials(pair.certificate.encode())
    other = grpc.ssl_channel_credentials(self_signed(*HOSTS).certificate.encode())
    pods = _pods(hello)
    assert len(pods) == 3
    for address in pods.values():
        assert _health(address, trusted) == SERVING
    address = next(iter(pods.values()))
    assert _health(address, other) == _health(address, None) == grpc.StatusCode.UNAVAILABLE


def _pods(hello: Example) -> dict[str, str]:
    """The address of each pod of the service, by its name, as the headless Service has them."""
    slices = hello.site.items("endpointslices", *PLACE, "--selector=kubernetes.io/service-name=hello-world-grpc")
    endpoints = [one for found in slices for one in found["endpoints"] or []]
    return {one["targetRef"]["name"]: one["addresses"][0] for one in endpoints if one["conditions"]["ready"]}


def _health(address: str, credentials: Any) -> bytes | grpc.StatusCode:
    at, options = f"{address}:50021", [("grpc.ssl_target_name_override", HOSTS[1])]
    made = grpc.secure_channel(at, credentials, options) if credentials else grpc.insecure_channel(at)
    with made as channel:
        try:
            return cast("Any", channel).unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10)
        except grpc.RpcError as error:
            return cast("Any", error).code()


def _reads_both_volumes(hello: Example, pair: Pair) -> None:
    """Each file is what the ConfigMap says, and the service serves what it reads."""
    stated = hello.site.get("configmap", "hello-world-config", *PLACE)["data"]
    pod = next(iter(_pods(hello)))
    for folder, key in (("data", "hello-world.data"), ("config", "hello-world.config")):
        assert _in(hello, pod, "ls", f"/{folder}") == f"{key}\n"
        assert _in(hello, pod, "cat", f"/{folder}/{key}") == stated[key]
    assert _answer(hello, "/", pair) == Answer(200, stated["hello-world.data"])
    account = hello.site.kubectl("exec", pod, *PLACE, "--", "ls", "/var/run/secrets/kubernetes.io", check=False)
    assert "No such file" in account.stderr, "it has a token for the API server, which it does not need"


def _in(hello: Example, pod: str, *command: str) -> str:
    return hello.site.kubectl("exec", pod, *PLACE, "--", *command).stdout


def _lets_each_account_read_no_more(hello: Example) -> None:
    def may(account: str, question: str) -> bool:
        asking = ("auth", "can-i", *question.split(), *PLACE, f"--as=system:serviceaccount:{NAME}:{account}")
        return hello.site.kubectl(*asking, check=False).stdout.strip() == "yes"

    assert {question: {one for one in ACCOUNTS if may(one, question)} for question in RIGHTS} == RIGHTS
    place = ("create", "job", "--from=cronjob/reader", *PLACE)
    hello.site.kubectl(*place, "allowed")
    refused = json.loads(hello.site.kubectl(*place, "refused", "--dry-run=client", "--output=json").stdout)
    [container] = refused["spec"]["template"]["spec"]["containers"]
    container["args"] = ["get", "secrets"]
    hello.site.kubectl("create", "-f-", stdin=json.dumps(refused))
    for job, condition in (("allowed", "Complete"), ("refused", "Failed")):
        hello.site.kubectl("wait", f"job/{job}", f"--for=condition={condition}", "--timeout=60s", *PLACE)
    stated = hello.site.get("configmap", "hello-world-config", *PLACE)["data"]
    assert hello.site.kubectl("logs", "job/allowed", *PLACE).stdout == stated["hello-world.data"]
    told = hello.site.kubectl("logs", "job/refused", *PLACE).stdout
    assert 'User "system:serviceaccount:hello-world:reader" cannot list resource "secrets"' in told


def _runs_no_pod_that_could_be_root(hello: Example) -> None:
    run = ("run", "root", "--image=registry.example.com/hello-world:1.1.0", "--dry-run=server", *PLACE)
    refused = hello.site.kubectl(*run, check=False)
    assert refused.returncode
    assert 'violates PodSecurity "restricted:latest"' in refused.stderr


def _changes(hello: Example, former: Pair) -> None:
    """Other contents of both volumes and another certificate roll the pods out, which then serve them."""
    before, renewed = set(_pods(hello)), self_signed(*HOSTS)
    hello.edit("Hello over TLS.", "Hello again.")
    hello.edit("drain_delay = 1s", "enable_load = true")
    replace(hello, secrets=_secrets(renewed)).deploy("apply")
    until(lambda: not before & set(_pods(hello)), "the former pods are out")
    until(lambda: _answer(hello, "/", renewed) == Answer(200, "Hello again.\n"), "the new greeting is served")
    assert _ask(hello, "/slow?for=1ms", renewed).status == 200, "the option that enables it has not arrived"
    assert _answer(hello, "/", former) is None, "the former certificate is still served"


def _has_a_stack_that_the_api_server_accepts(prod: Example) -> None:
    """The stack with cert-manager: https://cert-manager.io/docs/usage/certificate/."""
    objects = prod.rendered()
    assert {"Certificate", "Issuer"} <= {one["kind"] for one in objects}
    dry = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "-f-")
    prod.site.kubectl(*dry, stdin=as_list(objects))
