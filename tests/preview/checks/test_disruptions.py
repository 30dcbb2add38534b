"""A budget that keeps a node from ever being drained is found; so are policies and routes that lead nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.checks import check
from slipway.preview.model import COMPUTED, Finding
from tests.preview.checks.good import Body, findings, manifest, put

WEB = {"app": "web"}


def made(api_version: str, kind: str, name: str, spec: Any) -> Body:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def deployment(name: str = "web", replicas: Any = 2, kind: str = "Deployment", labels: Any = None) -> Body:
    labels = labels or {**WEB, "n": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}
    scaled = {} if replicas is None else {"replicas": replicas}
    return made("apps/v1", kind, name, {**scaled, "selector": {"matchLabels": labels}, "template": template})


def budget(name: str = "web", selector: Any = None, **spec: Any) -> Body:
    return made("policy/v1", "PodDisruptionBudget", name, {"selector": selector or {"matchLabels": WEB}, **spec})


def found(*every: Body, family: str = "disruption/") -> list[Finding]:
    return [one for one in check([manifest(body) for body in every]) if one.rule.startswith(family)]


NEVER: list[tuple[Body, list[Body], str]] = [
    (budget(maxUnavailable=0), [deployment()], "maxUnavailable is 0"),
    (budget(maxUnavailable="0%"), [deployment(replicas=None)], "maxUnavailable is 0%"),
    (budget(minAvailable="100%"), [deployment()], "minAvailable is 100%"),
    (budget(minAvailable=2), [deployment()], "minAvailable is 2 of 2"),
    (budget(minAvailable=3), [deployment(), deployment("other", 1)], "minAvailable is 3 of 3"),
]


@pytest.mark.parametrize(("one", "beside", "said"), NEVER, ids=[each[2] for each in NEVER])
def test_a_budget_that_lets_no_pod_go_is_doubted(one: Body, beside: list[Body], said: str) -> None:
    [about] = found(one, *beside)
    assert (about.rule, str(about.severity)) == ("disruption/never", "warning")
    assert about.path.rpartition(".")[2] == said.split(maxsplit=1)[0]
    assert said in about.message


HPA = made("autoscaling/v2", "HorizontalPodAutoscaler", "web", {"scaleTargetRef": {"kind": "Deployment", "name": "x"}})
ROLLOUT = made("argoproj.io/v1alpha1", "Rollout", "web", {})
SOMETIMES: list[tuple[str, list[Body]]] = [
    ("fewer than there are", [budget(minAvailable=1), deployment()]),
    ("fewer than all together", [budget(minAvailable=2), deployment(), deployment("other", 1)]),
    ("a share", [budget(minAvailable="50%"), deployment(replicas=1)]),
    ("a number that somebody else decides", [budget(minAvailable=2), deployment(replicas=None)]),
    ("a number that an autoscaler changes", [budget(minAvailable=2), deployment(), HPA]),
    ("pods that an extension may make too", [budget(minAvailable=2), deployment(), ROLLOUT]),
    ("a number that is not known", [budget(minAvailable=2), deployment(replicas=COMPUTED)]),
    ("a bound that is not known", [budget(minAvailable=COMPUTED, maxUnavailable=COMPUTED), deployment()]),
    ("nothing that runs", [budget(minAvailable=1), deployment(replicas=0)]),
    ("a pod on each node", [budget(minAvailable=1), deployment(kind="DaemonSet", replicas=1)]),
    ("two budgets of two", [budget(selector={"matchLabels": {**WEB, "n": "web"}}), deployment(),
                            budget("b", {"matchLabels": {"n": "other"}}), deployment("other")]),
    ("a budget that is declared twice", [budget(), budget(), deployment()]),
    ("labels that are not known", [budget(), budget("b", {"matchLabels": COMPUTED}), deployment()]),
    ("another namespace", [budget(), {**budget("b"), "metadata": {"name": "b", "namespace": "x"}}, deployment()]),
    ("a template that makes no pods", [budget(), budget("b"), {"apiVersion": "v1", "kind": "PodTemplate",
      "metadata": {"name": "t", "namespace": "shop"}, "template": {"metadata": {"labels": WEB}, "spec": {}}}]),
]  # fmt: skip


@pytest.mark.parametrize("every", [each[1] for each in SOMETIMES], ids=[each[0] for each in SOMETIMES])
def test_a_budget_that_lets_pods_go_is_no_finding(every: list[Body]) -> None:
    assert found(*every) == []


def test_pods_that_two_budgets_guard_are_an_error() -> None:
    [about] = found(budget(), budget("b", {"matchExpressions": [{"key": "app", "operator": "Exists"}]}), deployment())
    assert (about.rule, str(about.severity), about.where) == (
        "disruption/two-budgets",
        "error",
        "PodDisruptionBudget shop/b",
    )
    assert "PodDisruptionBudget shop/web guards the pods of Deployment shop/web already" in about.message


# --- Network policies and routes ----------------------------------------------------------------


def policy(selector: Any) -> Body:
    return made("networking.k8s.io/v1", "NetworkPolicy", "web", {"podSelector": selector})


def test_a_policy_for_no_pod_of_the_program_is_doubted() -> None:
    astray = policy({"matchLabels": {"app": "wbe"}})
    [about] = found(astray, deployment(), family="reference/selects")
    assert (str(about.severity), about.path) == ("warning", "spec.podSelector")
    assert 'it wants `app` to be "wbe"' in about.message
    assert [str(one.severity) for one in found(astray, family="reference/selects")] == ["info"], "pods may be elsewhere"


@pytest.mark.parametrize(
    "selector", [{}, {"matchLabels": {}}, {"matchLabels": WEB}, COMPUTED, {"matchLabels": COMPUTED}]
)
def test_a_policy_that_selects_some_or_all_is_no_finding(selector: Any) -> None:
    assert found(policy(selector), deployment(), family="reference/selects") == []


def route(kind: str = "HTTPRoute", **backend: Any) -> Body:
    return made("gateway.networking.k8s.io/v1", kind, "web", {"rules": [{"backendRefs": [{"name": "web", **backend}]}]})


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
@pytest.mark.parametrize(
    ("backend", "rule", "severity", "field"),
    [
        ({"name": "wbe", "port": 80}, "reference/missing-service", "warning", "name"),
        ({"namespace": "other", "port": 80}, "reference/missing-service", "warning", "name"),
        ({"port": 81}, "reference/missing-port", "error", "port"),
    ],
)
def test_a_route_to_nowhere_is_found(kind: str, backend: Body, rule: str, severity: str, field: str) -> None:
    [about] = [one for one in findings(extra=[route(kind, **backend)]) if one.rule != "schema/no-schema"]
    assert (about.rule, str(about.severity)) == (rule, severity)
    assert about.path == f"spec.rules[0].backendRefs[0].{field}"


@pytest.mark.parametrize(
    "backend",
    [{"port": 80}, {"port": 80, "namespace": "shop", "kind": "Service", "group": ""}, {"kind": "Bucket", "name": "b"},
     {"name": COMPUTED, "port": 1}, {"port": COMPUTED}, {"namespace": COMPUTED, "name": "x"},
     {"kind": "Service", "group": "example.com", "name": "x"}],
)  # fmt: skip
def test_a_route_to_what_is_there_is_no_finding(backend: Body) -> None:
    assert [one for one in findings(extra=[route(**backend)]) if one.rule != "schema/no-schema"] == []


def test_a_route_says_nothing_of_who_makes_pods() -> None:
    astray = put("spec.selector", {"app": "nobody"})
    found = findings(astray, of="Service", extra=[route(port=80)])
    assert "error" in {str(one.severity) for one in found if one.rule == "reference/selects-nothing"}
