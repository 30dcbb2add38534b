"""The identities in the cluster's certificates."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from cluster import pki
from cluster.network import Network

NETWORK = Network(bridge="10.244.0.0/22", services="10.96.0.0/20")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    pki.create(folder, NETWORK)
    return folder


def certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())


def test_every_certificate_is_signed_by_its_authority(folder: Path) -> None:
    for leaf in pki.leaves(NETWORK):
        signed = certificate(folder, leaf.file)
        signed.verify_directly_issued_by(certificate(folder, leaf.authority))


def test_the_node_has_the_identity_that_the_node_authorizer_expects(folder: Path) -> None:
    subject = certificate(folder, "node").subject
    values = [subject.get_attributes_for_oid(oid)[0].value for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)]
    assert values == ["system:node:slipway", "system:nodes"]


def test_only_the_administrator_and_the_servers_kubelet_client_are_masters() -> None:
    masters = [leaf.file for leaf in pki.leaves(NETWORK) if pki.ADMINS in leaf.groups]
    assert masters == ["admin", "apiserver-kubelet-client"]


def test_the_api_servers_certificate_has_every_address_that_clients_use(folder: Path) -> None:
    names = certificate(folder, "apiserver").extensions.get_extension_for_class(x509.SubjectAlternativeName)
    addresses = {str(a) for a in names.value.get_values_for_type(x509.IPAddress)}
    assert addresses == {"127.0.0.1", "10.244.0.1", "10.96.0.1"}
    assert "kubernetes.default.svc" in names.value.get_values_for_type(x509.DNSName)
