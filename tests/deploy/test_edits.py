"""What the API server would refuse in the middle is found before anything is written; the messages are a real one's."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.deploy.edits import check_edits
from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.preview.model import Manifest

PARENT: dict[str, Any] = {
    "metadata": {"namespace": "shop", "name": "shop-dev", "labels": {"applyset.kubernetes.io/id": "applyset-x-v1"}}
}
ROLE = (
    'Error from server (Invalid): RoleBinding.rbac.authorization.k8s.io "rb" is invalid: roleRef: Invalid value: '
    '{"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"z"}: cannot change roleRef'
)
JOB = (
    'Error from server (Invalid): Job.batch "j" is invalid: spec.template: Invalid value: {"labels":{"a":"b"},"Spec":'
    '{"Containers":[{"Env":[{"Name":"TOKEN","Value":"t0ps3cret"}]}]}}: field is immutable'
)
ABSENT = 'Error from server (NotFound): namespaces "other" not found'


def told(monkeypatch: pytest.MonkeyPatch, error: str, parents: list[dict[str, Any]]) -> str | None:
    """What is refused if the API server answers a dry run with `error`."""
    kinds = {"rb": ("rbac.authorization.k8s.io/v1", "RoleBinding"), "j": ("batch/v1", "Job")}
    declared = [
        Manifest(
            urn=f"urn::{name}",
            body={"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}},
            source="__main__.py:7",
        )
        for name, (version, kind) in kinds.items()
    ]

    def run(_: Kubectl, *arguments: str, **__: Any) -> str:
        assert "--dry-run=server" in arguments, "it is written"
        raise DeployError(f"kubectl apply: {error}")

    monkeypatch.setattr(Kubectl, "get", lambda *_: parents)  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    monkeypatch.setattr(Kubectl, "run", run)
    try:
        check_edits(Kubectl("here"), "shop-dev", declared)
    except DeployError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ROLE, "__main__.py:7: RoleBinding 'rb' cannot become what is declared: roleRef: cannot change roleRef; "),
        (JOB, "__main__.py:7: Job 'j' cannot become what is declared: spec.template: field is immutable; "),
        (f"{ABSENT}\n{JOB}", "__main__.py:7: Job 'j' cannot become what is declared: spec.template: field is immuta"),
    ],
)
def test_what_the_server_finds_invalid_is_refused(monkeypatch: pytest.MonkeyPatch, error: str, said: str) -> None:
    refused = told(monkeypatch, error, [PARENT])
    assert refused
    assert refused.startswith(said)
    assert "t0ps3cret" not in refused
    assert "`kubectl delete " in refused


def test_what_is_only_not_there_yet_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, ABSENT, [PARENT]) is None


def test_nothing_is_tried_before_the_first_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, JOB, []) is None
