"""A ServiceAccount: who pods are, to the API server and to a cloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.access.token import Token
from slipway.parts.arguments.checked import checked
from slipway.parts.names import check_name


@checked
@dataclass(frozen=True, kw_only=True)
class ServiceAccountArgs:
    """What a `ServiceAccount` is made from.

    - `namespace`: where it lives, and where the pods that run as it do.
    - `token`: whether its pods get its token though no `Grant` of this program asks for it, as where somebody else
      grants it rights. A `Grant` to it switches the token on by itself.
    - `image_pull_secrets`: names of Secrets of the namespace, for the images of all its pods.
    - `labels`, `annotations`: such as the annotation by which a cloud knows the account
      (`eks.amazonaws.com/role-arn`, `iam.gke.io/gcp-service-account`, `azure.workload.identity/client-id`).
    https://kubernetes.io/docs/concepts/security/service-accounts/
    """

    namespace: Namespace | pulumi.Input[str]
    token: bool = False
    image_pull_secrets: Sequence[pulumi.Input[str]] = ()
    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])

    def __post_init__(self) -> None:
        place_of(self.namespace)


@checked
class ServiceAccount(pulumi.ComponentResource):
    """A ServiceAccount named exactly `name`. No pod gets its token, but those of ours that need it.

    For the pods that run as it: `name` is a plain value, `place` its namespace, and `token.mounted` says whether they
    get its token. The account itself says no, so that a pod of somebody else has to ask.
    """

    def __init__(self, name: str, args: ServiceAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "service account")
        super().__init__("slipway:index:ServiceAccount", name, None, opts)
        self.name = name
        self.place = place_of(args.namespace)
        self.token = Token(str(self), wanted=args.token)
        self.resource = core.ServiceAccount(
            name,
            metadata={
                "name": name,
                "namespace": self.place.name,
                "labels": args.labels or None,
                "annotations": args.annotations or None,
            },
            automount_service_account_token=False,
            image_pull_secrets=[{"name": secret} for secret in args.image_pull_secrets] or None,
            opts=self.place.child(self),
        )
        self.register_outputs({"name": name})

    def __str__(self) -> str:
        return f"service account {self.name!r}"
