"""The text of findings, their order, and that no manifest makes the checks fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.preview.checks import check, quantities
from slipway.preview.model import COMPUTED, SECRET, Manifest, Severity
from tests.preview.checks.good import (
    CONTAINER,
    Body,
    Change,
    add,
    bodies,
    drop,
    findings,
    manifest,
    put,
)

C = CONTAINER
POD = "spec.template.spec"

MESSAGES = [
    (
        "Deployment",
        put(f"{C}.imagePullpolicy", "x"),
        "unknown field `imagePullpolicy`: did you mean `imagePullPolicy`?",
    ),
    ("Deployment", put(f"{C}.readinesProbe", {}), "did you mean `readinessProbe`?"),
    ("Service", put("spec.ports[0].port", "80"), '"80" is not an integer: write it as one'),
    (
        "Service",
        put("spec.type", "NodeProt"),
        '"NodeProt" is not one of ClusterIP, ExternalName, LoadBalancer, NodePort',
    ),
    ("Service", put("spec.type", "NodeProt"), "did you mean `NodePort`?"),
    ("Deployment", put(f"{C}.resources.limits.memory", "0.5Gb"), "did you mean `0.5Gi`?"),
    ("Deployment", put(f"{C}.resources.limits.memory", "512 MB"), "did you mean `512Mi`?"),
    ("Deployment", put(f"{C}.resources.limits.memory", "a lot"), "write a number with a suffix such as m, Mi or Gi"),
    ("Deployment", put(f"{C}.resources.limits.memory", "400m"), "did you mean `400Mi`?"),
    ("Deployment", put(f"{C}.resources.limits.memroy", "1Gi"), "did you mean `memory`?"),
    (
        "Ingress",
        put("apiVersion", "extensions/v1beta1"),
        "serves no Ingress as `extensions/v1beta1`: it serves Ingress as `networking.k8s.io/v1`",
    ),
    (
        "HorizontalPodAutoscaler",
        put("apiVersion", "autoscaling/v2beta2"),
        "it serves HorizontalPodAutoscaler as `autoscaling/v",
    ),
    ("ServiceAccount", put("kind", "ServiceAcount"), "did you mean `ServiceAccount`?"),
    (
        "Service",
        put("spec.selector", {"app.kubernetes.io/name": "wbe"}),
        'it wants `app.kubernetes.io/name` to be "wbe" and the pods of Deployment shop/web have "web"',
    ),
    ("Service", put("spec.ports[0].targetPort", "htp"), "did you mean `http`?"),
    (
        "Deployment",
        put(f"{POD}.volumes[0].configMap.name", "web-confg-1a2b3c4d"),
        "did you mean `web-config-1a2b3c4d`?",
    ),
    ("Deployment", put(f"{C}.env[1].valueFrom.secretKeyRef.key", "API_TOKE"), "did you mean `API_TOKEN`?"),
    ("PodDisruptionBudget", put("metadata.name", "a" * 254), "has 254 characters and may have 253: shorten it"),
    ("Deployment", put("spec.replicas", 0), "0 turns the autoscaler off"),
]


@pytest.mark.parametrize(("of", "change", "said"), MESSAGES, ids=[each[2][:60] for each in MESSAGES])
def test_a_message_gives_the_value_the_rule_and_the_way_out(of: str, change: Change, said: str) -> None:
    assert any(said in f.message for f in findings(change, of=of))


def test_every_finding_names_its_object_and_where_it_was_declared() -> None:
    body = bodies()["Service"]
    body["spec"]["prots"] = []
    [about] = [f for f in check([manifest(body, source="shop.py:12")]) if f.rule == "schema/unknown-field"]
    assert (about.where, about.source) == ("Service shop/web", "shop.py:12")


def test_all_errors_of_an_object_are_found_and_not_the_first_alone() -> None:
    body = bodies()["Deployment"]
    for change in (
        put("spec.replica", 1),
        put(f"{C}.imge", "x"),
        drop(f"{C}.name"),
        put(f"{C}.ports[0].containerPort", "x"),
    ):
        change(body)
    found = {f.path for f in check([manifest(body)]) if f.rule.startswith("schema/")}
    assert found == {"spec.replica", f"{C}.imge", f"{C}.name", f"{C}.ports[0].containerPort"}


def test_two_missing_fields_of_one_object_are_two_findings() -> None:
    found = findings(put("spec.scaleTargetRef", {}), of="HorizontalPodAutoscaler")
    paths = {f.path for f in found if f.rule == "schema/missing-field"}
    assert paths == {"spec.scaleTargetRef.kind", "spec.scaleTargetRef.name"}


def test_the_most_severe_findings_come_first_then_by_object_path_and_rule() -> None:
    body = bodies()["Deployment"]
    for change in (put("spec.replica", 1), put(f"{C}.securityContext", {}), put(f"{C}.env[0].value", SECRET)):
        change(body)
    gadget = {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "a"}}
    every = [manifest(b, urn=str(i)) for i, b in enumerate([gadget, body, bodies()["Namespace"], bodies()["Service"]])]
    found = check(every)
    assert found == sorted(found, key=lambda f: (-f.severity, f.where, f.path, f.rule))
    assert {f.severity for f in found} == set(Severity), "the case has something of each severity"
    assert check(every) == found
    assert check(every[::-1]) == found


def test_two_manifests_with_one_urn_are_refused() -> None:
    every = [manifest(bodies()[kind], urn="urn:x") for kind in ("Namespace", "ServiceAccount")]
    [about] = check(every)
    assert (about.rule, about.where, str(about.severity)) == ("duplicate/urn", "ServiceAccount shop/web", "error")


def test_one_object_under_two_urns_names_the_other_declaration() -> None:
    one, two = (manifest(bodies()["Namespace"], urn=f"urn:{n}", source=f"shop.py:{n}") for n in (1, 2))
    [about] = check([one, two])
    assert about.rule == "duplicate/object"
    assert about.source == "shop.py:2"
    assert "shop.py:1" in about.message


def test_an_objects_version_does_not_tell_it_from_another() -> None:
    newer = bodies()["HorizontalPodAutoscaler"]
    older: Body = {**newer, "apiVersion": "autoscaling/v1"}
    assert "duplicate/object" in {f.rule for f in check([manifest(newer), manifest(older)])}


def test_two_autoscalers_of_one_target_are_refused() -> None:
    other = bodies()["HorizontalPodAutoscaler"]
    other["metadata"]["name"] = "other"
    [about] = findings(extra=[other])
    assert (about.rule, about.where) == ("autoscaling/same-target", "HorizontalPodAutoscaler shop/other")


def test_a_missing_namespace_is_said_once_and_counted() -> None:
    [about] = findings(without=["Namespace"])
    assert about.rule == "reference/missing-namespace"
    assert "8 objects go" in about.message


@pytest.mark.parametrize("policy", [None, "Always"])
def test_a_jobs_pods_must_end(policy: str | None) -> None:
    pod = {**bodies()["Deployment"]["spec"]["template"]["spec"], "restartPolicy": policy}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate", "namespace": "shop"},
        "spec": {"template": {"spec": pod}},
    }
    [about] = findings(extra=[job])
    assert (about.rule, about.path) == ("workload/restart-policy", f"{POD}.restartPolicy")
    pod["restartPolicy"] = "OnFailure"
    assert findings(extra=[job]) == []


ROLES = "rbac.authorization.k8s.io"


def test_a_binding_to_an_unrendered_target_is_a_warning() -> None:
    binding = {
        "apiVersion": f"{ROLES}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "read", "namespace": "shop"},
        "roleRef": {"apiGroup": ROLES, "kind": "Role", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "nobody", "namespace": "shop"}],
    }
    found = [(str(f.severity), f.rule, f.path) for f in findings(extra=[binding])]
    assert found == [
        ("warning", "reference/missing-role", "roleRef.name"),
        ("warning", "reference/missing-service-account", "subjects[0].name"),
    ]


def test_a_stateful_set_without_its_service_is_a_warning() -> None:
    body = bodies()["Deployment"]
    del body["spec"]["strategy"]
    body |= {"kind": "StatefulSet"}
    body["spec"]["serviceName"] = "db"
    found = [f for f in check([manifest(b) for b in (body, bodies()["Service"])]) if f.path == "spec.serviceName"]
    assert [(f.rule, str(f.severity)) for f in found] == [("reference/missing-service", "warning")]


def test_a_reference_does_not_reach_into_another_namespace() -> None:
    elsewhere = bodies()["ConfigMap"]
    elsewhere["metadata"]["namespace"] = "default"
    [about] = findings(without=["ConfigMap"], extra=[elsewhere])
    assert about.rule == "reference/missing-config-map"
    assert "it is in namespace `default`" in about.message


def test_a_budget_that_selects_nothing_by_expression_is_found() -> None:
    expression = {"key": "app.kubernetes.io/name", "operator": "NotIn", "values": ["web"]}
    found = findings(put("spec.selector", {"matchExpressions": [expression]}), of="PodDisruptionBudget")
    assert [f.rule for f in found] == ["reference/selects-nothing"]


# --- Versions -----------------------------------------------------------------------------------


def test_a_patch_version_and_a_leading_v_are_understood() -> None:
    assert findings(version="v1.36.3") == findings(version="1.36") == []


def test_a_cluster_newer_than_the_schemas_is_checked_against_the_newest() -> None:
    assert findings(version="1.99") == []


@pytest.mark.parametrize("version", ["1.10", "latest", ""])
def test_a_version_that_cannot_be_checked_is_refused_by_name(version: str) -> None:
    with pytest.raises(ValueError, match=version or "''"):
        findings(version=version)


def test_the_version_decides_what_is_served() -> None:
    cron_job = {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1beta3",
        "kind": "FlowSchema",
        "metadata": {"name": "x"},
        "spec": {"priorityLevelConfiguration": {"name": "x"}},
    }
    assert findings(extra=[cron_job], version="1.31") == []
    assert [f.rule for f in findings(extra=[cron_job])] == ["schema/unserved-version"]


# --- Secrets ------------------------------------------------------------------------------------

LEAK = "hunter2-hunter2"


@pytest.mark.parametrize(
    "change",
    [
        put("data", {"PASSWORD": LEAK}),
        put("data", LEAK),
        put("stringData", LEAK),
        put("stringData.API_TOKEN", [LEAK]),
        put("data", {"PASSWORD": {"nested": LEAK}}),
    ],
)
def test_no_message_quotes_the_data_of_a_secret(change: Change) -> None:
    found = findings(change, of="Secret")
    assert found
    assert not any(LEAK in str(f) for f in found)


# --- Quantities ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("100m", "0.1"),
        ("1", "1"),
        (2, "2"),
        (0.5, "0.5"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+1", "1"),
        ("-1", "-1"),
        ("1k", "1000"),
        ("1Ki", "1024"),
        ("128Mi", "134217728"),
        ("1E", "1000000000000000000"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("1e-3", "0.001"),
        ("1n", "0.000000001"),
        ("1u", "0.000001"),
        ("1Ei", "1152921504606846976"),
    ],
)
def test_a_quantity_is_the_number_that_kubernetes_reads(written: Any, number: str) -> None:
    assert quantities.parse(written) == Decimal(number)


@pytest.mark.parametrize(
    "written", ["", " 1", "1 Gi", "1Gb", "1K", "1mi", "1,5", "Mi", ".", "1e", "٣", True, None, [], float("nan")]
)
def test_text_that_kubernetes_does_not_accept_as_a_quantity_is_none(written: Any) -> None:
    assert quantities.parse(written) is None


@given(st.integers(0, 10**9), st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi"]))
def test_a_quantity_grows_with_its_number(number: int, suffix: str) -> None:
    smaller, larger = quantities.parse(f"{number}{suffix}"), quantities.parse(f"{number + 1}{suffix}")
    assert smaller is not None
    assert larger is not None
    assert smaller < larger


# --- Whatever comes -----------------------------------------------------------------------------

_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 70_000),
    st.just(10**30),
    st.floats(),
    st.sampled_from(["", "x", "http", "a/b/c", "1Gi", "²", "Always", COMPUTED, SECRET]),
    st.sampled_from([[], {}, [None], [[]], [{}], ["x"], {"": ""}, {"name": {}}, {"name": COMPUTED}, [COMPUTED]]),
)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field of `node`, at every depth."""
    keys: list[Any] = []
    if isinstance(node, dict | list):
        keys = list(cast("Any", node)) if isinstance(node, dict) else list(range(len(cast("Any", node))))
    for key in keys:
        yield (*path, key)
        yield from _places(node[key], (*path, key))


