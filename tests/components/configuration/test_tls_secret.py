"""A certificate and its key are one Secret, under the keys that every reader of one expects."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from slipway import TlsSecret, TlsSecretArgs
from slipway.testing import deploy, refusal
from tests.components.examples import CERTIFICATE, KEY, NAMESPACE
from tests.components.rendering import deployment


def tls(**own: Any) -> TlsSecret:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "certificate": CERTIFICATE, "key": KEY, **own}
    return TlsSecret("web", TlsSecretArgs(**fields))


def test_it_holds_both_from_text_and_from_files(tmp_path: Path):
    (tmp_path / "key.pem").write_text(KEY)
    made = deploy(lambda: tls(key=tmp_path / "key.pem")).object("Secret")
    assert made["type"] == "kubernetes.io/tls"
    assert {key: base64.b64decode(value).decode() for key, value in made["data"].items()} == {
        "tls.crt": CERTIFICATE,
        "tls.key": KEY,
    }


def test_a_renewed_certificate_is_another_secret_so_that_nobody_is_without_one():
    names = [
        deploy(lambda text=text: tls(certificate=text)).object("Secret")["metadata"]["name"]
        for text in (CERTIFICATE, CERTIFICATE.replace("MIIB", "MIIC"))
    ]
    assert names[0] != names[1]


def test_its_former_versions_are_known():
    recording = deploy(tls)
    name = recording.object("Secret")["metadata"]["name"]
    assert recording.one("slipway:index:TlsSecret").outputs == {"name": name, "versions": {"Secret": [name]}}
    assert deploy(lambda: tls(rollout="live")).one("slipway:index:TlsSecret").outputs == {"name": "web"}


def test_pods_mount_it():
    recording = deploy(lambda: deployment(mounts={"/etc/tls": tls(rollout="live").secret.volume()}))
    (volume,) = recording.object("Deployment")["spec"]["template"]["spec"]["volumes"]
    assert volume["secret"] == {"secretName": "web"}


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"certificate": KEY}, "certificate is no CERTIFICATE in PEM"),
        ({"key": CERTIFICATE}, "key is no PRIVATE KEY in PEM"),
        ({"key": b"\xff\xfe"}, "key is no PRIVATE KEY in PEM"),
        ({"certificate": Path("missing.pem")}, "cannot read 'missing.pem'"),
    ],
)
def test_what_is_not_of_its_kind_is_refused(own: dict[str, Any], words: str):
    told = refusal(lambda: tls(**own))
    assert words in told
    assert "MC4C" not in told, "it shows the key"
