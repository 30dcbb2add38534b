"""One fault in the good set gives exactly one finding: the one that names it."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.model import SECRET
from tests.preview.checks.good import (
    CONTAINER,
    LABELS,
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
LONG = "a" * 64


def case(promise: str, of: str, change: Change, rule: str, path: str, *, severity: str = "error", **kw: Any) -> Any:
    return pytest.param(of, change, kw, (severity, rule, path), id=promise)


SCHEMA = [
    case(
        "a misspelt field is unknown",
        "Deployment",
        put(f"{C}.imagePullpolicy", "Always"),
        "schema/unknown-field",
        f"{C}.imagePullpolicy",
    ),
    case(
        "a field on the wrong level is unknown",
        "Deployment",
        put("spec.containers", []),
        "schema/unknown-field",
        "spec.containers",
    ),
    case(
        "a field of the wrong type is named",
        "HorizontalPodAutoscaler",
        put("spec.minReplicas", "2"),
        "schema/type",
        "spec.minReplicas",
    ),
    case(
        "a mapping where a list belongs is named",
        "Service",
        put("spec.ports", {"http": 80}),
        "schema/type",
        "spec.ports",
    ),
    case(
        "a required field that is missing is named",
        "Service",
        drop("spec.ports[0].port"),
        "schema/missing-field",
        "spec.ports[0].port",
    ),
    case(
        "a value outside a closed set is named",
        "Deployment",
        put(f"{C}.imagePullPolicy", "Allways"),
        "schema/value",
        f"{C}.imagePullPolicy",
    ),
    case(
        "a version that is no longer served is an error",
        "HorizontalPodAutoscaler",
        put("apiVersion", "autoscaling/v2beta2"),
        "schema/unserved-version",
        "apiVersion",
    ),
    case(
        "a kind that a built-in group does not have is an error",
        "ServiceAccount",
        put("kind", "ServiceAcount"),
        "schema/unserved-version",
        "kind",
        extra=[bodies()["ServiceAccount"]],
    ),
    case(
        "a missing kind is an error",
        "PodDisruptionBudget",
        drop("kind"),
        "schema/missing-field",
        "kind",
    ),
    case(
        "a quantity with a wrong unit is an error",
        "Deployment",
        put(f"{POD}.volumes[1].emptyDir.sizeLimit", "0.5Gb"),
        "schema/quantity",
        f"{POD}.volumes[1].emptyDir.sizeLimit",
    ),
    case(
        "plain text in a Secret's data is an error",
        "Secret",
        put("data", {"OTHER": "not base64!"}),
        "schema/base64",
        "data.OTHER",
    ),
    case(
        "an integer that does not fit is an error",
        "HorizontalPodAutoscaler",
        put("spec.maxReplicas", 2**31),
        "schema/integer-range",
        "spec.maxReplicas",
    ),
    case(
        "a kind without a schema is pointed out, not condemned",
        "PodDisruptionBudget",
        both(put("apiVersion", "example.com/v1"), put("kind", "Gadget")),
        "schema/no-schema",
        "",
        severity="info",
    ),
]

NAMES = [
    case(
        "an object's name is lower case",
        "PodDisruptionBudget",
        put("metadata.name", "Web"),
        "name/object",
        "metadata.name",
    ),
    case(
        "a namespace is no subdomain",
        "Namespace",
        put("metadata.name", "my.shop"),
        "name/object",
        "metadata.name",
        extra=[bodies()["Namespace"]],
    ),
    case(
        "a label's value has 63 characters at most",
        "Service",
        put("metadata.labels", {"app": LONG}),
        "name/label-value",
        "metadata.labels.app",
    ),
    case(
        "a label's key has one slash at most",
        "Service",
        put("metadata.labels", {"a/b/c": "x"}),
        "name/label-key",
        'metadata.labels["a/b/c"]',
    ),
    case(
        "a label's key may not end in a slash",
        "Service",
        put("metadata.labels", {"example.com/": "x"}),
        "name/label-key",
        'metadata.labels["example.com/"]',
    ),
    case(
        "a pod template's labels are checked as well",
        "Deployment",
        put(f"{POD[:-5]}.metadata.labels", {**LABELS, "team": "a b"}),
        "name/label-value",
        "spec.template.metadata.labels.team",
    ),
    case(
        "an annotation's key is a qualified name",
        "Service",
        put("metadata.annotations", {"two words": "x"}),
        "name/annotation-key",
        'metadata.annotations["two words"]',
    ),
    case(
        "annotations hold 256 KiB at most",
        "Service",
        put("metadata.annotations", {"note": "x" * 262_144}),
        "name/too-large",
        "metadata.annotations",
    ),
    case(
        "a ConfigMap holds 1 MiB at most",
        "ConfigMap",
        put("data", {"big": "x" * 1_048_577}),
        "name/too-large",
        "data",
    ),
    case(
        "a ConfigMap's key is a file name",
        "ConfigMap",
        put("data", {"etc/app.yaml": "x"}),
        "name/data-key",
        'data["etc/app.yaml"]',
    ),
    case(
        "a container's port name has 15 characters at most",
        "Deployment",
        add(f"{C}.ports", {"name": "metrics-and-more", "containerPort": 9090}),
        "name/port",
        f"{C}.ports[2].name",
    ),
    case(
        "a container's port name needs a letter",
        "Deployment",
        add(f"{C}.ports", {"name": "9090", "containerPort": 9090}),
        "name/port",
        f"{C}.ports[2].name",
    ),
    case(
        "a Service with two ports names both",
        "Service",
        drop("spec.ports[1].name"),
        "name/port",
        "spec.ports[1].name",
    ),
    case(
        "a port is at most 65535",
        "Deployment",
        add(f"{C}.ports", {"name": "big", "containerPort": 70000}),
        "name/port-number",
        f"{C}.ports[2].containerPort",
    ),
    case(
        "a container's name is a DNS label",
        "Deployment",
        put(f"{C}.name", "my_web"),
        "name/container",
        f"{C}.name",
    ),
    case(
        "a volume's name is a DNS label",
        "Deployment",
        add(f"{POD}.volumes", {"name": "my.tmp", "emptyDir": {}}),
        "name/volume",
        f"{POD}.volumes[2].name",
    ),
    case(
        "an environment variable has no equals sign",
        "Deployment",
        put(f"{C}.env[0].name", "A=B"),
        "name/env",
        f"{C}.env[0].name",
    ),
    case(
        "an Ingress host is no URL",
        "Ingress",
        put("spec.rules[0].host", "https://shop.example.com"),
        "name/host",
        "spec.rules[0].host",
    ),
]

RESOURCES = [
    case(
        "a request above the limit is refused",
        "Deployment",
        put(f"{C}.resources.requests.memory", "1Gi"),
        "resources/request-above-limit",
        f"{C}.resources.requests.memory",
    ),
    case(
        "an unknown resource is refused",
        "Deployment",
        put(f"{C}.resources.limits.mem", "1Gi"),
        "resources/unknown",
        f"{C}.resources.limits.mem",
    ),
    case(
        "a negative request is refused",
        "Deployment",
        put(f"{C}.resources.requests.cpu", "-1"),
        "resources/negative",
        f"{C}.resources.requests.cpu",
    ),
    case(
        "a fraction of a byte is doubted",
        "Deployment",
        put(f"{C}.resources.requests.memory", "100m"),
        "resources/fractional-bytes",
        f"{C}.resources.requests.memory",
        severity="warning",
    ),
]

WORKLOADS = [
    case(
        "an empty selector is refused",
        "Deployment",
        put("spec.selector", {}),
        "workload/selector-mismatch",
        "spec.selector",
    ),
    case(
        "a selector matches its own pods",
        "Deployment",
        put("spec.selector.matchLabels", {"app": "web"}),
        "workload/selector-mismatch",
        "spec.selector",
    ),
    case(
        "a selector's expressions match its own pods",
        "Deployment",
        put("spec.selector.matchExpressions", [{"key": "app", "operator": "Exists"}]),
        "workload/selector-mismatch",
        "spec.selector",
    ),
    case(
        "a mount names a volume of the pod",
        "Deployment",
        add(f"{C}.volumeMounts", {"name": "tpm", "mountPath": "/x"}),
        "workload/missing-volume",
        f"{C}.volumeMounts[2].name",
    ),
    case(
        "a probe calls a port of its container",
        "Deployment",
        put(f"{C}.readinessProbe.httpGet.port", "htp"),
        "workload/missing-port",
        f"{C}.readinessProbe.httpGet.port",
    ),
    case(
        "a lifecycle hook calls a port of its container",
        "Deployment",
        put(f"{C}.lifecycle", {"preStop": {"httpGet": {"port": "drain"}}}),
        "workload/missing-port",
        f"{C}.lifecycle.preStop.httpGet.port",
    ),
    case(
        "a Deployment's pods always restart",
        "Deployment",
        put(f"{POD}.restartPolicy", "Never"),
        "workload/restart-policy",
        f"{POD}.restartPolicy",
    ),
    case(
        "a rollout can make progress",
        "Deployment",
        put("spec.strategy.rollingUpdate.maxSurge", 0),
        "workload/stuck-rollout",
        "spec.strategy.rollingUpdate",
    ),
]

NUMBERED = bodies()["Service"] | {"spec": {"selector": LABELS, "ports": [{"port": 80, "targetPort": 8080}]}}

REFERENCES = [
    case(
        "a ConfigMap that is not rendered is doubted",
        "Deployment",
        put(f"{POD}.volumes[0].configMap.name", "web-config"),
        "reference/missing-config-map",
        f"{POD}.volumes[0].configMap.name",
        severity="warning",
    ),
    case(
        "a Secret that is not rendered is doubted",
        "Deployment",
        put(f"{C}.env[1].valueFrom.secretKeyRef.name", "db"),
        "reference/missing-secret",
        f"{C}.env[1].valueFrom.secretKeyRef.name",
        severity="warning",
    ),
    case(
        "a whole Secret as environment is looked up",
        "Deployment",
        put(f"{C}.envFrom[0].secretRef.optional", False),
        "reference/missing-secret",
        f"{C}.envFrom[0].secretRef.name",
        severity="warning",
    ),
    case(
        "a projected ConfigMap is looked up",
        "Deployment",
        add(
            f"{POD}.volumes",
            {"name": "p", "projected": {"sources": [{"configMap": {"name": "absent"}}]}},
        ),
        "reference/missing-config-map",
        f"{POD}.volumes[2].projected.sources[0].configMap.name",
        severity="warning",
    ),
    case(
        "a key that a rendered Secret lacks is an error",
        "Deployment",
        put(f"{C}.env[1].valueFrom.secretKeyRef.key", "API_TOKN"),
        "reference/missing-key",
        f"{C}.env[1].valueFrom.secretKeyRef.key",
    ),
    case(
        "a key that a mounted ConfigMap lacks is an error",
        "Deployment",
        put(f"{POD}.volumes[0].configMap.items", [{"key": "app.yml", "path": "a"}]),
        "reference/missing-key",
        f"{POD}.volumes[0].configMap.items[0].key",
    ),
    case(
        "a ServiceAccount that is not rendered is doubted",
        "Deployment",
        put(f"{POD}.serviceAccountName", "weeb"),
        "reference/missing-service-account",
        f"{POD}.serviceAccountName",
        severity="warning",
    ),
    case(
        "a claim that is not rendered is doubted",
        "Deployment",
        add(f"{POD}.volumes", {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}),
        "reference/missing-persistent-volume-claim",
        f"{POD}.volumes[2].persistentVolumeClaim.claimName",
        severity="warning",
    ),
    case(
        "a pull secret that is not rendered is doubted",
        "Deployment",
        put(f"{POD}.imagePullSecrets", [{"name": "registry"}]),
        "reference/missing-secret",
        f"{POD}.imagePullSecrets[0].name",
        severity="warning",
    ),
    case(
        "a Service selects a rendered pod",
        "Service",
        put("spec.selector", {"app": "web"}),
        "reference/selects-nothing",
        "spec.selector",
    ),
    case(
        "a Service's target port has the name of a container's",
        "Service",
        put("spec.ports[0].targetPort", "web"),
        "reference/missing-port",
        "spec.ports[0].targetPort",
    ),
    case(
        "a target port's name counts for its protocol alone",
        "Service",
        put("spec.ports[0].protocol", "UDP"),
        "reference/missing-port",
        "spec.ports[0].targetPort",
    ),
    case(
        "a disruption budget selects a rendered pod",
        "PodDisruptionBudget",
        put("spec.selector.matchLabels", {"app": "web"}),
        "reference/selects-nothing",
        "spec.selector",
    ),
    case(
        "an Ingress leads to a rendered Service",
        "Ingress",
        put("spec.rules[0].http.paths[0].backend.service.name", "wbe"),
        "reference/missing-service",
        "spec.rules[0].http.paths[0].backend.service.name",
        severity="warning",
    ),
    case(
        "a Service's target port is one that a container declares",
        "Service",
        put("spec.ports[1].targetPort", 50012),
        "reference/undeclared-port",
        "spec.ports[1].targetPort",
        severity="warning",
    ),
    case(
        "a Service's own port is its target where it names none",
        "Service",
        both(put("spec.ports[1].port", 50020), drop("spec.ports[1].targetPort")),
        "reference/undeclared-port",
        "spec.ports[1].port",
        severity="warning",
    ),
    case(
        "where no port is declared, none can be compared",
        "Deployment",
        both(drop(f"{C}.ports"), drop(f"{C}.readinessProbe")),
        "reference/undeclared-port",
        "spec.ports[0].targetPort",
        severity="info",
        without=["Service", "Ingress"],
        extra=[NUMBERED],
    ),
    case(
        "a target port's number counts for its protocol alone",
        "Service",
        put("spec.ports[1].protocol", "UDP"),
        "reference/undeclared-port",
        "spec.ports[1].targetPort",
        severity="warning",
    ),
    case(
        "an Ingress names a port of the Service",
        "Ingress",
        put("spec.rules[0].http.paths[0].backend.service.port.name", "https"),
        "reference/missing-port",
        "spec.rules[0].http.paths[0].backend.service.port.name",
    ),
    case(
        "an Ingress numbers a port of the Service, not of the container",
        "Ingress",
        put("spec.rules[0].http.paths[0].backend.service.port", {"number": 8080}),
        "reference/missing-port",
        "spec.rules[0].http.paths[0].backend.service.port.number",
    ),
    case(
        "an Ingress's default backend is looked up as well",
        "Ingress",
        put("spec.defaultBackend.service", {"name": "web", "port": {"number": 1}}),
        "reference/missing-port",
        "spec.defaultBackend.service.port.number",
    ),
    case(
        "an Ingress's certificate is looked up",
        "Ingress",
        put("spec.tls", [{"secretName": "shop-tls"}]),
        "reference/missing-secret",
        "spec.tls[0].secretName",
        severity="warning",
    ),
    case(
        "a namespace that is not rendered is doubted once",
        "PodDisruptionBudget",
        both(put("metadata.namespace", "shopp"), put("spec.selector", {})),
        "reference/missing-namespace",
        "metadata.namespace",
        severity="warning",
    ),
]

AUTOSCALING = [
    case(
        "an autoscaler's target is rendered",
        "HorizontalPodAutoscaler",
        put("spec.scaleTargetRef.name", "wbe"),
        "autoscaling/missing-target",
        "spec.scaleTargetRef.name",
    ),
    case(
        "an autoscaler names its target's group",
        "HorizontalPodAutoscaler",
        drop("spec.scaleTargetRef.apiVersion"),
        "autoscaling/missing-target",
        "spec.scaleTargetRef.apiVersion",
    ),
    case(
        "replicas and an autoscaler do not go together",
        "Deployment",
        put("spec.replicas", 2),
        "autoscaling/fixed-replicas",
        "spec.replicas",
        severity="warning",
    ),
    case(
        "a utilization needs a request",
        "HorizontalPodAutoscaler",
        put("spec.metrics[0].resource.name", "ephemeral-storage"),
        "autoscaling/missing-request",
        "spec.metrics[0].resource",
    ),
    case(
        "a container's utilization needs a request",
        "HorizontalPodAutoscaler",
        put(
            "spec.metrics",
            [
                {
                    "type": "ContainerResource",
                    "containerResource": {
                        "name": "ephemeral-storage",
                        "container": "web",
                        "target": {"type": "Utilization", "averageUtilization": 50},
                    },
                }
            ],
        ),
        "autoscaling/missing-request",
        "spec.metrics[0].containerResource",
    ),
    case(
        "a container's metric names a container",
        "HorizontalPodAutoscaler",
        put(
            "spec.metrics",
            [
                {
                    "type": "ContainerResource",
                    "containerResource": {
                        "name": "cpu",
                        "container": "wbe",
                        "target": {"type": "Utilization", "averageUtilization": 50},
                    },
                }
            ],
        ),
        "autoscaling/missing-container",
        "spec.metrics[0].containerResource.container",
    ),
    case(
        "no metric at all means CPU",
        "Deployment",
        drop(f"{C}.resources.requests.cpu"),
        "autoscaling/missing-request",
        "spec.metrics",
        without=["HorizontalPodAutoscaler"],
        extra=[
            {
                **bodies()["HorizontalPodAutoscaler"],
                "spec": {
                    "scaleTargetRef": {
                        "apiVersion": "apps/v1",
                        "kind": "Deployment",
                        "name": "web",
                    },
                    "maxReplicas": 3,
                },
            }
        ],
    ),
    case(
        "the lower bound is not above the upper",
        "HorizontalPodAutoscaler",
        put("spec.minReplicas", 7),
        "autoscaling/bounds",
        "spec.maxReplicas",
    ),
]


DUPLICATES = [
    case(
        "two URNs for one object are an error",
        "ServiceAccount",
        put("metadata.labels", LABELS),
        "duplicate/object",
        "metadata.name",
        extra=[bodies()["ServiceAccount"]],
    ),
    case(
        "two containers have two names",
        "Deployment",
        add(f"{POD}.initContainers", another_container(name="web")),
        "duplicate/container",
        f"{POD}.initContainers[0].name",
    ),
    case(
        "two volumes have two names",
        "Deployment",
        add(f"{POD}.volumes", {"name": "tmp", "emptyDir": {}}),
        "duplicate/volume",
        f"{POD}.volumes[2].name",
    ),
    case(
        "a variable is set once",
        "Deployment",
        add(f"{C}.env", {"name": "LOG_LEVEL", "value": "debug"}),
        "duplicate/env",
        f"{C}.env[2].name",
    ),
    case(
        "a path is mounted once",
        "Deployment",
        add(f"{C}.volumeMounts", {"name": "tmp", "mountPath": "/tmp"}),
        "duplicate/mount",
        f"{C}.volumeMounts[2].mountPath",
    ),
    case(
        "two ports have two names",
        "Deployment",
        add(f"{C}.ports", {"name": "http", "containerPort": 9090}),
        "duplicate/port",
        f"{C}.ports[2].name",
    ),
    case(
        "a port is declared once",
        "Deployment",
        add(f"{C}.ports", {"name": "again", "containerPort": 8080, "protocol": "TCP"}),
        "duplicate/port",
        f"{C}.ports[2].containerPort",
    ),
    case(
        "two containers do not listen on one port",
        "Deployment",
        add(
            f"{POD}.containers",
            another_container(ports=[{"containerPort": 8080}]),
        ),
        "duplicate/pod-port",
        f"{POD}.containers[1].ports[0].containerPort",
        severity="warning",
    ),
    case(
        "two ports of a Service have two names",
        "Service",
        add("spec.ports", {"name": "http", "port": 81, "targetPort": 8080}),
        "duplicate/service-port",
        "spec.ports[2].name",
    ),
    case(
        "two ports of a Service have two numbers",
        "Service",
        add("spec.ports", {"name": "other", "port": 80, "targetPort": 8080}),
        "duplicate/service-port",
        "spec.ports[2].port",
    ),
]

DIGEST = "0123456789abcdef" * 4
LOW: Change = add(f"{C}.ports", {"name": "low", "containerPort": 80})
LOWEST = "net.ipv4.ip_unprivileged_port_start"
BASELINE = {
    **bodies()["Namespace"],
    "metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "baseline"}},
}


def image(promise: str, name: Any, rule: str = "image/reference", *, severity: str = "error") -> Any:
    return case(promise, "Deployment", put(f"{C}.image", name), rule, f"{C}.image", severity=severity)


IMAGES = [
    case("a container has an image", "Deployment", drop(f"{C}.image"), "image/missing", f"{C}.image"),
    image("an image is no empty text", "", "image/missing"),
    image("an image has a repository", ":1.2"),
    image("an image has no scheme", "https://registry.example.com/web:1"),
    image("an image has no spaces", "registry.example.com/web :1"),
    image("an image ends with no line's end", "registry.example.com/web:1\n"),
    image("a repository has no capitals", "registry.example.com/Web:1"),
    image("a repository has single separators", "registry.example.com/a..b:1"),
    image("a repository has no empty step", "registry.example.com//web:1"),
    image("a repository does not end in a slash", "registry.example.com/web/"),
    image("a tag is not empty", "registry.example.com/web:"),
    image("a tag has 128 characters at most", f"web:{'a' * 129}"),
    image("a tag starts with no dot", "web:.1"),
    image("a tag has no plus", "web:1.2.3+build"),
    image("a digest has its kind", f"web@{DIGEST}"),
    image("a digest is of a known kind", f"web@md5:{DIGEST}"),
    image("a digest is whole", f"web@sha256:{DIGEST[1:]}"),
    image("a digest is no longer than it is", f"web:1@sha256:{DIGEST}0"),
    image("a digest is in lower case", f"web@sha256:{DIGEST.upper()}"),
    image("a digest follows the at sign", "web@"),
    image("an image's id is no name", DIGEST),
    image("a path has 255 characters at most", f"registry.example.com/{'a' * 256}:1"),
    image("an image is no book", "a" * 2000),
    image("a resource is no name", "urn:pulumi:dev::shop::slipway:images:Image$docker:index/image:Image::web"),
    image("an Output is no text", "Calling __str__ on an Output[T] is not supported.\n\nTo get the value"),
    image("an account with capitals is taken for a host", "Acme/web:1", severity="warning"),
    image("an image has a tag", "registry.example.com/web", "image/no-tag", severity="warning"),
    image("an image behind a port has a tag", "registry.example.com:5000/web", "image/no-tag", severity="warning"),
    image("`latest` is no version", "web:latest", "image/latest", severity="warning"),
    image("an official image that starts as root", "nginx:1.27", "image/root", severity="warning"),
    image("the same by its long name", "docker.io/library/nginx:1.27", "image/root", severity="warning"),
    case(
        "a volume that is an image has a name as well",
        "Deployment",
        add(f"{POD}.volumes", {"name": "v", "image": {"reference": "Web:1"}}),
        "image/reference",
        f"{POD}.volumes[2].image.reference",
    ),
    case(
        "an init container has an image as well",
        "Deployment",
        add(f"{POD}.initContainers", another_container(image="web")),
        "image/no-tag",
        f"{POD}.initContainers[0].image",
        severity="warning",
    ),
    case(
        "a port below 1024 may be root's alone",
        "Deployment",
        LOW,
        "image/low-port",
        f"{C}.ports[2].containerPort",
        severity="info",
    ),
    case(
        "a port below the one that the pod sets is root's alone",
        "Deployment",
        both(LOW, put(f"{POD}.securityContext.sysctls", [{"name": LOWEST, "value": "81"}])),
        "image/low-port",
        f"{C}.ports[2].containerPort",
        severity="warning",
    ),
    case(
        "a right to low ports is of no use to who is not root and may gain nothing",
        "Deployment",
        both(LOW, put(f"{C}.securityContext.capabilities.add", ["NET_BIND_SERVICE"])),
        "image/low-port",
        f"{C}.ports[2].containerPort",
        severity="info",
    ),
    case(
        "a root that has dropped the right to low ports lacks it too",
        "Deployment",
        both(LOW, put(f"{POD}.securityContext.runAsNonRoot", False)),
        "image/low-port",
        f"{C}.ports[2].containerPort",
        severity="info",
        without=["Namespace"],
        extra=[BASELINE],
    ),
]

PREFIX = "pod-security.kubernetes.io"


def label(promise: str, key: str, value: str) -> Any:
    change = put("metadata.labels", {f"{PREFIX}/{key}": value})
    return case(promise, "Namespace", change, "pod-security/label", f'metadata.labels["{PREFIX}/{key}"]')


STANDARDS = [
    label("a standard is one of three", "enforce", "restrictd"),
    label("a standard to be warned of as well", "warn", "strict"),
    label("a version of the standards has a v", "audit-version", "1.36"),
]

EXPOSURE = [
    case(
        "a secret in the environment is exposed",
        "Deployment",
        put(f"{C}.env[0].value", SECRET),
        "exposure/secret",
        f"{C}.env[0].value",
        severity="warning",
    ),
    case(
        "a secret in the arguments is exposed",
        "Deployment",
        put(f"{C}.args", ["--token", SECRET]),
        "exposure/secret",
        f"{C}.args[1]",
        severity="warning",
    ),
    case(
        "a secret in a ConfigMap is exposed",
        "ConfigMap",
        put("data", {"app.yaml": SECRET}),
        "exposure/secret",
        'data["app.yaml"]',
        severity="warning",
    ),
    case(
        "a secret in a Secret's annotation is exposed",
        "Secret",
        put("metadata.annotations", {"note": SECRET}),
        "exposure/secret",
        "metadata.annotations.note",
        severity="warning",
    ),
]

ALL = SCHEMA + NAMES + RESOURCES + WORKLOADS + REFERENCES + AUTOSCALING + DUPLICATES + IMAGES + STANDARDS + EXPOSURE


@pytest.mark.parametrize(("of", "change", "kw", "expected"), ALL)
def test_a_planted_fault_gives_exactly_its_finding(
    of: str, change: Change, kw: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    found = [(str(f.severity), f.rule, f.path) for f in findings(change, of=of, **kw)]
    assert found == [expected], "a fault has one finding, and nothing else comes with it"
