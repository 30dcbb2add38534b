"""Certificates: the cluster's own authority, and the identities of its components.

Names and groups are Kubernetes' own, so that the built-in RBAC roles and the Node authorizer apply:
https://kubernetes.io/docs/setup/best-practices/certificates/
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cluster.network import LOOPBACK, Network
from cluster.record import replace

NODE = "slipway"
"""The name of the only node."""
METRICS_SERVER = "metrics-server.kube-system.svc"
VALID = datetime.timedelta(days=365)
# A new certificate must be valid even if a clock is a little behind.
SKEW = datetime.timedelta(minutes=5)
ADMINS = "system:masters"


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A certificate to make: `authority` signs `name` (the user) in `groups`, for servers at `hosts`."""

    authority: str
    file: str
    name: str
    groups: Sequence[str] = ()
    hosts: Sequence[str | IPv4Address] = ()


def leaves(network: Network) -> list[Leaf]:
    """Every certificate of a cluster."""
    loopback = (LOOPBACK, "localhost")
    in_cluster = [f"kubernetes{d}" for d in ("", ".default", ".default.svc")]
    in_cluster.append("kubernetes.default.svc.cluster.local")

    def user(file: str, name: str, *groups: str) -> Leaf:
        return Leaf(authority="ca", file=file, name=name, groups=groups)

    return [
        Leaf(authority="etcd-ca", file="etcd", name="etcd", hosts=loopback),
        Leaf(authority="etcd-ca", file="etcd-client", name="kube-apiserver"),
        Leaf(
            authority="ca",
            file="apiserver",
            name="kube-apiserver",
            hosts=(*loopback, network.gateway, network.api, *in_cluster),
        ),
        Leaf(authority="ca", file="kubelet", name=NODE, hosts=(NODE, network.gateway)),
        Leaf(authority="ca", file="metrics-server", name="metrics-server", hosts=(METRICS_SERVER,)),
        Leaf(authority="front-proxy-ca", file="front-proxy-client", name="front-proxy-client"),
        user("admin", "kubernetes-admin", ADMINS),
        user("apiserver-kubelet-client", "kube-apiserver-kubelet-client", ADMINS),
        user("controller-manager", "system:kube-controller-manager"),
        user("scheduler", "system:kube-scheduler"),
        user("proxy", "system:kube-proxy"),
        user("node", f"system:node:{NODE}", "system:nodes"),
    ]


def create(folder: Path, network: Network) -> None:
    """Writes `<file>.crt` and `<file>.key` (mode 600) for every authority and leaf, and the key that signs
    service-account tokens."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    authorities = {a: _authority(a) for a in ("ca", "etcd-ca", "front-proxy-ca")}
    for name, (certificate, key) in authorities.items():
        _write(folder / name, certificate, key)
    for leaf in leaves(network):
        _write(folder / leaf.file, *_signed(leaf, *authorities[leaf.authority]))
    key = ec.generate_private_key(ec.SECP256R1())
    replace(folder / "service-account.key", _pem(key))
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    replace(folder / "service-account.pub", public.decode())


def _builder(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _authority(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"slipway-{name}")])
    certificate = (
        _builder(subject, key)
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _signed(
    leaf: Leaf, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in leaf.groups),
            x509.NameAttribute(NameOID.COMMON_NAME, leaf.name),
        ]
    )
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if leaf.hosts:
        usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
    builder = (
        _builder(subject, key)
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
    )
    if leaf.hosts:
        names = [_general_name(host) for host in leaf.hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(authority_key, hashes.SHA256()), key


def _general_name(host: str | IPv4Address) -> x509.GeneralName:
    if isinstance(host, IPv4Address) or host == LOOPBACK:
        return x509.IPAddress(IPv4Address(host))
    return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    replace(path.with_name(f"{path.name}.key"), _pem(key))
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    replace(path.with_name(f"{path.name}.crt"), pem)
