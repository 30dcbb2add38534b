"""A grant says what an account may do, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi_kubernetes.core import v1 as core

from slipway import (
    Autoscaler,
    AutoscalerArgs,
    Config,
    ConfigArgs,
    Grant,
    GrantArgs,
    Image,
    Namespace,
    Release,
    Scaling,
    Service,
    ServiceAccount,
    ServiceAccountArgs,
    ServiceArgs,
    WebService,
    WebServiceArgs,
)
from slipway.access.api_resources import WRITE, known, of_kind, parse
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import IMAGE, NAMESPACE
from tests.components.rendering import HTTP, deployment

READ = ["get", "list", "watch"]


def account(namespace: Any = NAMESPACE) -> ServiceAccount:
    return ServiceAccount("worker", ServiceAccountArgs(namespace=namespace))


def granted(what: Callable[[], list[Any]] | list[Any] = lambda: ["pods"], **own: Any) -> Recording:
    return deploy(lambda: grant(what, **own))


def grant(what: Callable[[], list[Any]] | list[Any] = lambda: ["pods"], **own: Any) -> Grant:
    fields: dict[str, Any] = {
        "to": account(),
        "may": "read",
        "what": what() if callable(what) else what,
        **own,
    }
    return Grant("look", GrantArgs(**fields))


def rules(what: Callable[[], list[Any]] | list[Any], **own: Any) -> list[dict[str, Any]]:
    return granted(what, **own).object("Role")["rules"]


def rule(group: str, resources: list[str], verbs: list[str], names: list[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"apiGroups": [group], "resources": resources, "verbs": verbs}
    return {**found, "resourceNames": names} if names else found


def test_a_grant_is_a_role_and_its_binding_of_the_same_name() -> None:
    recording = granted()
    where = {"name": "look", "namespace": NAMESPACE}
    assert recording.object("Role")["metadata"] == recording.object("RoleBinding")["metadata"] == where
    assert recording.object("RoleBinding")["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "Role",
        "name": "look",
    }
    assert recording.object("RoleBinding")["subjects"] == [
        {"kind": "ServiceAccount", "name": "worker", "namespace": NAMESPACE}
    ]


def test_what_is_granted_changes_no_role_ref() -> None:
    ways: list[dict[str, Any]] = [{}, {"may": "write"}, {"what": ["secrets", "jobs.batch"]}, {"may": ["get"]}]
    bindings = [granted(**way).object("RoleBinding") for way in ways]
    assert all(one == bindings[0] for one in bindings), "the provider deletes a binding first whose roleRef changes"


def test_kinds_of_a_group_and_the_same_verbs_are_one_rule() -> None:
    assert rules(["pods", "services", "deployments.apps", "pods/log", "scaledobjects.keda.sh"]) == [
        rule("", ["pods", "services"], READ),
        rule("apps", ["deployments"], READ),
        rule("", ["pods/log"], ["get"]),
        rule("keda.sh", ["scaledobjects"], READ),
    ]


def test_writing_includes_reading_and_goes_as_far_as_the_kind_does() -> None:
    assert rules(["secrets", "deployments.apps/scale", "pods/exec", "pods/eviction"], may="write") == [
        rule("", ["secrets"], [*READ, "create", "update", "patch", "delete"]),
        rule("apps", ["deployments/scale"], ["get", "update", "patch"]),
        rule("", ["pods/exec"], ["get", "create"]),
        rule("", ["pods/eviction"], ["create"]),
    ]


def test_objects_are_granted_by_name_and_never_their_making() -> None:
    def objects() -> list[Any]:
        web = deployment(ports=[HTTP])
        service = Service("front", ServiceArgs(workload=web))
        config = Config("settings", ConfigArgs(namespace=NAMESPACE, values={"a": "b"}, rollout="live"))
        other = Config("more", ConfigArgs(namespace=NAMESPACE, values={"a": "b"}, rollout="live"))
        raw = core.Endpoints("raw", metadata={"name": "raw-name", "namespace": NAMESPACE})
        scaler = Autoscaler("hpa", AutoscalerArgs(workload=web, scaling=Scaling(min=1, max=2)))
        return [web, service, config.values, other.values, raw, scaler, web.workload]

    some = [*READ, "update", "patch", "delete"]
    assert rules(objects, may="write") == [
        rule("apps", ["deployments"], some, ["web", "web"]),
        rule("", ["services"], some, ["front"]),
        rule("", ["configmaps"], some, ["settings", "more"]),
        rule("", ["endpoints"], some, ["raw-name"]),
        rule("autoscaling", ["horizontalpodautoscalers"], some, ["hpa"]),
    ]


def test_a_versioned_secret_is_granted_by_the_name_it_has() -> None:
    def secrets() -> list[Any]:
        return [Config("settings", ConfigArgs(namespace=NAMESPACE, secrets={"a": "b"})).secrets]

    recording = granted(secrets)
    (found,) = recording.object("Role")["rules"]
    assert found["resourceNames"] == [recording.object("Secret")["metadata"]["name"]]
    assert found["resources"] == ["secrets"]


def test_of_a_web_service_its_deployment_is_granted_and_not_its_secrets() -> None:
    def web() -> list[Any]:
        return [WebService("web", WebServiceArgs(namespace=NAMESPACE, image=IMAGE, secrets={"A": "b"}))]

    assert rules(web) == [rule("apps", ["deployments"], READ, ["web"])]


def test_everywhere_is_a_cluster_role_that_carries_its_namespace() -> None:
    recording = granted(["nodes", "pods"], everywhere=True)
    role, binding = recording.object("ClusterRole"), recording.object("ClusterRoleBinding")
    assert role["metadata"]["name"] == binding["metadata"]["name"] == binding["roleRef"]["name"] == "shop:look"
    assert binding["roleRef"]["kind"] == "ClusterRole"
    assert role["rules"] == [rule("", ["nodes", "pods"], READ)]
    assert recording.count(":Role") == recording.count(":RoleBinding") == 0


def test_a_namespace_of_ours_is_granted_by_name_where_it_is_said_to_hold_everywhere() -> None:
    recording = granted(lambda: [Namespace("other")], everywhere=True)
    assert recording.object("ClusterRole")["rules"] == [rule("", ["namespaces"], READ, ["other"])]


def test_rights_in_another_namespace_are_bound_there() -> None:
    recording = granted(lambda: [deployment(namespace="data")], namespace="data")
    assert recording.object("RoleBinding")["metadata"]["namespace"] == "data"
    assert recording.object("RoleBinding")["subjects"][0]["namespace"] == NAMESPACE


def test_the_binding_comes_after_its_role() -> None:
    recording = granted()
    assert recording.one(":Role").urn in recording.one(":RoleBinding").options["dependencies"]


def test_raw_rules_come_last_and_can_stand_alone() -> None:
    raw: Any = {"api_groups": [""], "resources": ["pods"], "verbs": ["dance"]}
    assert rules(["pods"], rules=[raw])[-1] == rules([], may=[], rules=[raw])[0] == rule("", ["pods"], ["dance"])


def test_wildcards_are_taken_where_they_are_said() -> None:
    assert rules(["*"], may=["*"], wildcards=True) == [rule("*", ["*"], ["*"])]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"what": []}, "nothing is granted: give may and what, as in may='read', what=['pods']"),
        ({"may": []}, "nothing is granted: give may and what"),
        ({"may": ["gt"]}, "'gt' in may is not a verb of Kubernetes: did you mean 'get'?"),
        ({"may": ["read"]}, "'read' in may is not a verb of Kubernetes: did you mean"),
        ({"may": ["frobnicate"]}, "'frobnicate' in may is not a verb of Kubernetes: there is get, list, watch, "),
        ({"may": "raed"}, "GrantArgs: may is 'raed': give"),
        ({"may": ["*"]}, "'*' in may is every verb, those to come included: name verbs, or say wildcards=True"),
        ({"what": ["*"]}, "'*' in what is every kind, those to come included: name kinds, or say wildcards=True"),
        ({"what": ["*.apps"], "wildcards": True}, "'*.apps' is no kind: give '*' for every kind, or name kinds"),
        ({"what": ["pod"]}, "'pod' is not a kind that Kubernetes serves: did you mean 'pods'?"),
        (
            {"what": ["deployments"]},
            "'deployments' is not a kind that Kubernetes serves: did you mean 'deployments.apps",
        ),
        ({"what": ["Deployment"]}, "'Deployment' is not a kind that Kubernetes serves: did you mean 'deployments.apps"),
        ({"what": ["pods.apps"]}, "'pods.apps' is not a kind that Kubernetes serves: did you mean 'pods'?"),
        ({"what": ["qqq"]}, "'qqq' is not a kind that Kubernetes serves: give its plural and its group"),
        ({"what": [".keda.sh"]}, "'.keda.sh' is not a kind that Kubernetes serves"),
        ({"what": ["pods/logs"]}, "'pods/logs' is no part of pods that Kubernetes serves: did you mean 'pods/log'?"),
        ({"what": ["pods/"]}, "'pods/' is no part of pods that Kubernetes serves: there is attach, "),
        ({"what": ["secrets/scale"]}, "'secrets/scale' is no part of secrets that Kubernetes serves"),
        ({"what": ["scaledobjects.keda.sh/log"]}, "'scaledobjects.keda.sh/log' is no part of scaledobjects.keda.sh"),
        ({"what": ["nodes"]}, "'nodes' live in no namespace: say everywhere=True, which holds in all of them"),
        ({"what": ["nodes/status"]}, "'nodes/status' live in no namespace: say everywhere=True"),
        ({"what": ["pods/exec"]}, "'pods/exec' is not for reading: say may=['get', 'create'], or 'write'"),
        ({"what": ["pods/eviction"]}, "'pods/eviction' is not for reading: say may=['create'], or 'write'"),
        ({"what": ["pods/log"], "may": ["list"]}, "'pods/log' knows no 'list': it knows get"),
        ({"everywhere": True, "namespace": "data"}, "everywhere is in all namespaces: leave out it or namespace"),
        ({"namespace": "Data"}, "namespace 'Data' is not a valid name"),
        (
            {"what": lambda: [deployment()], "may": ["get", "create"]},
            "'create' names no object, so it cannot be granted on one: leave it out, or grant it on 'deployments.apps' "
            "as a whole",
        ),
        (
            {"what": lambda: [deployment(namespace="data")]},
            "deployment 'web' is in namespace 'data', and this grant holds in 'shop': say namespace='data'",
        ),
        (
            {"what": lambda: [deployment()], "everywhere": True},
            "everywhere would grant every deployments of that name: leave it out for deployment 'web'",
        ),
        (
            {"what": lambda: [Namespace("other")]},
            "the Namespace 'other' lives in no namespace: say everywhere=True, which holds in all of them",
        ),
        (
            {"what": lambda: [Config("settings", ConfigArgs(namespace=NAMESPACE, values={"a": "b"}))]},
            "the Config 'settings' is not one object of the cluster: give its parts, as in config.values",
        ),
        (
            {"what": lambda: [Image("web", Release(repository="web", tag="1"))]},
            "the Image 'web' is not one object of the cluster",
        ),
    ],
)
def test_what_no_rule_can_say_is_refused(fields: dict[str, Any], told: str) -> None:
    said = refusal(lambda: grant(**fields))
    assert said.startswith(told)
    assert len(said.splitlines()) == 1


def test_the_kind_of_an_object_is_one_that_is_served() -> None:
    kinds = "Endpoints Ingress NetworkPolicy Service StorageClass Deployment CSIStorageCapacity RuntimeClass".split()
    plurals = {one.plural for one in known()}
    for kind in kinds:
        assert of_kind("", kind).plural in plurals, kind


@pytest.mark.parametrize("one", sorted(known()), ids=str)
def test_every_kind_is_read_as_it_is_written(one: Any) -> None:
    assert parse(str(one)) == one


def test_writing_is_no_wiping() -> None:
    assert "deletecollection" not in WRITE
