"""An account gives its token to nobody who does not need it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from slipway import Deployment, Grant, GrantArgs, ServiceAccount, ServiceAccountArgs
from slipway.testing import Recording, attempt, deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import deployment_args


def account(name: str = "web", **own: Any) -> ServiceAccount:
    return ServiceAccount(name, ServiceAccountArgs(namespace=NAMESPACE, **own))


def grant(to: ServiceAccount) -> Grant:
    return Grant("read", GrantArgs(to=to, may="read", what=["pods"]))


def running_as(one: ServiceAccount) -> Deployment:
    """A Deployment whose pods are this account."""
    pod: Any = {"service_account_name": one.name, "automount_service_account_token": one.token.mounted}
    return Deployment(one.name, deployment_args(pod_spec=pod))


def mounted(recording: Recording) -> bool:
    return recording.object("Deployment")["spec"]["template"]["spec"]["automountServiceAccountToken"]


def test_it_is_named_as_it_was_told_and_gives_its_token_to_nobody() -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/web"}

    def program() -> None:
        pull: list[Any] = ["registry", pulumi.Output.from_input("mirror")]
        account(annotations=role, labels={"team": "shop"}, image_pull_secrets=pull)

    recording = deploy(program)
    assert recording.object("ServiceAccount") == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "web", "namespace": NAMESPACE, "labels": {"team": "shop"}, "annotations": role},
        "automountServiceAccountToken": False,
        "imagePullSecrets": [{"name": "registry"}, {"name": "mirror"}],
    }


def test_pods_get_the_token_where_a_grant_comes_after_them() -> None:
    def program() -> None:
        one = account()
        running_as(one)
        grant(one)

    recording = deploy(program)
    assert mounted(recording) is True
    assert recording.object("ServiceAccount")["automountServiceAccountToken"] is False, "others have to ask for it"


def test_pods_get_no_token_where_nothing_is_granted() -> None:
    assert mounted(deploy(lambda: running_as(account()))) is False


def test_pods_get_the_token_where_the_account_is_told_so() -> None:
    assert mounted(deploy(lambda: running_as(account(token=True)))) is True


def test_a_grant_that_comes_when_pods_without_a_token_are_out_is_refused() -> None:
    async def later() -> None:
        first, told = account(), account("told", token=True)
        for one in (first, told):
            await running_as(one).resource.urn.future()
        said = "service account 'web' was declared without a token before grant 'read' was made, so its pods could not"
        with pytest.raises(ValueError, match=said):
            grant(first)
        grant(told)

    recording, error = attempt(lambda: pulumi.export("done", later()))
    assert error is None
    assert recording.object("RoleBinding")


@pytest.mark.parametrize("name", ["Web", "a" * 64])
def test_a_name_that_no_account_has_is_refused(name: str) -> None:
    args = ServiceAccountArgs(namespace=NAMESPACE)
    assert refusal(lambda: ServiceAccount(name, args)).startswith(f"service account {name!r} is not a valid name")
