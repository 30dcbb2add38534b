"""What an Ingress, a Certificate and a Route declare is what Traefik and cert-manager do."""

from __future__ import annotations

import shutil
import ssl
from base64 import b64decode
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, cast

import grpc
import pytest
import yaml

from tests.e2e.edge import LOOPBACK, Answer, Edge
from tests.e2e.project import Project
from tests.e2e.site import Site
from tests.e2e.waiting import until
from tests.repository import ROOT

WEB, CANARY = Answer(200, "this is web"), Answer(200, "this is canary")
NOT_FOUND = 404
SERVING = b"\x08\x01"


@dataclass(frozen=True, kw_only=True)
class Served(Project):
    """The program in tests/e2e/served."""

    edge: Edge
    image: str

    def apply(self, *, path: str, share: int) -> None:
        """`share` is the canary's, in percent."""
        stated = {
            "served:image": self.image,
            "served:issuer": self.edge.issuer,
            "served:gateway": self.edge.gateway,
            "served:gatewayNamespace": self.edge.namespace,
            "served:domain": self.edge.domain,
            "served:path": path,
            "served:share": share,
            "kubernetes:context": self.site.context,
        }
        (self.folder / f"Pulumi.{self.stack}.yaml").write_text(yaml.safe_dump({"config": stated}), encoding="utf-8")
        self.deploy("apply")

    def url(self, ingress: str) -> str:
        return self.preview()["outputs"][ingress]

    def issued(self) -> str:
        """The CA in the Secret of the Certificate."""
        data = self.site.get("secret", "shop", "--namespace", self.stack)["data"]
        return b64decode(data["ca.crt"]).decode()

    def shares(self, asked: int = 100) -> Counter[Answer]:
        url, trusted = f"https://split.{self.edge.domain}/", self.issued()
        return Counter(self.edge.ask(url, trusted=trusted) for _ in range(asked))


@pytest.fixture(scope="module")
def served(site: Site, edge: Edge, image: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    folder = tmp_path_factory.mktemp("served") / "program"
    shutil.copytree(ROOT / "tests/e2e/served", folder)
    made = Served(site=site, folder=folder, stack="e2e-served", guarded=False, edge=edge, image=image)
    try:
        made.apply(path="/livez", share=25)
        made.site.kubectl(
            *("wait", "certificate/shop", "--namespace", made.stack, "--for=condition=Ready", "--timeout=60s")
        )
        yield made
    finally:
        made.deploy("down")


def answered(served: Served, url: str, wanted: Answer, **options: Any) -> None:
    """A controller follows the cluster in its own time."""
    seen: list[Answer] = []

    def has_come() -> bool:
        seen.append(served.edge.ask(url, **options))
        return seen[-1] == wanted

    try:
        until(has_come, f"{url} answers {wanted}", seconds=30)
    except AssertionError as late:
        raise AssertionError(f"{late}, but {seen[-1]}") from None


def test_the_url_of_an_ingress_answers_under_the_certificate_that_was_issued_for_it(served: Served) -> None:
    url = served.url("shop")
    assert url == f"https://shop.{served.stack}.example.com/livez"
    # Until Traefik has read the Secret, it shows a certificate of its own, which the CA has not signed.
    trusted = served.issued()
    until(lambda: verified(served, url, trusted), "Traefik shows the issued certificate")
    answered(served, url, Answer(200, "ok\n"), trusted=trusted)
    # Without its CA it is not believed.
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        served.edge.ask(url)
    # The path is exact, and the rest of the service is not open.
    assert served.edge.ask(url.removesuffix("livez"), trusted=trusted).status == NOT_FOUND


def verified(served: Served, url: str, trusted: str) -> bool:
    try:
        served.edge.ask(url, trusted=trusted)
    except ssl.SSLCertVerificationError:
        return False
    return True


def test_an_ingress_without_tls_answers_over_http_for_its_host_alone(served: Served) -> None:
    url = served.url("plain")
    assert url == f"http://plain.{served.stack}.example.com/"
    answered(served, url, CANARY)
    assert served.edge.ask(url.replace("plain", "other")).status == NOT_FOUND


def test_a_route_splits_the_requests_by_weight_and_takes_a_header_first(served: Served) -> None:
    url, trusted = f"https://split.{served.edge.domain}/", served.issued()
    answered(served, url, CANARY, trusted=trusted, headers={"x-canary": "yes"})
    seen = served.shares()
    assert set(seen) == {WEB, CANARY}
    assert 0.15 < seen[CANARY] / seen.total() < 0.35
    assert {served.edge.ask(url, trusted=trusted, headers={"x-canary": "yes"}) for _ in range(20)} == {CANARY}


def test_a_route_takes_the_one_grpc_method_that_it_names(served: Served) -> None:
    address = f"{LOOPBACK}:{served.edge.ports['http']}"
    options = [("grpc.default_authority", f"health.{served.edge.domain}")]
    with grpc.insecure_channel(address, options=options) as channel:

        def call(method: str) -> bytes | grpc.StatusCode:
            try:
                return cast("Any", channel).unary_unary(f"/grpc.health.v1.Health/{method}")(b"", timeout=5)
            except grpc.RpcError as error:
                return cast("Any", error).code()

        until(lambda: call("Check") == SERVING, "the route answers")
        assert call("List") == grpc.StatusCode.UNIMPLEMENTED


def test_a_second_apply_changes_the_path_and_the_weights(served: Served) -> None:
    before = served.url("shop")
    served.apply(path="/", share=0)
    url, trusted = served.url("shop"), served.issued()
    assert url == before.removesuffix("livez")
    answered(served, url, WEB, trusted=trusted)
    assert served.edge.ask(before, trusted=trusted).status == NOT_FOUND
    until(lambda: set(served.shares(20)) == {WEB}, "the canary gets nothing more")