def _spoil(node: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value


def _everything() -> list[Body]:
    workload = bodies()["Deployment"]["spec"]
    others = [
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "db"},
            "spec": {**workload, "volumeClaimTemplates": [{"metadata": {"name": "data"}}], "serviceName": "db"},
        },
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": "nightly"},
            "spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": workload["template"]}}},
        },
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "l", "namespace": "shop"},
            "spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}}]},
        },
        {
            "apiVersion": f"{ROLES}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "r"},
            "roleRef": {"apiGroup": ROLES, "kind": "Role", "name": "x"},
            "subjects": [{"kind": "ServiceAccount", "name": "a", "namespace": "b"}],
        },
        {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"secretName": "s"}},
    ]
    return [*bodies().values(), *others]


EVERYTHING = _everything()
PLACES = [(i, *path) for i, body in enumerate(EVERYTHING) for path in _places(body)]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), _JUNK), min_size=1, max_size=4))
def test_no_malformed_manifest_makes_the_checks_fail(spoilt: list[tuple[tuple[Any, ...], Any]]) -> None:
    every: list[Any] = copy.deepcopy(EVERYTHING)
    for path, junk in spoilt:
        # An earlier change may have removed the field that this one changes.
        with suppress(KeyError, IndexError, TypeError):
            _spoil(every, path, copy.deepcopy(junk))
    found = check([Manifest(urn=f"urn:{i}", body=body) for i, body in enumerate(every)])
    assert all(f.where and f.message and "/" in f.rule for f in found)


