"""A TLS certificate that cert-manager obtains and renews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

from slipway.access.namespace import Namespace, place_of
from slipway.configuration.config_object import ConfigObject
from slipway.configuration.existing import reader
from slipway.parts.arguments.checked import checked
from slipway.parts.custom_resource import custom_resource
from slipway.parts.labels import check_labels
from slipway.parts.names import check_name
from slipway.traffic.hosts import check_hosts

_KEYS = ("tls.crt", "tls.key", "ca.crt")


@checked
@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """The arguments of a `Certificate`. Raises ValueError for invalid hosts, hours and labels.

    - `namespace`: the namespace of the Secret. An Ingress and pods that use the Secret have to be there too.
    - `hosts`: its DNS names, at least one; the first label of a name can be `*`.
    - `issuer`: the name of the issuer that signs it. `issuer_kind`: whether that is a `ClusterIssuer`, or an `Issuer`
      in the same namespace.
    - `duration`: for how many hours it is valid, at least 1; None leaves it to cert-manager (90 days).
    - `renew_before`: how many hours before it expires it is renewed, fewer than `duration`; None for a third of it.
    - `labels`, `annotations`: of the Certificate. A deployment does not wait until it is issued, since the issuer may
      need the Ingress first. The annotation `pulumi.com/waitFor: condition=Ready` makes `pulumi up` wait.
    - `spec`: raw fields of its spec in the API's camelCase, merged last (RFC 7386).
    https://cert-manager.io/docs/usage/certificate/
    """

    namespace: Namespace | pulumi.Input[str]
    hosts: Sequence[str]
    issuer: pulumi.Input[str]
    issuer_kind: Literal["ClusterIssuer", "Issuer"] = "ClusterIssuer"
    duration: int | None = None
    renew_before: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        place_of(self.namespace)
        if not self.hosts:
            raise ValueError("a certificate without hosts is for nothing: give it hosts")
        check_hosts(self.hosts)
        check_labels(self.labels)
        for what, hours in (("duration", self.duration), ("renew_before", self.renew_before)):
            if hours is not None and hours < 1:
                raise ValueError(f"{what} {hours} is too short: give a number of hours, 1 or more")
        # cert-manager's default.
        duration = self.duration or 90 * 24
        if self.renew_before and self.renew_before >= duration:
            raise ValueError(
                f"renew_before {self.renew_before} h is no less than the duration of {duration} h, so that it would be "
                f"renewed without end: give fewer hours"
            )


@checked
class Certificate(pulumi.ComponentResource):
    """A cert-manager Certificate named exactly `name`. Its Secret has the same name.

    Pass it to an `Ingress` as `tls`, or mount `secret` in pods. The Secret has the keys `tls.crt`, `tls.key` and, with
    some issuers, `ca.crt`. After a renewal the mounted files change while the process runs. The cluster needs
    cert-manager.
    """

    secret: ConfigObject

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "certificate")
        super().__init__("slipway:index:Certificate", name, None, opts)
        self.name = name
        self.hosts = list(args.hosts)
        self.place = place_of(args.namespace)
        self.resource = custom_resource(
            self,
            "cert-manager.io/v1",
            "Certificate",
            place=self.place,
            labels=args.labels,
            annotations=args.annotations,
            spec=_spec(name, args),
            raw=args.spec,
        )
        self.secret = reader("Secret", name, self.place, _KEYS, self.resource, rollout="live")
        self.register_outputs({"secret": name})


def _spec(name: str, args: CertificateArgs) -> dict[str, Any]:
    hours = {"duration": args.duration, "renewBefore": args.renew_before}
    return {
        "secretName": name,
        "dnsNames": list(args.hosts),
        "issuerRef": {"name": args.issuer, "kind": args.issuer_kind, "group": "cert-manager.io"},
        # A new key for each certificate limits how long a leaked key is of use.
        "privateKey": {"rotationPolicy": "Always"},
        **{key: f"{value}h" for key, value in hours.items() if value},
    }
