"""What the tree says of a resource: what a reader would look for first, and nothing that is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from slipway.preview.model import COMPUTED, SECRET, Registration
from slipway.preview.phrases import detail, title


def of(token: str, **inputs: Any) -> Registration:
    """A resource of a type such as `apps/v1:Deployment`, or with its package before it."""
    full = token if token.count(":") == 2 else f"kubernetes:{token}"
    return Registration(urn="", type=full, name="logical", parent="", custom=True, inputs=inputs)


def test_a_resource_is_called_what_it_is_called_where_it_lives() -> None:
    assert title(of("core/v1:ConfigMap", metadata={"name": "c"})) == ("ConfigMap", "c")
    assert title(of("docker:index/image:Image", imageName="web:1")) == ("Image", "web:1")
    assert title(of("docker-build:index:Image", tags=["web:1"])) == ("Image", "web:1")
    assert title(of("aws:s3/bucket:Bucket")) == ("Bucket", "logical")
    assert title(of("core/v1:ConfigMap", metadata={})) == ("ConfigMap", "logical")


def template(*containers: Any, **spec: Any) -> dict[str, Any]:
    return {"spec": {**spec, "template": {"spec": {"containers": list(containers)}}}}


def user(pod: dict[str, Any], container: dict[str, Any]) -> dict[str, Any]:
    return {"securityContext": pod, "containers": [{"image": "a:1", "securityContext": container}]}


DEPLOYMENT = "apps/v1:Deployment"
POD = "core/v1:Pod"
A = {"image": "a:1"}
LEFT: dict[str, Any] = {"ignoreChanges": ["spec.replicas"]}

WORKLOADS: list[tuple[Registration, str]] = [
    (of(DEPLOYMENT, **template(replicas=1)), "1 replica"),
    (
        of(DEPLOYMENT, **template({"resources": {"requests": {"memory": "1Gi", "cpu": 1}}}, {}, replicas=2)),
        "2 replicas, 1 cpu, 1Gi memory, beside it unnamed",
    ),
    (of(DEPLOYMENT, **template(A, replicas=3)), "3 replicas, a:1"),
    (replace(of(DEPLOYMENT, **template(replicas=3)), options=LEFT), "starts with 3 replicas"),
    (replace(of(DEPLOYMENT, **template(replicas=3)), options={"ignoreChanges": ["data"]}), "3 replicas"),
    (of(DEPLOYMENT, spec=COMPUTED), "<computed>"),
    (of(DEPLOYMENT, **template(COMPUTED, replicas=0)), "0 replicas, <computed>"),
    (of(DEPLOYMENT, **template(A, COMPUTED, replicas=0)), "0 replicas, a:1, beside it <computed>"),
    (of(DEPLOYMENT, spec={"replicas": 1, "template": {"spec": COMPUTED}}), "1 replica, <computed>"),
    (of(DEPLOYMENT, **template(replicas=SECRET)), "[secret] replicas"),
    (of("apps/v1:ReplicaSet", **template({})), "replicas left to others"),
    (of("core/v1:ReplicationController", **template(A, replicas=1)), "1 replica, a:1"),
    (
        of(
            "apps/v1:StatefulSet",
            spec={
                "replicas": 1,
                "template": {
                    "spec": {
                        "containers": [
                            {"image": "a:1", "resources": {"requests": {"cpu": "250m"}}},
                            {"name": "b", "image": COMPUTED},
                        ],
                        "initContainers": [
                            {"name": "c", "image": "c:1"},
                            {"name": "d", "image": "d:1", "restartPolicy": "Always"},
                        ],
                    }
                },
                "volumeClaimTemplates": [
                    {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "8Gi"}}}}
                ],
            },
        ),
        "1 replica, a:1, 250m cpu, beside it b <computed>, init c c:1, sidecar d d:1, claims 8Gi for data",
    ),
    (of("apps/v1:DaemonSet", **template(A)), "a pod on each node, a:1"),
    (of("batch/v1:Job", **template(A)), "a:1"),
    (
        of("batch/v1:Job", **template(A, completions=5, parallelism=2, backoffLimit=1)),
        "a:1, 5 completions, 2 at a time, fails after 1 retry",
    ),
    (of("batch/v1:Job", **template(A, completions=1, backoffLimit=0)), "a:1, 1 completion, fails after 0 retries"),
    (of("batch/v1:Job", **template(A, suspend=True)), "suspended, a:1"),
    (of("batch/v1:Job", **template(A, suspend=False, completions=COMPUTED)), "a:1, <computed> completions"),
    (of("batch/v1:CronJob", spec={"schedule": "0 3 * * *", "jobTemplate": template(A)}), "0 3 * * *, a:1"),
    (
        of(
            "batch/v1:CronJob",
            spec={"schedule": "@daily", "timeZone": "Europe/Oslo", "suspend": True,
                  "jobTemplate": template(A, backoffLimit=3)},
        ),
        "@daily Europe/Oslo, suspended, a:1, fails after 3 retries",
    ),
    (of("batch/v1:CronJob", spec={"schedule": COMPUTED, "suspend": COMPUTED}), "<computed>, suspended: <computed>"),
    (of(POD, spec={"containers": [A]}), "a:1"),
    (of(POD, spec=COMPUTED), "<computed>"),
    (of(POD, spec=user({"runAsNonRoot": True}, {})), "a:1 (its user must not be root)"),
    (of(POD, spec=user({}, {"runAsNonRoot": True})), "a:1 (its user must not be root)"),
    (of(POD, spec=user({"runAsNonRoot": True}, {"runAsUser": 1})), "a:1"),
    (of(POD, spec=user({"runAsNonRoot": True, "runAsUser": 1}, {"runAsUser": None})), "a:1"),
    (of(POD, spec=user({"runAsNonRoot": True}, {"runAsNonRoot": False})), "a:1"),
]  # fmt: skip

SERVICE = "core/v1:Service"
INGRESS = "networking.k8s.io/v1:Ingress"
POLICY = "networking.k8s.io/v1:NetworkPolicy"
ROUTE = "gateway.networking.k8s.io/v1:HTTPRoute"
WEB = {"podSelector": {"matchLabels": {"app": "web"}}}


def path(at: str, name: str, port: Any) -> dict[str, Any]:
    return {"path": at, "backend": {"service": {"name": name, "port": port}}}


TRAFFIC: list[tuple[Registration, str]] = [
    (of(SERVICE, spec={"ports": [{"name": "http", "port": 80}, {"port": 81}]}), "ClusterIP http:80 :81"),
    (of(SERVICE, spec={"type": "NodePort"}), "NodePort"),
    (of(SERVICE, spec={"type": "ExternalName", "externalName": "db.example.com"}), "ExternalName db.example.com"),
    (of(SERVICE, spec={"clusterIP": "None", "ports": [{"port": 80}]}), "headless :80"),
    (of(SERVICE, spec={"type": COMPUTED, "ports": COMPUTED}), "<computed> <computed>"),
    (
        of(
            INGRESS,
            spec={
                "rules": [
                    {"host": "a.example.com", "http": {"paths": [path("/", "web", {"name": "http"})]}},
                    {"http": {"paths": [path("/api", "api", {"number": 80}), COMPUTED]}},
                    COMPUTED,
                    {"host": "b.example.com"},
                ],
                "tls": [{}],
            },
        ),
        "a.example.com/ to web:http; any host/api to api:80; <computed>; <computed>; 1 more, TLS",
    ),
    (
        of(INGRESS, spec={"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}),
        "else to web:80, no TLS",
    ),
    (
        of(INGRESS, spec={"defaultBackend": {"resource": {"kind": "Bucket", "name": "b"}}, "tls": COMPUTED}),
        "else to Bucket b, TLS: <computed>",
    ),
    (of(INGRESS, spec=COMPUTED), "<computed>"),
    (of(POLICY, spec=WEB), "app=web, no ingress"),
    (of(POLICY, spec={"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [{}]}),
     "all pods, no ingress, egress by 1 rule"),
    (of(POLICY, spec={**WEB, "ingress": [{}, {}], "egress": []}), "app=web, ingress by 2 rules"),
    (of(POLICY, spec={**WEB, "ingress": COMPUTED, "egress": [{}]}),
     "app=web, ingress by <computed> rules, egress by 1 rule"),
    (of(POLICY, spec={"podSelector": COMPUTED, "policyTypes": COMPUTED}), "<computed>, <computed>"),
    (of(POLICY, spec={"podSelector": {"matchLabels": COMPUTED}}), "<computed>, no ingress"),
    (
        of(
            POLICY,
            spec={
                "podSelector": {
                    "matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}, COMPUTED]
                }
            },
        ),
        "app In (a, b), <computed>, no ingress",
    ),
    (of(POLICY, spec=COMPUTED), "<computed>"),
    (
        of(
            ROUTE,
            spec={
                "hostnames": ["a.example.com"],
                "parentRefs": [{"name": "edge"}],
                "rules": [{"backendRefs": [{"name": "web", "port": 80, "weight": 9}, {"name": "new", "port": 80}]}],
            },
        ),
        "a.example.com, by edge, to web:80 (weight 9), new:80",
    ),
    (of(ROUTE, spec={"parentRefs": [COMPUTED], "rules": [COMPUTED]}), "any host, by <computed>, to <computed>"),
    (of(ROUTE.replace("HTTP", "GRPC"), spec={"rules": [{"backendRefs": [{"name": "web"}]}]}), "any host, to web"),
    (of(ROUTE, spec=COMPUTED), "<computed>"),
    (
        of(
            "gateway.networking.k8s.io/v1:Gateway",
            spec={
                "gatewayClassName": "edge",
                "listeners": [{"protocol": "HTTPS", "port": 443, "hostname": "*.example.com"}, {"protocol": "HTTP",
                              "port": 80}, COMPUTED],
            },
        ),
        "class edge, HTTPS 443 *.example.com; HTTP 80 any host; <computed>",
    ),
    (of("networking.istio.io/v1:Gateway", spec={"servers": []}), ""),
    (
        of(
            "cert-manager.io/v1:Certificate",
            spec={"dnsNames": ["a.example.com"], "secretName": "tls", "issuerRef": {"kind": "ClusterIssuer",
                  "name": "le"}},
        ),
        "a.example.com, by ClusterIssuer le, into Secret tls",
    ),
    (
        of("cert-manager.io/v1:Certificate", spec={"commonName": "a", "secretName": "b", "issuerRef": COMPUTED}),
        "a, by <computed>, into Secret b",
    ),
]  # fmt: skip

ACCOUNT = "core/v1:ServiceAccount"
ROLE = "rbac.authorization.k8s.io/v1:Role"
BINDING = "rbac.authorization.k8s.io/v1:RoleBinding"
ENFORCE = "pod-security.kubernetes.io/enforce"
RULE = {"apiGroups": [""], "verbs": ["get", "list"], "resources": ["pods"]}

ACCESS: list[tuple[Registration, str]] = [
    (of("core/v1:Namespace", metadata={}), "enforces no pod security"),
    (of("core/v1:Namespace", metadata={"labels": {ENFORCE: "baseline"}}), "enforces baseline"),
    (of("core/v1:Namespace", metadata={"labels": COMPUTED}), "enforces <computed>"),
    (of("core/v1:ResourceQuota", spec={"hard": {"pods": 20, "cpu": "5"}}), "cpu 5, pods 20"),
    (of("core/v1:ResourceQuota", spec={"hard": COMPUTED}), "<computed>"),
    (
        of(
            "core/v1:LimitRange",
            spec={"limits": [{"type": "Container", "default": {"memory": "1G"}, "defaultRequest": COMPUTED}, COMPUTED]},
        ),
        "Container: requests <computed>, limits memory 1G; <computed>",
    ),
    (of("core/v1:LimitRange", spec={"limits": [{"type": "Pod", "min": {"cpu": 1}, "max": {"cpu": 4}}]}),
     "Pod: at least cpu 1, at most cpu 4"),
    (of("scheduling.k8s.io/v1:PriorityClass", value=1000), "1000"),
    (of("scheduling.k8s.io/v1:PriorityClass", value=0, globalDefault=True, preemptionPolicy="Never"),
     "0, the default, never preempts"),
    (of("scheduling.k8s.io/v1:PriorityClass", value=COMPUTED, globalDefault=COMPUTED),
     "<computed>, the default: <computed>"),
    (of(ACCOUNT), "token mounted unless a pod declines it"),
    (of(ACCOUNT, automountServiceAccountToken=False), "token not mounted"),
    (of(ACCOUNT, automountServiceAccountToken=COMPUTED), "token mounted: <computed>"),
    (of(ROLE, rules=[RULE, {"verbs": ["*"], "resources": ["secrets"], "resourceNames": ["a"]}]),
     "get, list pods; * secrets (a)"),
    (of(ROLE, rules=[RULE] * 5), "get, list pods; get, list pods; get, list pods; 2 more"),
    (of(ROLE), "allows nothing"),
    (of(ROLE, rules=COMPUTED), "<computed>"),
    (of(ROLE.replace("Role", "ClusterRole"), rules=[{"verbs": ["get"], "nonResourceURLs": ["/metrics"]}]),
     "get /metrics"),
    (of(ROLE.replace("Role", "ClusterRole"), aggregationRule={}, rules=[]), "gathers the rules of other roles"),
    (
        of(BINDING, roleRef={"kind": "Role", "name": "web"},
           subjects=[{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}, {"kind": "Group", "name": "ops"},
                     COMPUTED]),
        "Role web to ServiceAccount shop/web; Group ops; <computed>",
    ),
    (of(BINDING.replace("Role", "ClusterRole"), roleRef={"kind": "ClusterRole", "name": "view"}),
     "ClusterRole view to nobody"),
    (of(BINDING, roleRef=COMPUTED, subjects=COMPUTED), "<computed> to <computed>"),
]  # fmt: skip

EXTERNAL = "external-secrets.io/v1:ExternalSecret"
CLAIM = "core/v1:PersistentVolumeClaim"
CLASS = "storage.k8s.io/v1:StorageClass"
TEN = {"resources": {"requests": {"storage": "10Gi"}}}

CONFIGURATION: list[tuple[Registration, str]] = [
    (of("core/v1:ConfigMap", data={"b": ""}, binaryData={"a": ""}, immutable=True), "a, b (immutable)"),
    (of("core/v1:Secret", data=COMPUTED, stringData={"a": ""}), "a, <computed>"),
    (of("core/v1:Secret", data={"a": SECRET}, immutable=COMPUTED), "a"),
    (
        of(EXTERNAL, spec={"refreshInterval": "1h", "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
                           "data": [{"secretKey": "url"}, COMPUTED]}),
        "url, <computed>, from ClusterSecretStore vault, every 1h",
    ),
    (of(EXTERNAL, spec={"secretStoreRef": {"name": "vault"}, "dataFrom": [{}]}),
     "all of a source, from SecretStore vault"),
    (of(EXTERNAL, spec={"secretStoreRef": COMPUTED}), "from <computed>"),
    (of(CLAIM, spec={**TEN, "storageClassName": "fast", "accessModes": ["ReadWriteOnce"]}),
     "10Gi, class fast, ReadWriteOnce"),
    (of(CLAIM, spec=TEN), "10Gi, the default class"),
    (of(CLAIM, spec={**TEN, "storageClassName": ""}), "10Gi, no class"),
    (of(CLAIM, spec={**TEN, "storageClassName": COMPUTED, "accessModes": COMPUTED}),
     "10Gi, class <computed>, <computed>"),
    (of("core/v1:PersistentVolume", spec={"capacity": {"storage": "1Ti"}, "storageClassName": "nfs",
                                          "accessModes": ["ReadWriteMany"]}),
     "1Ti, class nfs, ReadWriteMany, Retain"),
    (of("core/v1:PersistentVolume", spec={"persistentVolumeReclaimPolicy": "Delete"}), "Delete"),
    (of(CLASS, provisioner="csi.example.com"), "csi.example.com, Delete, Immediate"),
    (
        of(CLASS, provisioner="csi.example.com", reclaimPolicy="Retain", volumeBindingMode="WaitForFirstConsumer",
           allowVolumeExpansion=True,
           metadata={"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}),
        "csi.example.com, Retain, WaitForFirstConsumer, can grow, the default",
    ),
    (of(CLASS, provisioner=COMPUTED, allowVolumeExpansion=COMPUTED),
     "<computed>, Delete, Immediate, can grow: <computed>"),
]  # fmt: skip

HPA = "autoscaling/v2:HorizontalPodAutoscaler"
VPA = "autoscaling.k8s.io/v1:VerticalPodAutoscaler"
BUDGET = "policy/v1:PodDisruptionBudget"
TARGET = {"targetRef": {"kind": "Deployment", "name": "web"}}

SCALING: list[tuple[Registration, str]] = [
    (of(HPA, spec={"maxReplicas": 3}), "1 to 3 replicas by cpu 80 %"),
    (of(HPA, spec={"minReplicas": 0, "maxReplicas": 3, "metrics": COMPUTED}), "0 to 3 replicas by <computed>"),
    (
        of(HPA, spec={"minReplicas": 2, "maxReplicas": 3, "metrics": [
            {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}},
            {"type": "Resource", "resource": {"name": "memory", "target": {"averageValue": "1Gi"}}},
            {"type": "External"}]}),
        "2 to 3 replicas by cpu 70 %, memory 1Gi, External",
    ),
    (of(VPA, spec=TARGET), "Deployment web"),
    (of(VPA, spec={**TARGET, "updatePolicy": {"updateMode": "Off"}}), "Deployment web, recommends only"),
    (
        of(VPA, spec={**TARGET, "updatePolicy": {"updateMode": "Recreate"}, "resourcePolicy": {"containerPolicies": [
            {"containerName": "*", "minAllowed": {"cpu": "100m"}, "maxAllowed": {"cpu": 2, "memory": "1Gi"}},
            {"containerName": "b", "maxAllowed": COMPUTED}, {"containerName": "c"}, COMPUTED]}}),
        "Deployment web, mode Recreate, * at least 100m cpu at most 2 cpu 1Gi memory, b at most <computed>, <computed>",
    ),
    (of("keda.sh/v1alpha1:ScaledObject", spec={"scaleTargetRef": {"name": "web"}, "triggers": [{"type": "kafka"}]}),
     "0 to 100 replicas of Deployment web by kafka"),
    (
        of("keda.sh/v1alpha1:ScaledObject", spec={"scaleTargetRef": {"kind": "StatefulSet", "name": "db"},
           "minReplicaCount": 1, "maxReplicaCount": 5, "triggers": [{"type": "cron"}, {"type": "cpu"}]}),
        "1 to 5 replicas of StatefulSet db by cron, cpu",
    ),
    (of(BUDGET, spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}), "app=web, at least 1 stay"),
    (of(BUDGET, spec={"maxUnavailable": "25%", "selector": {}}), "all pods, at most 25% unavailable"),
    (of(BUDGET, spec={"maxUnavailable": COMPUTED}), "no pods, at most <computed> unavailable"),
    (of(BUDGET, spec=COMPUTED), "<computed>"),
]  # fmt: skip

MONITOR = "monitoring.coreos.com/v1:ServiceMonitor"
RULES = "monitoring.coreos.com/v1:PrometheusRule"
CRD = "apiextensions.k8s.io/v1:CustomResourceDefinition"
IMAGE = "docker:index/image:Image"
BUILDKIT = "docker-build:index:Image"

OTHERS: list[tuple[Registration, str]] = [
    (
        of(MONITOR, spec={"selector": {"matchLabels": {"app": "web"}},
                          "endpoints": [{"port": "http", "interval": "30s"}, {"port": "x", "path": "/x"}, COMPUTED]}),
        "app=web, http/metrics every 30s; x/x; <computed>",
    ),
    (of(MONITOR, spec={"selector": {}}), "all Services"),
    (of("monitoring.coreos.com/v1:PodMonitor", spec={"selector": {}, "podMetricsEndpoints": [{"portNumber": 9090}]}),
     "all pods, 9090/metrics"),
    (of(RULES, spec={"groups": [{"rules": [{"alert": "A"}, {"record": "r"}]}, {"rules": [{"alert": "B"}]}]}),
     "2 alerts (A; B), 1 recording"),
    (of(RULES, spec={"groups": [{"rules": COMPUTED}]}), "<computed>"),
    (
        of(CRD, spec={"scope": "Namespaced", "names": {"kind": "CronTab"}, "versions": [
            {"name": "v1", "served": True, "storage": True}, {"name": "v1beta1", "served": False}, COMPUTED]}),
        "Namespaced CronTab, v1 (stored), v1beta1 (not served), <computed>",
    ),
    (of(IMAGE, build={"context": "app"}, skipPush=True), "built from app, kept by the local engine"),
    (of(IMAGE, build=COMPUTED, skipPush=COMPUTED), "built from <computed>"),
    (of(IMAGE, build={"context": "app"}), "built from app, pushed"),
    (
        of(BUILDKIT, context={"location": "app"}, platforms=["linux/amd64", "linux/arm64"], push=True,
           secrets={"npm": SECRET}, ssh=[{"id": "default"}]),
        "built from app for linux/amd64 and linux/arm64, with secret npm and SSH, pushed",
    ),
    (of(BUILDKIT, context={"location": "app"}, push=False), "built from app, kept by the local engine"),
    (of(BUILDKIT, context={"location": "app"}, secrets=SECRET, push=True), "built from app, with secrets, pushed"),
    (of(BUILDKIT, context=COMPUTED, platforms=COMPUTED, push=COMPUTED), "built from <computed> for <computed>"),
    (of("other:apps/v1:Deployment", spec={"replicas": 1}), ""),
    (of("core/v1:Endpoints"), ""),
]  # fmt: skip

PHRASES = [*WORKLOADS, *TRAFFIC, *ACCESS, *CONFIGURATION, *SCALING, *OTHERS]


@pytest.mark.parametrize(
    ("one", "told"), PHRASES, ids=[f"{one.type.rpartition(':')[2]}: {told}" for one, told in PHRASES]
)
def test_the_tree_tells_what_a_reader_would_look_for_first(one: Registration, told: str) -> None:
    assert detail(one) == told


UNKNOWN = sorted({one.type for one, told in PHRASES if told and "spec" in one.inputs})


@pytest.mark.parametrize("token", UNKNOWN)
@pytest.mark.parametrize("stand_in", [COMPUTED, SECRET])
def test_what_is_not_known_is_shown_as_such(token: str, stand_in: str) -> None:
    assert str(stand_in) in detail(of(token, spec=stand_in)), "it would be read as something that is known"
