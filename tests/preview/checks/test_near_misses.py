"""Manifests that look wrong and are right give no finding: a false alarm costs more than a miss."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.model import COMPUTED, SECRET
from tests.preview.checks.good import (
    CONTAINER,
    LABELS,
    Body,
    Change,
    add,
    another_container,
    bodies,
    both,
    drop,
    findings,
    put,
)

C = CONTAINER
POD = "spec.template.spec"


def obj(api_version: str, kind: str, name: Any, **fields: Any) -> Body:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def case(promise: str, of: str, change: Change | None = None, **kw: Any) -> Any:
    return pytest.param(of, change, kw, id=promise)


CERTIFICATE = obj("cert-manager.io/v1", "Certificate", "shop", spec={"secretName": "shop-tls"})
EXTERNAL = obj("external-secrets.io/v1", "ExternalSecret", "db", spec={})
DATABASE_URL = {"secretKeyRef": {"name": "db", "key": "url"}}
SIDECAR = another_container(restartPolicy="Always", ports=[{"name": "proxy", "containerPort": 9000}])
DEFAULTS = {"limits": [{"type": "Container", "defaultRequest": {"cpu": "100m"}}]}


def enforcing(level: str) -> Body:
    labels = {"pod-security.kubernetes.io/enforce": level}
    return {**bodies()["Namespace"], "metadata": {"name": "shop", "labels": labels}}


DIGEST = "0123456789abcdef" * 4
BASELINE = enforcing("baseline")
LOW: Change = add(f"{C}.ports", {"name": "low", "containerPort": 80})


def image(promise: str, name: Any) -> Any:
    return case(promise, "Deployment", put(f"{C}.image", name))


IMAGES = [
    image("an image that is not known", COMPUTED),
    image("an image of which a part is not known", f"registry.example.com/web:{COMPUTED}"),
    image("an image of which a part is secret", f"{SECRET}/web:1"),
    image("an account's image", "team/web:1"),
    image("an image on a host without a dot", "localhost/web:1"),
    image("an image on a host by its number", "[2001:db8::1]:5000/web:1"),
    image("an image on a host in capitals", "Registry.Example.com/web:1"),
    image("an image with underscores, dots and dashes", "registry.example.com/a__b/c---d/e.f_g:v1_2.3-4"),
    image("a tag that starts with an underscore", "web:_1"),
    image("a tag of 128 characters", f"web:{'a' * 128}"),
    image("a digest instead of a tag", f"web@sha256:{DIGEST}"),
    image("a digest beside a tag", f"registry.example.com:5000/web:latest@sha256:{DIGEST}"),
    image("a longer digest", f"web@sha512:{DIGEST * 2}"),
    image("an image of somebody else by an official name", "registry.example.com/nginx:1"),
    image("an account's image by an official name", "nginxinc/nginx:1"),
    case(
        "an official image that is told another user",
        "Deployment",
        both(put(f"{C}.image", "redis:8"), put(f"{POD}.securityContext.runAsUser", 999)),
    ),
    case(
        "an official image whose user is not known",
        "Deployment",
        both(put(f"{C}.image", "redis:8"), put(f"{C}.securityContext.runAsUser", COMPUTED)),
    ),
    case(
        "a low port that the pod opens to all",
        "Deployment",
        both(
            LOW,
            put(f"{POD}.securityContext.sysctls", [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]),
        ),
    ),
    case(
        "a low port where the pod's own limit is not known",
        "Deployment",
        both(LOW, put(f"{POD}.securityContext.sysctls", COMPUTED)),
    ),
    case(
        "a low port of a container that may gain the right to it",
        "Deployment",
        both(
            LOW,
            put(f"{C}.securityContext.capabilities.add", ["NET_BIND_SERVICE"]),
            put(f"{C}.securityContext.allowPrivilegeEscalation", True),
        ),
        without=["Namespace"],
        extra=[BASELINE],
    ),
    case(
        "a low port of a root that keeps the right to it",
        "Deployment",
        both(
            LOW,
            put(f"{C}.securityContext.capabilities.add", ["NET_BIND_SERVICE"]),
            put(f"{POD}.securityContext.runAsNonRoot", False),
        ),
        without=["Namespace"],
        extra=[BASELINE],
    ),
    case(
        "a low port of the node's own network",
        "Deployment",
        both(LOW, put(f"{POD}.hostNetwork", True)),
        without=["Namespace"],
        extra=[enforcing("privileged")],
    ),
    case(
        "a low port of a container whose rights are not known",
        "Deployment",
        both(LOW, put(f"{C}.securityContext", COMPUTED)),
    ),
]

SILENT = [
    *IMAGES,
    case("the good set", "Deployment"),
    case("a null where a field is optional", "Deployment", put(f"{C}.livenessProbe", None)),
    case("a whole number as a quantity", "Deployment", put(f"{C}.resources.limits.cpu", 2)),
    case("a fraction as a quantity", "Deployment", put(f"{C}.resources.limits.cpu", 0.5)),
    case("an exponent as a quantity", "Deployment", put(f"{C}.resources.limits.memory", "2e9")),
    case("a device as a resource", "Deployment", put(f"{C}.resources.limits", {"nvidia.com/gpu": 1, "memory": "1Gi"})),
    case("base64 in a Secret's data", "Secret", put("data", {"OTHER": "aGVsbG8="})),
    case("a Service that starts with a digit", "Service", put("metadata.name", "1web"), without=["Ingress"]),
    case("a Role with a colon", "Deployment", extra=[obj("rbac.authorization.k8s.io/v1", "Role", "shop:reader")]),
    case("an object with a dot in its name", "PodDisruptionBudget", put("metadata.name", "web.v2")),
    case("an annotation in capitals", "Service", put("metadata.annotations", {"Example.com/Note": "x y"})),
    case("a label without a value", "Service", put("metadata.labels", {"canary": ""})),
    case("a hidden file in a ConfigMap", "ConfigMap", put("data", {".env": "A=1"})),
    case("a name of 253 characters", "PodDisruptionBudget", put("metadata.name", "a" * 253)),
    case("a port name of 15 characters", "Deployment", put(f"{C}.ports[1].name", "a-fifteen-chars")),
    case("an odd variable that Kubernetes takes", "Deployment", put(f"{C}.env[0].name", "my.odd-name")),
    case("a wildcard host", "Ingress", put("spec.rules[0].host", "*.example.com")),
    case("a single port without a name", "Service", put("spec.ports", [{"port": 8080}]), without=["Ingress"]),
    case("a request equal to the limit", "Deployment", put(f"{C}.resources.limits.cpu", "0.1")),
    case("a request that is not known", "Deployment", put(f"{C}.resources.requests.memory", COMPUTED)),
    case(
        "a selector by expression",
        "Deployment",
        put(
            "spec.selector.matchExpressions",
            [
                {"key": "app.kubernetes.io/name", "operator": "In", "values": ["web"]},
                {"key": "app.kubernetes.io/name", "operator": "NotIn", "values": ["api"]},
                {"key": "app.kubernetes.io/name", "operator": "Exists"},
                {"key": "canary", "operator": "DoesNotExist"},
            ],
        ),
    ),
    case(
        "a claim template as a volume",
        "Deployment",
        extra=[
            obj(
                "apps/v1",
                "StatefulSet",
                "db",
                spec={
                    "serviceName": "web",
                    "selector": {"matchLabels": {"app": "db"}},
                    "template": {
                        "metadata": {"labels": {"app": "db"}},
                        "spec": {
                            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                            "containers": [another_container(volumeMounts=[{"name": "data", "mountPath": "/data"}])],
                        },
                    },
                    "volumeClaimTemplates": [
                        {
                            "metadata": {"name": "data"},
                            "spec": {
                                "accessModes": ["ReadWriteOnce"],
                                "resources": {"requests": {"storage": "1Gi"}},
                            },
                        }
                    ],
                },
            ),
        ],
    ),
    case("a probe by number", "Deployment", put(f"{C}.readinessProbe.httpGet.port", 8080)),
    case("a probe of an undeclared number", "Deployment", put(f"{C}.readinessProbe.httpGet.port", 9999)),
    case(
        "a rollout that replaces in place",
        "Deployment",
        put("spec.strategy.rollingUpdate", {"maxSurge": 0, "maxUnavailable": 1}),
    ),
    case(
        "an optional Secret",
        "Deployment",
        put(f"{C}.env[1].valueFrom.secretKeyRef", {"name": "x", "key": "y", "optional": True}),
    ),
    case("a Secret whose name is not known", "Deployment", put(f"{C}.env[1].valueFrom.secretKeyRef.name", COMPUTED)),
    case("a Secret whose data is secret", "Secret", put("stringData", SECRET)),
    case("a Secret's values that are secret", "Secret", put("stringData.API_TOKEN", SECRET)),
    case(
        "the cluster's certificate",
        "Deployment",
        add(f"{POD}.volumes", {"name": "ca", "configMap": {"name": "kube-root-ca.crt"}}),
    ),
    case("the default account", "Deployment", put(f"{POD}.serviceAccountName", "default")),
    case(
        "a Secret that a Certificate makes",
        "Ingress",
        put("spec.tls", [{"secretName": "shop-tls"}]),
        extra=[CERTIFICATE],
    ),
    case(
        "a Secret that an operator makes",
        "Deployment",
        add(f"{C}.env", {"name": "URL", "valueFrom": DATABASE_URL}),
        extra=[EXTERNAL],
    ),
    case(
        "a certificate that cert-manager makes",
        "Ingress",
        both(
            put("metadata.annotations", {"cert-manager.io/cluster-issuer": "letsencrypt"}),
            put("spec.tls", [{"secretName": "made-later"}]),
        ),
    ),
    case("a Service without a selector", "Service", drop("spec.selector")),
    case(
        "a Service for an outside name",
        "Service",
        put("spec", {"type": "ExternalName", "externalName": "x.example.com", "selector": {"a": "b"}}),
    ),
    case("a selector that is not known", "Service", put("spec.selector", COMPUTED)),
    case("a selector's value that is not known", "Service", put("spec.selector", {"app": COMPUTED})),
    case("labels that are not known", "Deployment", put("spec.template.metadata.labels", COMPUTED)),
    case(
        "a target port of a headless Service, which leads to the pods themselves",
        "Service",
        both(put("spec.clusterIP", "None"), put("spec.ports[0].targetPort", 9999)),
    ),
    case(
        "a target port that is the Service's own",
        "Service",
        both(put("spec.ports[1].port", 8080), drop("spec.ports[1].targetPort")),
    ),
    case(
        "a target port that a sidecar declares",
        "Service",
        put("spec.ports[1].targetPort", 9000),
        also=add(f"{POD}.initContainers", SIDECAR),
    ),
    case(
        "a target port beside ports that are not known",
        "Service",
        put("spec.ports[1].targetPort", 9999),
        also=put(f"{C}.ports", COMPUTED),
    ),
    case(
        "a target port beside a container that is not known",
        "Service",
        put("spec.ports[1].targetPort", 9999),
        also=add(f"{POD}.containers", COMPUTED),
    ),
    case(
        "a target port of a sidecar",
        "Service",
        put("spec.ports[1].targetPort", "proxy"),
        also=add(f"{POD}.initContainers", SIDECAR),
    ),
    case("a target port that is not known", "Service", put("spec.ports[0].targetPort", COMPUTED)),
    case("ports that are not known", "Deployment", put(f"{C}.ports", COMPUTED)),
    case(
        "an Ingress with a port by number",
        "Ingress",
        put("spec.rules[0].http.paths[0].backend.service.port", {"number": 80}),
    ),
    case(
        "a built-in role",
        "Deployment",
        extra=[
            obj(
                "rbac.authorization.k8s.io/v1",
                "RoleBinding",
                "view",
                roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
                subjects=[{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}],
            ),
        ],
    ),
    case(
        "the default namespace",
        "PodDisruptionBudget",
        both(put("metadata.namespace", "default"), drop("spec.selector")),
    ),
    case("a namespace that is not known", "PodDisruptionBudget", put("metadata.namespace", COMPUTED)),
    case(
        "an autoscaler of an extension's kind",
        "HorizontalPodAutoscaler",
        put("spec.scaleTargetRef", {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "web"}),
    ),
    case(
        "an autoscaler whose target is not known", "HorizontalPodAutoscaler", put("spec.scaleTargetRef.name", COMPUTED)
    ),
    case("a limit in place of a request", "Deployment", put(f"{C}.resources", {"limits": {"cpu": "1"}})),
    case(
        "a request that a LimitRange fills in",
        "Deployment",
        drop(f"{C}.resources.requests.cpu"),
        extra=[obj("v1", "LimitRange", "defaults", spec=DEFAULTS)],
    ),
    case(
        "a request for the whole pod",
        "Deployment",
        both(drop(f"{C}.resources.requests.cpu"), put(f"{POD}.resources", {"requests": {"cpu": "1"}})),
    ),
    case(
        "an average value without a request",
        "HorizontalPodAutoscaler",
        put(
            "spec.metrics[0].resource",
            {"name": "ephemeral-storage", "target": {"type": "AverageValue", "averageValue": "1Gi"}},
        ),
    ),
    case("replicas that are not known", "Deployment", put("spec.replicas", COMPUTED)),
    case(
        "the same number for TCP and UDP",
        "Deployment",
        add(f"{C}.ports", {"name": "quic", "containerPort": 8080, "protocol": "UDP"}),
    ),
    case(
        "the same name in another namespace",
        "Deployment",
        extra=[{**bodies()["ServiceAccount"], "metadata": {"name": "web", "namespace": "default"}}],
    ),
    case("the same name for another kind", "PodDisruptionBudget", put("metadata.name", "web")),
    case(
        "two names that are not known",
        "Deployment",
        extra=[obj("v1", "ConfigMap", COMPUTED), obj("v1", "ConfigMap", COMPUTED)],
    ),
    case("a computed value in a Secret", "Secret", put("stringData.API_TOKEN", COMPUTED)),
    case("a computed value in a ConfigMap", "ConfigMap", put("data", {"app.yaml": COMPUTED})),
    case("a text that looks like a placeholder", "Deployment", put(f"{C}.env[0].value", "[secret]")),
    case(
        "a whole object that is not known",
        "Deployment",
        put("spec", COMPUTED),
        without=["Service", "PodDisruptionBudget", "Ingress"],
    ),
]


@pytest.mark.parametrize(("of", "change", "kw"), SILENT)
def test_no_alarm_for(of: str, change: Change | None, kw: dict[str, Any]) -> None:
    also: Change | None = kw.pop("also", None)
    if also is not None:
        deployment = bodies()["Deployment"]
        also(deployment)
        kw = {"without": ["Deployment"], "extra": [deployment], **kw}
    found = [f for f in findings(change, of=of, **kw) if f.rule != "schema/no-schema"]
    assert found == []


@pytest.mark.parametrize("kind", sorted(bodies()))
def test_each_good_object_has_no_finding_of_its_own_when_all_are_rendered(kind: str) -> None:
    assert [f for f in findings() if f.where.startswith(kind)] == []


def test_a_service_for_an_operators_pods_is_only_a_warning() -> None:
    rollout = obj("argoproj.io/v1alpha1", "Rollout", "web", spec={})
    change = put("spec.selector", {"app": "rollout"})
    about = [f for f in findings(change, of="Service", extra=[rollout]) if f.rule == "reference/selects-nothing"]
    assert [str(f.severity) for f in about] == ["warning"]


def test_a_service_in_a_render_without_pods_is_only_a_warning() -> None:
    alone = ["Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"]
    [about] = findings(without=alone)
    assert (about.rule, str(about.severity)) == ("reference/selects-nothing", "warning")


def test_a_service_could_not_start_with_a_digit_before_1_36() -> None:
    found = findings(put("metadata.name", "1web"), of="Service", without=["Ingress"], version="1.35")
    assert [(f.rule, f.path) for f in found] == [("name/object", "metadata.name")]


@pytest.mark.parametrize(
    ("kind", "api_version", "longest"),
    [
        ("Namespace", "v1", 63),
        ("Service", "v1", 63),
        ("StatefulSet", "apps/v1", 63),
        ("CronJob", "batch/v1", 52),
        ("Job", "batch/v1", 63),
        ("ConfigMap", "v1", 253),
        ("Deployment", "apps/v1", 253),
        ("Gadget", "example.com/v1", 253),
    ],
)
def test_a_name_is_as_long_as_its_kind_may_be(kind: str, api_version: str, longest: int) -> None:
    def too_long(length: int) -> bool:
        found = findings(without=list(bodies()), extra=[obj(api_version, kind, "a" * length)])
        return "name/object" in {f.rule for f in found}

    assert not too_long(longest)
    assert too_long(longest + 1)


def test_a_pods_labels_are_taken_from_its_template_and_not_from_its_workload() -> None:
    change = both(
        put("metadata.labels", {"app": "web"}),
        put("spec.template.metadata.labels", LABELS),
    )
    selecting = {**bodies()["Service"], "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
    found = findings(change, without=["Service", "Ingress"], extra=[selecting])
    assert [f.rule for f in found] == ["reference/selects-nothing"]
