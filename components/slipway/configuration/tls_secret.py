"""A TLS certificate and its private key, as a Secret."""

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
    """Arguments of a `TlsSecret`, in addition to those of `ObjectArgs`.

    - `certificate`: the certificate in PEM, followed by its issuers. It is text, an Output, bytes, or a file's `Path`.
    - `key`: the private key in PEM, given in the same ways.

    Raises ValueError if one of them is not PEM of the right kind, such as a private key given as the certificate. An
    Output is not checked.
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

    Workloads read `tls.secret`. Give `tls.secret.name` to an Ingress or a Gateway. If the Secret is versioned, a new
    certificate has a new name, and they get it.
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
        # `read` leaves only bytes that are not UTF-8 text, and an Output is neither text nor bytes.
        if isinstance(text, bytes) or (isinstance(text, str) and not _is_pem(text, label)):
            raise ValueError(
                f"{what} is no {label} in PEM: give what begins with '-----BEGIN … {label}-----', or the Path of a "
                f"file that does"
            )
    return contents


def _is_pem(text: str, label: str) -> bool:
    first = text.lstrip().partition("\n")[0]
    return first.startswith("-----BEGIN ") and first.rstrip().endswith(f"{label}-----")
