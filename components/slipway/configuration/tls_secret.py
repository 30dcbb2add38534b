"""A certificate and its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pulumi

from slipway.configuration.config_object import ConfigObject
from slipway.configuration.contents import Content, Contents, read
from slipway.configuration.objects import ObjectArgs, secret
from slipway.parts.arguments.annotations import WITHHELD
from slipway.parts.arguments.checked import checked


@checked
@dataclass(frozen=True, kw_only=True)
class TlsSecretArgs(ObjectArgs):
    """What a `TlsSecret` is made from, beside what all `ObjectArgs` have.

    - `certificate`: in PEM, its issuers after it; text, an Output, bytes, or the `Path` of a file.
    - `key`: its private key, likewise.

    Raises ValueError for what is known and is not PEM of that kind: a certificate that is a key would be shown.
    https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets
    """

    certificate: Content
    key: Annotated[Content, WITHHELD]

    def __post_init__(self) -> None:
        super().__post_init__()
        _contents(self)


@checked
class TlsSecret(pulumi.ComponentResource):
    """A Secret of type `kubernetes.io/tls`, with the keys `tls.crt` and `tls.key`.

    `tls.secret` is for its readers; `tls.secret.name` for an Ingress or a Gateway, which gets the new certificate
    with the new name.
    """

    secret: ConfigObject

    def __init__(self, name: str, args: TlsSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        args.check_name(name, "TLS secret")
        super().__init__("slipway:index:TlsSecret", name, None, opts)
        self.secret = secret(self, name, args, _contents(args), type_="kubernetes.io/tls")
        self.register_outputs(self.secret.outputs)


def _contents(args: TlsSecretArgs) -> Contents:
    contents = read({"tls.crt": args.certificate, "tls.key": args.key}, "TLS secret")
    for key, what, label in (("tls.crt", "certificate", "CERTIFICATE"), ("tls.key", "key", "PRIVATE KEY")):
        text = contents[key]
        # What is not Unicode text is bytes.
        if isinstance(text, bytes) or (isinstance(text, str) and not _is_pem(text, label)):
            raise ValueError(
                f"{what} is no {label} in PEM: give what begins with '-----BEGIN … {label}-----', or the Path of a "
                f"file that does"
            )
    return contents


def _is_pem(text: str, label: str) -> bool:
    first = text.lstrip().partition("\n")[0]
    return first.startswith("-----BEGIN ") and first.rstrip().endswith(f"{label}-----")
