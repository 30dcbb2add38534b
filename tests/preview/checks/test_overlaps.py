"""A selector that reaches another workload's pods is found, and one that only looks like it is not."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.checks import check
from slipway.preview.model import COMPUTED, Finding
from tests.preview.checks.good import Body, manifest

WEB = {"app": "web"}
HTTP = [{"name": "http", "containerPort": 8080}]
ABOUT = ("workload/overlapping-selector", "reference/not-listening")


def template(labels: Any, ports: Any = HTTP, **spec: Any) -> Body:
    container = {"name": "main", "image": "registry.example.com/web:1", "ports": ports}
    return {"metadata": {"labels": labels}, "spec": {"containers": [container], **spec}}


def made(api_version: str, kind: str, name: str, spec: Body, namespace: Any = "shop") -> Body:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def workload(name: str, labels: Any, selector: Any = None, kind: str = "Deployment", **kw: Any) -> Body:
    pods = template(labels, kw.pop("ports", HTTP))
    chosen = {"matchLabels": labels} if selector is None else selector
    return made("apps/v1", kind, name, {"selector": chosen, "template": pods}, **kw)


def job(labels: Any, ports: Any = None, **spec: Any) -> Body:
    return made("batch/v1", "Job", "migrate", {"template": template(labels, ports, restartPolicy="Never"), **spec})


def cron_job(labels: Any) -> Body:
    inner = {"template": template(labels, restartPolicy="Never")}
    return made("batch/v1", "CronJob", "nightly", {"schedule": "@daily", "jobTemplate": {"spec": inner}})


def pod(labels: Any, **spec: Any) -> Body:
    of = template(labels, **spec)
    body = made("v1", "Pod", "debug", of["spec"])
    return {**body, "metadata": {**body["metadata"], "labels": labels}}


def controller(name: str, labels: Any, **spec: Any) -> Body:
    return made("v1", "ReplicationController", name, {"template": template(labels), **spec})


def service(port: Any = 8080, **spec: Any) -> Body:
    return made("v1", "Service", "web", {"selector": WEB, "ports": [{"port": 80, "targetPort": port}], **spec})


def found(*every: Body) -> list[Finding]:
    return [each for each in check([manifest(body) for body in every]) if each.rule in ABOUT]


def expression(key: str, operator: str, *values: str) -> Body:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


OVERLAPS: list[tuple[str, str, Body, Body]] = [
    ("a Job's", "Job shop/migrate", workload("web", WEB), job(WEB)),
    ("a CronJob's", "CronJob shop/nightly", workload("web", WEB), cron_job(WEB)),
    ("a bare Pod", "Pod shop/debug", workload("web", WEB), pod(WEB)),
    *((f"a {kind}'s", f"{kind} shop/other", workload("web", WEB), workload("other", {**WEB, "b": "c"}, kind=kind))
      for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")),
    ("a ReplicationController's", "ReplicationController shop/old", workload("web", WEB), controller("old", WEB)),
    ("those that an expression names", "Job shop/migrate",
     workload("web", WEB, expression("app", "In", "web", "api")), job({"app": "api"})),
    ("those that an expression leaves", "Job shop/migrate",
     workload("web", WEB, expression("app", "NotIn", "api")), job({"app": "other"})),
    ("those that have a label at all", "Job shop/migrate",
     workload("web", WEB, expression("app", "Exists")), job({"app": "other"})),
    ("those that lack a label", "Job shop/migrate",
     workload("web", WEB, expression("job", "DoesNotExist")), job({"app": "other"})),
]  # fmt: skip


@pytest.mark.parametrize(("whose", "one", "other"), [each[1:] for each in OVERLAPS], ids=[each[0] for each in OVERLAPS])
def test_a_selector_that_selects_anothers_pods_is_an_error(whose: str, one: Body, other: Body) -> None:
    [about] = found(one, other)
    assert (about.rule, str(about.severity), about.path) == (ABOUT[0], "error", "spec.selector")
    assert about.where == "Deployment shop/web"
    assert f"the pods of {whose}" in about.message


@pytest.mark.parametrize("kind", ["DaemonSet", "ReplicaSet", "StatefulSet"])
def test_every_workload_that_selects_is_looked_at(kind: str) -> None:
    assert [each.where for each in found(workload("web", WEB, kind=kind), job(WEB))] == [f"{kind} shop/web"]


def test_a_replication_controller_selects_by_its_template_where_it_says_nothing() -> None:
    assert [each.where for each in found(controller("old", WEB), job(WEB))] == ["ReplicationController shop/old"]
    assert found(controller("old", {**WEB, "v": "1"}), job(WEB)) == []
    assert len(found(controller("old", {**WEB, "v": "1"}, selector=WEB), job(WEB))) == 1


def test_a_job_selects_only_where_it_is_told_to() -> None:
    assert found(job(WEB, selector={"matchLabels": WEB}), pod(WEB)) == []
    [about] = found(job(WEB, selector={"matchLabels": WEB}, manualSelector=True), pod(WEB))
    assert about.where == "Job shop/migrate"


def test_two_that_select_each_other_are_one_finding() -> None:
    [about] = found(workload("web", WEB), workload("other", WEB))
    assert about.where == "Deployment shop/web"


def test_the_message_names_the_labels_and_counts_who_is_many() -> None:
    many = [workload(f"w{number}", {**WEB, "n": str(number)}) for number in range(4)]
    [about] = found(workload("web", WEB), *many)
    assert about.message == (
        "the selector (app=web) also selects the pods of Deployment shop/w0, Deployment shop/w1 and 2 more, so that "
        "both count and scale them as their own: give the pods of Deployment shop/w0 another value of one of these "
        "labels"
    )


def test_a_bare_pod_is_said_to_be_taken_over() -> None:
    [about] = found(workload("web", WEB, {"matchLabels": WEB, **expression("app", "In", "web", "api")}), pod(WEB))
    assert "(app=web, app In (web, api))" in about.message
    assert "it takes them over and may delete them" in about.message


KEPT_APART: list[tuple[str, list[Body]]] = [
    ("a canary with a label of its own", [workload("a", {**WEB, "t": "1"}), workload("b", {**WEB, "t": "2"})]),
    ("pods of another namespace", [workload("web", WEB), workload("other", WEB, namespace="other")]),
    ("two namespaces that are not known",
     [workload("web", WEB, namespace=COMPUTED), workload("other", WEB, namespace=COMPUTED)]),
    ("a namespace that is not known", [workload("web", WEB), workload("other", WEB, namespace=COMPUTED)]),
    ("labels that are not known", [workload("web", WEB), job(COMPUTED)]),
    ("a label that is not known", [workload("web", WEB), job({"app": COMPUTED})]),
    ("a selector that is not known", [workload("web", WEB, COMPUTED), job(WEB)]),
    ("labels of a selector that are not known", [workload("web", WEB, {"matchLabels": COMPUTED}), job(WEB)]),
    ("a label of a selector that is not known",
     [workload("web", {}, {"matchLabels": {**WEB, "v": COMPUTED}}), job({**WEB, "v": "1"})]),
    ("expressions that are not known",
     [workload("web", WEB, {"matchLabels": WEB, "matchExpressions": COMPUTED}), job(WEB)]),
    ("an expression on a label that is not known",
     [workload("web", WEB, expression("app", "Exists")), job({"app": COMPUTED})]),
    ("an operator that nobody knows", [workload("web", WEB, expression("app", "Like", "web")), job(WEB)]),
    ("an expression that leaves them out",
     [workload("web", WEB, {"matchLabels": WEB, **expression("job", "DoesNotExist")}), job({**WEB, "job": "x"})]),
    ("an empty selector", [workload("web", WEB, {"matchLabels": {}}), job(WEB)]),
    ("one object twice", [workload("web", WEB), workload("web", WEB)]),
    ("a Deployment and a StatefulSet that are two", [workload("web", WEB), workload("db", {"app": "db"})]),
    ("a template that makes no pods",
     [workload("web", WEB), {**made("v1", "PodTemplate", "x", {}), "template": template(WEB)}]),
]  # fmt: skip


@pytest.mark.parametrize("every", [each[1] for each in KEPT_APART], ids=[each[0] for each in KEPT_APART])
def test_what_selects_its_own_pods_is_no_finding(every: list[Body]) -> None:
    assert found(*every) == []


SERVES = workload("web", {**WEB, "t": "1"})


def beside(ports: Any) -> Body:
    return workload("other", {**WEB, "t": "2"}, ports=ports)


METRICS = [{"name": "metrics", "containerPort": 9090}]
ASTRAY: list[tuple[str, Body, Body, str]] = [
    ("a worker that declares no port", service(), beside(None), "declare no port 8080/TCP"),
    ("a worker that declares another", service(), beside(METRICS), "declare no port 8080/TCP"),
    ("a port of another protocol", service(), beside([{**HTTP[0], "protocol": "UDP"}]), "declare no port 8080/TCP"),
    ("a Job", service(), job(WEB), "run to their end"),
    ("a Job that declares the port", service("http"), job(WEB, HTTP), "run to their end"),
    ("a CronJob", service(), cron_job(WEB), "run to their end"),
    ("a Pod that ends", service(), pod(WEB, restartPolicy="Never"), "run to their end"),
]


@pytest.mark.parametrize(("to", "other", "why"), [each[1:] for each in ASTRAY], ids=[each[0] for each in ASTRAY])
def test_requests_that_go_astray_are_found(to: Body, other: Body, why: str) -> None:
    [about] = found(SERVES, other, to)
    assert (about.rule, str(about.severity), about.path) == (ABOUT[1], "warning", "spec.selector")
    assert about.where == "Service shop/web"
    assert "besides the pods of Deployment shop/web it selects those of" in about.message
    assert why in about.message
    assert "requests to port 80 fail there" in about.message


def test_a_workload_is_said_once_however_many_ports_it_lacks() -> None:
    ports = [{"name": "a", "port": 80, "targetPort": 8080}, {"name": "b", "port": 81, "targetPort": 8080}]
    assert len(found(SERVES, beside(None), service(ports=ports))) == 1


FINE: list[tuple[str, list[Body]]] = [
    ("a canary that serves the same port", [service(), SERVES, beside([{"containerPort": 8080}])]),
    ("a name that leads to another number", [service("http"), SERVES, beside([{"name": "http", "containerPort": 1}])]),
    ("a name that a worker lacks, which gets no requests", [service("http"), SERVES, beside(METRICS)]),
    ("a name that a Job lacks", [service("http"), SERVES, job(WEB)]),
    ("a headless Service", [service(clusterIP="None"), SERVES, beside(None)]),
    ("a Service without pods", [service(type="ExternalName"), SERVES, beside(None)]),
    ("a Job alone", [service(), job(WEB, HTTP)]),
    ("ports that are not known", [service(), SERVES, beside(COMPUTED)]),
    ("a target port that is not known", [service(COMPUTED), SERVES, beside(None)]),
    ("nobody who declares the port", [service(9999), SERVES, beside(None)]),
    ("a worker of another label", [service(), SERVES, workload("other", {"app": "other"}, ports=None)]),
]


@pytest.mark.parametrize("every", [each[1] for each in FINE], ids=[each[0] for each in FINE])
def test_a_service_over_several_workloads_that_serve_is_no_finding(every: list[Body]) -> None:
    assert found(*every) == []
