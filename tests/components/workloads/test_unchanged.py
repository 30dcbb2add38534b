"""An edit of what Kubernetes never changes in a StatefulSet is refused, with what was made before and the way out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from slipway import ClaimTemplate, StatefulSetArgs
from slipway.parts.arguments.refusal import Refusal
from slipway.workloads import unchanged
from slipway.workloads.stateful_set import fixed_by
from tests.components.examples import IMAGE, NAMESPACE


def args(**own: Any) -> StatefulSetArgs:
    data = ClaimTemplate(name="data", size="1Gi", storage_class="fast")
    fields: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, "mounts": {"/data": data}, **own}
    return StatefulSetArgs(**fields)


def claim(size: str = "1Gi", storage_class: str | None = "fast") -> dict[str, Any]:
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {"metadata": {"name": "data"}, "spec": spec | ({"storageClassName": storage_class} if storage_class else {})}


MADE = {"podManagementPolicy": "OrderedReady", "volumeClaimTemplates": [claim()]}


def judged(monkeypatch: pytest.MonkeyPatch, spec: dict[str, Any] | None, name: str = "db", **own: Any) -> str:
    """What an update of the StatefulSet `db`, made with `spec`, is told."""

    async def state() -> dict[str, Any]:
        outputs = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
        return {"urn": {"type": "kubernetes:apps/v1:StatefulSet", "outputs": outputs}} if spec else {}

    monkeypatch.setattr(unchanged, "last_state", state)
    given = args(**own)
    told = unchanged.unchanged(given.workload("db"), fixed_by(given), "kept")

    async def waiting() -> str:
        return await told

    return asyncio.run(waiting())


def test_what_is_as_it_was_goes_on(monkeypatch: pytest.MonkeyPatch):
    assert judged(monkeypatch, MADE) == "kept"
    assert judged(monkeypatch, None) == "kept", "there is none yet"
    assert judged(monkeypatch, {"podManagementPolicy": "Parallel"}, name="other") == "kept"


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
    ],
)
def test_an_edit_is_refused_with_what_was_and_the_way_out(
    monkeypatch: pytest.MonkeyPatch, own: dict[str, Any], said: str
):
    with pytest.raises(Refusal) as refused:
        judged(monkeypatch, MADE, **own)
    assert refused.value.sentence.startswith(said)
    assert "kubectl delete statefulset db --cascade=orphan" in refused.value.sentence
    assert str(refused.value).startswith("tests/components/workloads/test_unchanged.py:"), "the user's own line"


def test_a_new_template_is_an_edit(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(Refusal, match=r"claim template 'data' of statefulset 'db' is 1Gi .* and was not there"):
        judged(monkeypatch, {"podManagementPolicy": "OrderedReady"})
