"""A Certificate says what is signed by whom, and pods mount what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from slipway import Deployment
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import deployment_args
from tests.components.traffic.surroundings import certificate

HOST = "shop.example.com"


def body(**own: Any) -> dict[str, Any]:
    return deploy(lambda: certificate(HOST, **own)).object("Certificate")


def refused(*hosts: str, **own: Any) -> str:
    return refusal(lambda: certificate(*hosts, **own))


def test_what_is_not_asked_for_is_left_to_cert_manager() -> None:
    assert body() == {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "shop", "namespace": NAMESPACE},
        "spec": {
            "secretName": "shop",
            "dnsNames": [HOST],
            "issuerRef": {"name": "ours", "kind": "ClusterIssuer", "group": "cert-manager.io"},
            "privateKey": {"rotationPolicy": "Always"},
        },
    }


def test_all_that_is_asked_for_is_there() -> None:
    made = body(
        issuer_kind="Issuer",
        duration=48,
        renew_before=12,
        labels={"team": "shop"},
        annotations={"pulumi.com/waitFor": "x"},
    )
    assert made["spec"]["issuerRef"]["kind"] == "Issuer"
    assert (made["spec"]["duration"], made["spec"]["renewBefore"]) == ("48h", "12h")
    assert made["metadata"]["labels"] == {"team": "shop"}
    assert made["metadata"]["annotations"] == {"pulumi.com/waitFor": "x"}


def test_raw_fields_are_merged_last() -> None:
    spec = body(spec={"privateKey": {"algorithm": "ECDSA"}, "issuerRef": {"group": None}})["spec"]
    assert spec["privateKey"] == {"rotationPolicy": "Always", "algorithm": "ECDSA"}
    assert spec["issuerRef"] == {"name": "ours", "kind": "ClusterIssuer"}


def test_pods_mount_its_secret_and_do_not_roll_when_it_is_renewed() -> None:
    def program() -> None:
        mounts = {"/tls": certificate(HOST).secret.volume(keys=["tls.crt", "tls.key"])}
        Deployment("web", deployment_args(mounts=mounts))

    recording = deploy(program)
    template = recording.object("Deployment")["spec"]["template"]
    (volume,) = template["spec"]["volumes"]
    items = [{"key": key, "path": key} for key in ("tls.crt", "tls.key")]
    assert volume["secret"] == {"secretName": "shop", "items": items}
    assert "annotations" not in template["metadata"], "a checksum of what cert-manager writes is known to nobody"
    (waited,) = recording.one("apps/v1:Deployment").options["dependencies"]
    assert waited == recording.one("cert-manager.io/v1:Certificate").urn


def test_a_secret_that_changes_under_the_process_feeds_no_variables() -> None:
    told = refusal(lambda: certificate(HOST).secret.environment(keys=["tls.crt"], prefix="TLS_"))
    assert told.startswith("'TLS_tls.crt' would be a variable that no shell can read")


def test_hosts_that_it_cannot_be_for_are_refused() -> None:
    assert refused() == "a certificate without hosts is for nothing: give it hosts"
    assert refused("https://a.com") == "host 'https://a.com' is no DNS name: write 'a.com'"


@pytest.mark.parametrize("hours", [{"duration": 0}, {"renew_before": 0}, {"renew_before": -1}])
def test_less_than_an_hour_is_refused(hours: dict[str, int]) -> None:
    assert refused(HOST, **hours).endswith("is too short: give a number of hours, 1 or more")


@pytest.mark.parametrize(("own", "least"), [({"duration": 48}, 48), ({}, 2160)])
def test_a_renewal_that_never_ends_is_refused(own: dict[str, int], least: int) -> None:
    assert body(renew_before=least - 1, **own)
    assert f"no less than the duration of {least} h" in refused(HOST, renew_before=least, **own)


def test_a_label_that_tells_whose_it_is_is_not_told_anew() -> None:
    assert refused(HOST, labels={"app.kubernetes.io/name": "x"}).startswith(
        "label 'app.kubernetes.io/name' is set from"
    )