def test_no_finding_is_about_an_unknown_field() -> None:
    claims: list[str] = []
    for kind, body in bodies().items():
        # Without its kind, an object no longer counts as a target of references.
        for path in (path for path in _places(body) if path[0] not in ("apiVersion", "kind")):
            found = findings(lambda body, path=path: _spoil(body, path, COMPUTED), of=kind)
            claims += [f"{kind} {path}: {f.rule}: {f.message}" for f in found]
    assert claims == []


def test_a_secret_in_any_field_is_only_called_exposed() -> None:
    for kind, body in bodies().items():
        for path in _places(body):
            if path[0] in ("apiVersion", "kind"):
                continue
            found = findings(lambda body, path=path: _spoil(body, path, SECRET), of=kind)
            is_data = kind == "Secret" and path[0] in ("data", "stringData")
            assert [f.rule for f in found] == ([] if is_data else ["exposure/secret"]), (kind, path)


@pytest.mark.parametrize("body", [{}, {"metadata": None}, {"kind": 1}, {"kind": "Pod", "metadata": []}])
def test_a_manifest_without_any_structure_is_a_finding(body: Body) -> None:
    found = check([manifest(body, urn="urn:odd")])
    assert {f.rule for f in found} >= {"schema/missing-field"}
    assert {f.where for f in found} == {"urn:odd"}


def test_findings_are_plain_data_that_json_takes() -> None:
    found = findings(add(f"{C}.args", SECRET))
    assert json.loads(json.dumps([f.message for f in found]))
