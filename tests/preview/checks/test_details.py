"""Each entry of the rules' lists, and each edge of what they allow."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.checks import check, quantities
from slipway.preview.checks.selectors import labels_match, matches
from slipway.preview.model import COMPUTED, Finding
from tests.preview.checks.good import (
    CONTAINER,
    Body,
    Change,
    add,
    another_container,
    bodies,
    both,
    drop,
    findings,
    manifest,
    put,
)

C = CONTAINER
POD = "spec.template.spec"

CLOSED_SETS: list[tuple[str, str, list[str]]] = [
    ("Deployment", f"{C}.imagePullPolicy", ["Always", "IfNotPresent", "Never"]),
    ("Deployment", f"{C}.terminationMessagePolicy", ["FallbackToLogsOnError", "File"]),
    ("Deployment", f"{C}.ports[1].protocol", ["SCTP", "TCP", "UDP"]),
    ("Deployment", f"{C}.readinessProbe.httpGet.scheme", ["HTTP", "HTTPS"]),
    ("Deployment", f"{POD}.dnsPolicy", ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    ("Deployment", f"{POD}.restartPolicy", ["Always"]),
    ("Deployment", "spec.strategy.type", ["RollingUpdate", "Recreate"]),
    ("Service", "spec.type", ["ClusterIP", "LoadBalancer", "NodePort"]),
    ("Service", "spec.sessionAffinity", ["ClientIP", "None"]),
    ("Service", "spec.externalTrafficPolicy", ["Cluster", "Local"]),
    ("Service", "spec.ports[1].protocol", ["SCTP", "TCP", "UDP"]),
    ("Ingress", "spec.rules[0].http.paths[0].pathType", ["Exact", "ImplementationSpecific", "Prefix"]),
    ("HorizontalPodAutoscaler", "spec.metrics[0].resource.target.type", ["AverageValue", "Utilization", "Value"]),
]


@pytest.mark.parametrize(("of", "path", "values"), CLOSED_SETS, ids=[each[1] for each in CLOSED_SETS])
def test_a_closed_set_takes_its_values_and_no_other(of: str, path: str, values: list[str]) -> None:
    def found(value: str | None) -> list[Finding]:
        # The other side declares no port with another protocol. That is not what this tests.
        return [each for each in findings(put(path, value), of=of) if each.rule != "reference/undeclared-port"]

    for value in values:
        assert found(value) == [], value
    if path.rpartition(".")[2] not in ("pathType", "type") or of == "Service":
        assert found("") == found(None) == [], "the default"
    refused = found("Nonsense")
    assert [(f.rule, f.path) for f in refused] == [("schema/value", path)]
    assert all(value in refused[0].message for value in values)


OTHER = {"app": "other"}


def other(kind: str, spec: Body, api_version: str = "apps/v1") -> Body:
    pod = {**bodies()["Deployment"]["spec"]["template"], "metadata": {"labels": OTHER}}
    body = {"selector": {"matchLabels": OTHER}, "template": pod, **spec}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "other", "namespace": "shop"},
        "spec": body,
    }


WORKLOADS: list[tuple[str, str, Body, str, list[str]]] = [
    ("StatefulSet", "apps/v1", {}, "spec.podManagementPolicy", ["OrderedReady", "Parallel"]),
    ("StatefulSet", "apps/v1", {}, "spec.updateStrategy.type", ["OnDelete", "RollingUpdate"]),
    ("DaemonSet", "apps/v1", {}, "spec.updateStrategy.type", ["OnDelete", "RollingUpdate"]),
]


@pytest.mark.parametrize(("kind", "api_version", "spec", "path", "values"), WORKLOADS)
def test_a_workloads_closed_set_takes_its_values_and_no_other(
    kind: str, api_version: str, spec: Body, path: str, values: list[str]
) -> None:
    for value in [*values, "Nonsense"]:
        body = other(kind, dict(spec), api_version)
        put(path, value)(body)
        rules = [f.rule for f in findings(extra=[body])]
        assert rules == ([] if value in values else ["schema/value"]), value


def cron_job(**spec: Any) -> Body:
    pod = {**bodies()["Deployment"]["spec"]["template"]["spec"], "restartPolicy": "Never"}
    job: Body = {"template": {"spec": pod}, "completionMode": spec.pop("completionMode", "NonIndexed")}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "nightly", "namespace": "shop"},
        "spec": {"schedule": "@daily", "jobTemplate": {"spec": job}, **spec},
    }


@pytest.mark.parametrize(
    ("field", "values"),
    [("concurrencyPolicy", ["Allow", "Forbid", "Replace"]), ("completionMode", ["Indexed", "NonIndexed"])],
)
def test_a_cron_jobs_closed_set_takes_its_values_and_no_other(field: str, values: list[str]) -> None:
    for value in values:
        assert findings(extra=[cron_job(**{field: value})]) == []
    assert [f.rule for f in findings(extra=[cron_job(**{field: "Nonsense"})])] == ["schema/value"]


def test_a_cron_jobs_pods_must_end() -> None:
    body = cron_job()
    body["spec"]["jobTemplate"]["spec"]["template"]["spec"]["restartPolicy"] = "Always"
    [about] = findings(extra=[body])
    assert (about.rule, about.path) == (
        "workload/restart-policy",
        "spec.jobTemplate.spec.template.spec.restartPolicy",
    )


@pytest.mark.parametrize("kind", ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"])
@pytest.mark.parametrize("policy", ["Never", "OnFailure"])
def test_a_long_running_workload_always_restarts_its_pods(kind: str, policy: str) -> None:
    body = other(kind, {})
    put(f"{POD}.restartPolicy", policy)(body)
    assert [f.rule for f in findings(extra=[body])] == ["workload/restart-policy"]


@pytest.mark.parametrize("kind", ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"])
def test_the_selector_of_every_workload_is_compared(kind: str) -> None:
    body = other(kind, {"selector": {"matchLabels": {"app": "another"}}})
    assert [f.rule for f in findings(extra=[body])] == ["workload/selector-mismatch"]


# --- Pod security -------------------------------------------------------------------------------

BASELINE: Body = {
    **bodies()["Namespace"],
    "metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "baseline"}},
}
DEFAULT_CAPABILITIES = (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"
)


def test_baseline_takes_the_default_capabilities_and_no_other() -> None:
    added = [*DEFAULT_CAPABILITIES.split(), "SYS_TIME", COMPUTED]
    change = put(f"{C}.securityContext.capabilities.add", added)
    found = findings(change, without=["Namespace"], extra=[BASELINE])
    refused = [f.path for f in found if str(f.severity) == "error"]
    assert refused == [f"{C}.securityContext.capabilities.add[13]"]
    assert len(found) == 1, "`restricted` is not applied to it"
    strict = findings(change)
    assert len(strict) == len(added) - 2, "NET_BIND_SERVICE and unknown values are allowed"


SYSCTLS = {
    "kernel.shm_rmid_forced": 25,
    "net.ipv4.ip_local_port_range": 25,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.ip_unprivileged_port_start": 25,
    "net.ipv4.ping_group_range": 25,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_notsent_lowat": 37,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_slow_start_after_idle": 37,
    "net.ipv4.tcp_syncookies": 25,
    "net.ipv4.tcp_wmem": 32,
}


def security_rules(change: Change, version: str = "1.36") -> list[str]:
    return [f.rule for f in findings(change, version=version) if f.rule.startswith("pod-security/")]


@pytest.mark.parametrize(("name", "since"), SYSCTLS.items())
def test_a_sysctl_is_safe_from_its_version_on(name: str, since: int) -> None:
    change = put(f"{POD}.securityContext.sysctls", [{"name": name, "value": "1"}])
    assert security_rules(change, f"1.{since}") == []
    if since > 25:
        assert security_rules(change, f"1.{since - 1}") == ["pod-security/sysctl"]


@pytest.mark.parametrize("name", ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"])
def test_an_selinux_type_for_containers_is_allowed(name: str) -> None:
    change = put(f"{POD}.securityContext.seLinuxOptions", {"type": name})
    assert security_rules(change) == []
    older = security_rules(change, "1.30")
    assert older == (["pod-security/selinux"] if name == "container_engine_t" else [])


def test_controls_begin_with_their_version() -> None:
    probe = put(f"{C}.readinessProbe.httpGet.host", "10.0.0.1")
    assert security_rules(probe, "1.34") == ["pod-security/probe-host"]
    image = add(f"{POD}.volumes", {"name": "v", "image": {"reference": "x"}})
    assert security_rules(image, "1.33") == []
    root = both(put(f"{POD}.hostUsers", False), put(f"{POD}.securityContext.runAsUser", 0))
    assert security_rules(root, "1.35") == []


INLINE_VOLUMES: dict[str, Body] = {
    "configMap": {"name": "web-config-1a2b3c4d"},
    "emptyDir": {},
    "persistentVolumeClaim": {"claimName": COMPUTED},
    "secret": {"secretName": "web-secret"},
}


@pytest.mark.parametrize(("source", "fields"), INLINE_VOLUMES.items())
def test_restricted_allows_the_volume(source: str, fields: Body) -> None:
    assert findings(add(f"{POD}.volumes", {"name": "v", source: fields})) == []


# --- Names --------------------------------------------------------------------------------------


def test_content_of_exactly_the_limit_is_accepted() -> None:
    assert findings(put("data", {"big": "x" * 1_048_576}), of="ConfigMap") == []
    assert findings(put("metadata.annotations", {"note": "x" * 262_140}), of="Service") == []
    assert findings(put("metadata.labels", {"app": "a" * 63}), of="Service") == []
    assert findings(put(f"{C}.ports[0].containerPort", 65535)) == []
    assert findings(put("spec.minReplicas", 6), of="HorizontalPodAutoscaler") == []


def test_binary_data_counts_by_its_bytes_and_not_by_its_base64() -> None:
    def rules(kind: str, **fields: Body) -> set[str]:
        body: Body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, **fields}
        return {f.rule for f in check([manifest(body)])}

    fits = "AAAA" * 349_525 + "AA=="  # 1,048,576 bytes
    assert rules("Secret", data={"big": fits}) == set()
    assert rules("Secret", data={"big": "AAAA" + fits}) == {"name/too-large"}
    assert rules("Secret", stringData={"big": "x" * 1_048_577}) == {"name/too-large"}
    assert rules("ConfigMap", binaryData={"big": fits}) == set()
    assert rules("ConfigMap", binaryData={"big": fits}, data={"one": "more"}) == {"name/too-large"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (put(f"{POD}.nodeSelector", {"a b": "x"}), "name/label-key"),
        (put(f"{POD}.nodeSelector", {"zone": "a b"}), "name/label-value"),
        (put(f"{C}.livenessProbe", {"tcpSocket": {"port": 0}}), "name/port-number"),
        (put(f"{C}.lifecycle", {"postStart": {"tcpSocket": {"port": 70_000}}}), "name/port-number"),
        (put(f"{C}.lifecycle", {"preStop": {"httpGet": {"port": "no-such-port-at-all"}}}), "name/port"),
        (put(f"{C}.startupProbe", {"httpGet": {"port": "Http"}}), "name/port"),
    ],
)
def test_the_smaller_places_of_a_pod_are_checked(change: Change, rule: str) -> None:
    assert rule in {f.rule for f in findings(change)}


@pytest.mark.parametrize(
    "change",
    [
        put(f"{POD}.nodeSelector", {"topology.kubernetes.io/zone": "a", "spot": ""}),
        put(f"{C}.livenessProbe", {"tcpSocket": {"port": "http"}}),
        put(f"{C}.lifecycle", {"postStart": {"httpGet": {"port": "http"}}}),
    ],
)
def test_the_smaller_places_of_a_pod_may_be_right(change: Change) -> None:
    assert findings(change) == []


@pytest.mark.parametrize("port", ["spec.ports[0].port", "spec.ports[0].targetPort"])
def test_the_ports_of_a_service_are_ports(port: str) -> None:
    assert "name/port-number" in {f.rule for f in findings(put(port, 65536), of="Service")}


@pytest.mark.parametrize("name", ["Web", "web_1", "-web", "web-", "1web", "a" * 64])
def test_a_service_was_an_rfc_1035_label_before_1_36(name: str) -> None:
    found = findings(put("metadata.name", name), of="Service", without=["Ingress"], version="1.35")
    assert {f.rule for f in found} == {"name/object"}


def test_only_a_service_was_an_rfc_1035_label_before_1_36() -> None:
    assert findings(put("metadata.name", "1web"), of="PodDisruptionBudget", version="1.35") == []


# --- Selectors ----------------------------------------------------------------------------------

SELECTORS: list[tuple[Body, bool]] = [
    ({}, True),
    ({"matchLabels": {"app": "web"}}, True),
    ({"matchLabels": {"app": "api"}}, False),
    ({"matchLabels": {"tier": "web"}}, False),
    ({"matchLabels": {"app": COMPUTED}}, True),
    ({"matchLabels": {"odd": "x"}}, True),
    ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", "web"]}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}, False),
    ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", COMPUTED]}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
    ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["web"]}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
    ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
    ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
    ({"matchExpressions": [{"key": "odd", "operator": "DoesNotExist"}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "Like", "values": ["x"]}]}, True),
    ({"matchExpressions": [{"key": COMPUTED, "operator": "In", "values": ["x"]}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "In", "values": COMPUTED}]}, True),
    ({"matchExpressions": [{"operator": "In", "values": ["x"]}]}, True),
    ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
]


@pytest.mark.parametrize(("selector", "selects"), SELECTORS)
def test_a_selector_selects_as_kubernetes_says(selector: Body, selects: bool) -> None:
    assert matches(selector, {"app": "web", "odd": COMPUTED}) is selects


def test_pods_with_unknown_labels_may_be_selected() -> None:
    assert matches({"matchLabels": {"app": "web"}}, None)
    assert labels_match({"app": "web"}, None)


# --- References ---------------------------------------------------------------------------------


def in_default(kind: str) -> Body:
    body = bodies()[kind]
    return {**body, "metadata": {**body["metadata"], "namespace": "default"}}


@pytest.mark.parametrize("kind", ["Service", "PodDisruptionBudget"])
def test_pods_of_another_namespace_are_not_selected(kind: str) -> None:
    found = findings(extra=[in_default(kind)])
    assert [(f.rule, f.where, str(f.severity)) for f in found] == [
        ("reference/selects-nothing", f"{kind} default/web", "warning")
    ]


def test_an_autoscaler_does_not_reach_into_another_namespace() -> None:
    found = findings(extra=[in_default("HorizontalPodAutoscaler")])
    assert [f.rule for f in found] == ["autoscaling/missing-target"]


def test_an_ingress_does_not_reach_into_another_namespace() -> None:
    found = findings(extra=[in_default("Ingress")])
    assert [f.rule for f in found] == ["reference/missing-service"]


@pytest.mark.parametrize(
    ("kind", "api_version"),
    [("StatefulSet", "apps/v1"), ("ReplicaSet", "apps/v1"), ("ReplicationController", "v1")],
)
def test_every_scalable_kind_may_be_an_autoscalers_target(kind: str, api_version: str) -> None:
    target = other(kind, {"selector": OTHER} if kind == "ReplicationController" else {}, api_version)
    reference = {"apiVersion": api_version, "kind": kind, "name": "other"}
    change = put("spec.scaleTargetRef", reference)
    assert findings(change, of="HorizontalPodAutoscaler", extra=[target]) == []
    assert [f.rule for f in findings(change, of="HorizontalPodAutoscaler")] == ["autoscaling/missing-target"]


@pytest.mark.parametrize(
    "source",
    [
        {"secret": {"secretName": "absent"}},
        {"projected": {"sources": [{"secret": {"name": "absent"}}]}},
    ],
)
def test_a_mounted_secret_is_looked_up(source: Body) -> None:
    found = findings(add(f"{POD}.volumes", {"name": "v", **source}))
    assert [f.rule for f in found] == ["reference/missing-secret"]


def test_a_config_map_as_environment_is_looked_up() -> None:
    by_key = {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "absent", "key": "a"}}}
    assert [f.rule for f in findings(add(f"{C}.env", by_key))] == ["reference/missing-config-map"]
    whole = {"configMapRef": {"name": "absent"}}
    assert [f.rule for f in findings(add(f"{C}.envFrom", whole))] == ["reference/missing-config-map"]


@pytest.mark.parametrize(
    "change",
    [put("stringData", {}), put("type", "kubernetes.io/service-account-token")],
    ids=["a Secret without data", "a token"],
)
def test_no_key_is_missing_if_a_controller_fills_the_object(change: Change) -> None:
    key = both(put(f"{C}.env[1].valueFrom.secretKeyRef.key", "token"))
    deployment = bodies()["Deployment"]
    key(deployment)
    assert findings(change, of="Secret", without=["Deployment"], extra=[deployment]) == []


def binding(role_kind: str, role: str, account: str = "web", namespace: str = "shop") -> Body:
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "b", "namespace": "shop"},
        "roleRef": {"apiGroup": group, "kind": role_kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    }


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        (binding("ClusterRole", "edit"), []),
        (binding("ClusterRole", "system:auth-delegator"), []),
        (binding("ClusterRole", "my-own"), ["reference/missing-role"]),
        (binding("Role", "edit"), ["reference/missing-role"]),
        (binding("Role", "system:x"), ["reference/missing-role"]),
        (binding("ClusterRole", "edit", "default"), []),
        (binding("ClusterRole", "edit", "robot"), ["reference/missing-service-account"]),
        (binding("ClusterRole", "edit", "robot", "elsewhere"), []),
    ],
)
def test_a_binding_is_reported_only_if_its_target_should_be_here(body: Body, rules: list[str]) -> None:
    assert [f.rule for f in findings(extra=[body])] == rules


def test_what_a_chart_may_make_is_only_a_warning() -> None:
    service, hpa = bodies()["Service"], bodies()["HorizontalPodAutoscaler"]
    service["spec"]["selector"] = {"app": "chart"}
    hpa["spec"]["scaleTargetRef"]["name"] = "chart"
    keep = [bodies()[kind] for kind in ("Namespace", "ConfigMap", "Secret", "ServiceAccount", "Deployment")]
    every = [manifest(body) for body in (*keep, service, hpa)]
    assert {str(f.severity) for f in check(every)} == {"error"}
    assert {str(f.severity) for f in check(every, complete=False)} == {"warning"}


def test_a_plain_init_container_serves_no_port() -> None:
    init = another_container(ports=[{"name": "proxy", "containerPort": 9000}])
    deployment = bodies()["Deployment"]
    add(f"{POD}.initContainers", init)(deployment)
    found = findings(put("spec.ports[1].targetPort", "proxy"), of="Service", without=["Deployment"], extra=[deployment])
    assert [f.rule for f in found] == ["reference/missing-port"]


def test_every_container_without_a_request_is_named() -> None:
    helper = another_container(resources={})
    [about] = findings(both(add(f"{POD}.containers", helper), drop(f"{C}.resources.requests.cpu")))
    assert about.rule == "autoscaling/missing-request"
    assert "`web`, `helper`" in about.message


def test_an_init_container_needs_no_request_for_a_utilization() -> None:
    assert findings(add(f"{POD}.initContainers", another_container(resources={}))) == []


NAMED = {
    "v1": "ConfigMap LimitRange Namespace PersistentVolume PersistentVolumeClaim Pod PodTemplate "
    "ReplicationController ResourceQuota Secret Service ServiceAccount",
    "apps/v1": "DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "networking.k8s.io/v1": "Ingress IngressClass NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "storage.k8s.io/v1": "StorageClass",
    "example.com/v1": "Gadget",
}


@pytest.mark.parametrize(("api_version", "kind"), [(v, k) for v, kinds in NAMED.items() for k in kinds.split()])
def test_no_kind_may_have_a_slash_in_its_name(api_version: str, kind: str) -> None:
    body: Body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a/b"}}
    assert "name/object" in {f.rule for f in check([manifest(body)])}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0.5Gb", "0.5Gi"),
        ("1kb", "1Ki"),
        ("1GiB", "1Gi"),
        ("100mb", "100Mi"),
        ("2 cores", "2"),
        ("1 core", "1"),
        ("2cpu", "2"),
        ("2CPUs", "2"),
        ("1Gi", None),
        ("5 apples", None),
        ("many", None),
    ],
)
def test_a_wrong_unit_is_corrected_if_the_meaning_is_clear(written: str, meant: str | None) -> None:
    assert quantities.repaired(written) == meant


def test_a_limit_range_fills_in_only_what_it_names() -> None:
    memory = {"limits": [{"type": "Container", "defaultRequest": {"memory": "1Gi"}}]}
    limit_range = {**other("LimitRange", {}, "v1"), "spec": memory}
    [about] = findings(drop(f"{C}.resources.requests.cpu"), extra=[limit_range])
    assert about.rule == "autoscaling/missing-request"


def test_a_limit_range_that_is_not_known_may_fill_in_anything() -> None:
    unknown = {"limits": [{"type": "Container", "default": COMPUTED}]}
    limit_range = {**other("LimitRange", {}, "v1"), "spec": unknown}
    assert findings(drop(f"{C}.resources.requests.cpu"), extra=[limit_range]) == []


def test_huge_pages_are_a_resource() -> None:
    pages = {"memory": "128Mi", "hugepages-2Mi": "4Mi"}
    assert findings(put(f"{C}.resources.limits", pages)) == []


def test_a_volume_source_that_is_null_does_not_count() -> None:
    assert findings(put(f"{POD}.volumes[1].hostPath", None)) == []


def test_a_seccomp_profile_is_one_of_three() -> None:
    found = findings(put(f"{POD}.securityContext.seccompProfile.type", "Runtime"))
    assert "schema/value" in {f.rule for f in found}
    for profile in ("RuntimeDefault", "Localhost", "Unconfined"):
        found = findings(put(f"{POD}.securityContext.seccompProfile.type", profile))
        assert "schema/value" not in {f.rule for f in found}


def test_a_closed_sets_message_lists_nothing_but_its_values() -> None:
    [about] = findings(put(f"{C}.imagePullPolicy", "x"))
    assert about.message == '"x" is not one of Always, IfNotPresent, Never: choose one of these'


def test_the_data_of_a_config_map_is_quoted() -> None:
    [about] = findings(put("data", {"app.yaml": 5}), of="ConfigMap")
    assert about.message == "5 is not a string: write it as one"


def test_a_stateful_sets_mount_names_a_volume_or_a_claim() -> None:
    body = other("StatefulSet", {"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}]})
    add(f"{C}.volumeMounts", {"name": "data", "mountPath": "/a"}, {"name": "date", "mountPath": "/b"})(body)
    [about] = findings(extra=[body])
    assert (about.rule, about.path) == ("workload/missing-volume", f"{C}.volumeMounts[3].name")
    assert "did you mean `data`?" in about.message


def test_windows_pods_had_to_state_what_only_linux_has_before_1_25() -> None:
    pinned: Body = {
        **bodies()["Namespace"],
        "metadata": {
            "name": "shop",
            "labels": {
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "v1.24",
            },
        },
    }
    change = both(
        put(f"{POD}.os", {"name": "windows"}),
        put(f"{C}.securityContext", {}),
        drop(f"{POD}.securityContext.seccompProfile"),
    )
    found = {f.rule for f in findings(change, without=["Namespace"], extra=[pinned])}
    assert found == {"pod-security/capabilities", "pod-security/privilege-escalation", "pod-security/seccomp"}


@pytest.mark.parametrize("place", ["spec.ports[0].targetPort", "spec.ports[1].targetPort"])
def test_a_target_ports_name_is_a_port_name(place: str) -> None:
    assert f"name/port at {place}" in {f"{f.rule} at {f.path}" for f in findings(put(place, "HTTP"), of="Service")}


def test_a_request_of_zero_is_accepted() -> None:
    assert findings(put(f"{C}.resources.requests.ephemeral-storage", 0)) == []


def test_a_namespace_that_is_named_is_a_dns_label() -> None:
    found = findings(put("metadata.namespace", "My.Shop"), of="ServiceAccount")
    assert ("name/object", "metadata.namespace") in {(f.rule, f.path) for f in found}


def test_an_selinux_user_may_not_bear_the_name_of_a_type() -> None:
    change = put(f"{POD}.securityContext.seLinuxOptions", {"user": "container_t"})
    assert security_rules(change) == ["pod-security/selinux"]


@pytest.mark.parametrize("value", ["DoNotSchedule", "ScheduleAnyway", "Nonsense"])
def test_a_spread_constraint_says_what_happens_if_it_cannot_hold(value: str) -> None:
    constraint = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": value}
    rules = [f.rule for f in findings(put(f"{POD}.topologySpreadConstraints", [constraint]))]
    assert rules == (["schema/value"] if value == "Nonsense" else [])
