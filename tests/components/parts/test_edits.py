"""The rules that refuse an edit look at what is really fixed, however it is written. docs/edits.md has all edits."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from slipway import ClaimTemplate, Deployment, StatefulSet, StatefulSetArgs
from slipway.parts.edits import guard
from slipway.parts.edits.objects import differs
from slipway.testing import deploy
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import deployment_args

DATA = ClaimTemplate(name="data", size="1Gi", storage_class="fast")


def database(**own: Any) -> StatefulSet:
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, "mounts": {"/data": DATA}, **own}
    return StatefulSet("db", StatefulSetArgs(**fields))


def template(size: str = "1Gi", **own: Any) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "storageClassName": "fast"}
    # The API server adds the other fields.
    return {"metadata": {"name": "data"}, "spec": {**spec, "volumeMode": "Filesystem"}, "status": {}, **own}


@pytest.fixture
def update(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Deploys a StatefulSet over one that was made with some spec."""

    def updated(was: dict[str, Any], name: str = "db", **own: Any) -> None:
        selector = {"matchLabels": {"app.kubernetes.io/name": "db", "slipway/kind": "StatefulSet"}}
        made = {"podManagementPolicy": "OrderedReady", "serviceName": "db-headless", "selector": selector}
        outputs = {
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {**made, "revisionHistoryLimit": 10, **was},
        }
        state = {"urn": {"type": "kubernetes:apps/v1:StatefulSet", "outputs": outputs}}

        async def last() -> dict[str, Any]:
            return state

        monkeypatch.setattr(guard, "last_state", last)
        deploy(lambda: database(**own))

    return updated


def test_what_is_as_it_was_goes_on(update: Any) -> None:
    update({"volumeClaimTemplates": [template()]})
    update({"volumeClaimTemplates": [template("1024Mi")]})
    update({"podManagementPolicy": "Parallel"}, name="other")


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"order": "parallel"}, "order of statefulset 'db' is parallel and was ordered when it was made"),
        ({"mounts": {}}, "claim template 'data' of statefulset 'db' is not there and was 1Gi of fast, ReadWriteOnce"),
        (
            {"mounts": {"/data": ClaimTemplate(name="data", size="2Gi", storage_class="fast")}},
            "claim template 'data' of statefulset 'db' is 2Gi of fast, ReadWriteOnce and was 1Gi of fast",
        ),
        (
            {"mounts": {"/data": ClaimTemplate(name="data", size="1Gi")}},
            "claim template 'data' of statefulset 'db' is 1Gi of the default class, ReadWriteOnce and was 1Gi of fast",
        ),
        (
            {"mounts": {"/data": ClaimTemplate(name="data", size="1Gi", storage_class="fast", labels={"a": "b"})}},
            "claim template 'data' of statefulset 'db' is 1Gi of fast, ReadWriteOnce, labels {'a': 'b'} and was 1Gi",
        ),
        ({"spec": {"pod_management_policy": "Parallel"}}, "order of statefulset 'db' is parallel and was ordered"),
    ],
)
def test_an_edit_is_refused_with_what_was_and_the_way_out(update: Any, own: dict[str, Any], said: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        update({"volumeClaimTemplates": [template()]}, **own)
    where, sentence = str(refused.value).split(": ", 1)
    assert sentence.startswith(said)
    assert "kubectl delete statefulset db --cascade=orphan --namespace shop" in sentence
    assert where.startswith("tests/components/parts/test_edits.py:"), "the user's own line"


def test_a_new_template_is_an_edit(update: Any) -> None:
    with pytest.raises(pulumi.RunError, match=r"claim template 'data' of statefulset 'db' is 1Gi .* and was not there"):
        update({})


def test_what_only_a_deployment_knows_counts_as_unchanged() -> None:
    assert not differs({"a": 1}, {"a": None})
    assert differs({"a": 1}, {"a": 2})
    assert differs([{"a": 1}], [{"a": 1}, {"a": 2}])
    assert differs(None, {"hostPath": {"path": "/srv"}})


def test_a_raw_selector_is_still_merged() -> None:
    def program() -> None:
        Deployment(
            "web", deployment_args(spec={"selector": {"match_labels": {"team": "shop"}}}, labels={"team": "shop"})
        )

    selector = deploy(program).object("Deployment")["spec"]["selector"]
    assert selector == {"matchLabels": {"app.kubernetes.io/name": "web", "slipway/kind": "Deployment", "team": "shop"}}
