"""examples/hello_world: HTTP and gRPC over TLS, two volumes of a ConfigMap, and who may read what."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from tests.certificates import self_signed
from tests.e2e.conftest import Note
from tests.e2e.edge import Answer
from tests.e2e.example import WAYS, Way
from tests.e2e.hello_world import GRPC, HTTP, NAME, PLACE, HelloWorld, hello_world
from tests.e2e.objects import as_list
from tests.e2e.project import TOKEN
from tests.e2e.site import Site
from tests.e2e.waiting import until

SERVING = b"\x08\x01"
ACCOUNTS = ("hello-world", "reader", "operator")
RIGHTS = {
    "get configmaps/hello-world-config": {"reader"},
    "get configmaps/kube-root-ca.crt": set[str](),
    "list configmaps": set[str](),
    "update configmaps/hello-world-config": set[str](),
    "get secrets": set[str](),
    "list pods": {"operator"},
    "get pods log": {"operator"},
    "create pods exec": set[str](),
    "create pods": set[str](),
    "delete pods": set[str](),
    "get apps:deployments/hello-world": {"operator"},
    "get apps:deployments/other": set[str](),
}


@pytest.mark.parametrize("way", WAYS)
def test_hello_world(way: Way, site: Site, image: str, tmp_path: Path, note: Note) -> None:
    given = self_signed(HTTP, GRPC)
    with hello_world(site, image, tmp_path / "program", stack="dev", pair=given, way=way) as hello:
        note(hello.example.update().stdout)
        _serves_tls_alone(hello)
        _reads_both_volumes(hello)
        _lets_each_account_read_no_more(hello)
        _runs_no_pod_that_could_be_root(hello)
        _changes(hello)


def _serves_tls_alone(hello: HelloWorld) -> None:
    until(hello.answer, "the service answers")
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate"):
        hello.ask("/", None)
    assert hello.ask("/", None, scheme="http").status == 400
    assert hello.ask("/private", hello.pair).status == 401
    assert hello.ask("/private", hello.pair, token=TOKEN).status == 200

    trusted, other = (
        grpc.ssl_channel_credentials(pair.certificate.encode()) for pair in (hello.pair, self_signed(HTTP, GRPC))
    )
    until(lambda: len(hello.pods()) == 3, "all pods are ready")
    addresses = list(hello.pods().values())
    assert [_health(address, trusted) for address in addresses] == [SERVING] * 3
    assert _health(addresses[0], other) == _health(addresses[0], None) == grpc.StatusCode.UNAVAILABLE


def _health(address: str, credentials: Any) -> bytes | grpc.StatusCode:
    at, options = f"{address}:50021", [("grpc.ssl_target_name_override", GRPC)]
    made = grpc.secure_channel(at, credentials, options) if credentials else grpc.insecure_channel(at)
    with made as channel:
        try:
            return cast("Any", channel).unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10)
        except grpc.RpcError as error:
            return cast("Any", error).code()


def _reads_both_volumes(hello: HelloWorld) -> None:
    """Each file is what the ConfigMap says, and the service serves what it reads."""
    stated, pod = _stated(hello), next(iter(hello.pods()))
    for folder, key in (("data", "hello-world.data"), ("config", "hello-world.config")):
        assert hello.kubectl("exec", pod, "--", "ls", f"/{folder}") == f"{key}\n"
        assert hello.kubectl("exec", pod, "--", "cat", f"/{folder}/{key}") == stated[key]
    assert hello.answer() == Answer(200, stated["hello-world.data"])
    assert hello.answer("/slow?for=1ms") == Answer(404, "404 page not found\n")
    account = hello.site.kubectl("exec", pod, *PLACE, "--", "ls", "/var/run/secrets/kubernetes.io", check=False)
    assert "No such file" in account.stderr, "it has a token for the API server, which it does not need"


def _stated(hello: HelloWorld) -> dict[str, str]:
    return hello.site.get("configmap", "hello-world-config", *PLACE)["data"]


def _lets_each_account_read_no_more(hello: HelloWorld) -> None:
    assert _allowed(hello) == RIGHTS
    hello.kubectl("create", "job", "allowed", "--from=cronjob/reader")
    making = ("create", "job", "refused", "--from=cronjob/reader", "--dry-run=client", "--output=json")
    refused = json.loads(hello.kubectl(*making))
    [container] = refused["spec"]["template"]["spec"]["containers"]
    container["args"] = ["get", "secrets"]
    hello.kubectl("create", "-f-", stdin=json.dumps(refused))
    for job, condition in (("allowed", "Complete"), ("refused", "Failed")):
        hello.kubectl("wait", f"job/{job}", f"--for=condition={condition}", "--timeout=60s")
    assert hello.kubectl("logs", "job/allowed") == _stated(hello)["hello-world.data"]
    told = 'User "system:serviceaccount:hello-world:reader" cannot list resource "secrets"'
    assert told in hello.kubectl("logs", "job/refused")


def _allowed(hello: HelloWorld) -> dict[str, set[str]]:
    """The accounts that may, for each question in `RIGHTS`: what `kubectl auth can-i` asks, all at once."""
    asked = [(question, account) for question in RIGHTS for account in ACCOUNTS]
    reviews = as_list([_review(*one) for one in asked])
    answers = hello.kubectl("create", "-f-", '--output=jsonpath={.status.allowed}{"\\n"}', stdin=reviews).splitlines()
    allowed = {one for one, answer in zip(asked, answers, strict=True) if answer == "true"}
    return {question: {account for account in ACCOUNTS if (question, account) in allowed} for question in RIGHTS}


def _review(question: str, account: str) -> dict[str, Any]:
    verb, what, *part = question.split()
    group, _, named = what.rpartition(":")
    resource, _, name = named.partition("/")
    asked = {"verb": verb, "group": group, "resource": resource, "name": name, "subresource": "".join(part)}
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{NAME}", "system:authenticated"]
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": f"system:serviceaccount:{NAME}:{account}",
            "groups": groups,
            "resourceAttributes": {**asked, "namespace": NAME},
        },
    }


def _runs_no_pod_that_could_be_root(hello: HelloWorld) -> None:
    run = ("run", "root", "--image=registry.example.com/hello-world:1.1.0", "--dry-run=server", *PLACE)
    refused = hello.site.kubectl(*run, check=False)
    assert refused.returncode
    assert 'violates PodSecurity "restricted:latest"' in refused.stderr


def _changes(hello: HelloWorld) -> None:
    """Other contents of both volumes and another certificate roll the pods out, which then serve them."""
    before, renewed = set(hello.pods()), hello.given(self_signed(HTTP, GRPC))
    hello.example.edit("Hello over TLS.", "Hello again.")
    hello.example.edit("drain_delay = 1s", "enable_load = true")
    renewed.example.update()
    until(lambda: not before & set(hello.pods()), "the former pods are out")
    until(lambda: renewed.answer() == Answer(200, "Hello again.\n"), "the new greeting is served")
    assert renewed.answer("/slow?for=1ms") == Answer(200, "for=1ms done\n"), "the new option has arrived"
    with pytest.raises(ssl.SSLCertVerificationError):
        hello.ask("/", hello.pair)
