"""A ServiceAccount: the identity of pods for the API server and for a cloud."""

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
    """Arguments of a `ServiceAccount`.

    - `namespace`: the namespace of the account and of the pods that run as it.
    - `token`: gives its pods the token even without a `Grant` in this program, for rights that are granted elsewhere.
      A `Grant` to the account always gives them the token.
    - `image_pull_secrets`: names of Secrets in the namespace, with which its pods pull their images.
    - `labels`, `annotations`: for example the annotation that links the account to an identity of a cloud
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
    """A ServiceAccount named exactly `name`.

    The account itself turns token mounting off. Only pods of this program get the token, and only if it is wanted.
    Other pods have to ask for it in their own spec.

    `name` is a plain string, `place` is its namespace, and `token.mounted` says whether pods mount the token.
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
