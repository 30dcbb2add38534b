"""Rules `name/…`: names, labels and ports that the API server refuses although the schema allows them.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slipway.preview.checks.fields import at, finding, get, items, mapping, shown, text
from slipway.preview.checks.objects import group_of, is_custom, kind_of, name_of
from slipway.preview.checks.pods import Container, PodTemplate, pod_templates
from slipway.preview.model import Finding, Manifest, Placeholder, Severity

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_LABEL = re.compile(_LABEL)
_DNS_LABEL_1035 = re.compile("[a-z]([-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_QUALIFIED_NAME = re.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PATH_SEGMENT = re.compile(r"(?!\.{1,2}$)[^/%]+")
_DATA_KEY = re.compile(r"(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z0-9]+")
_ENV_NAME = re.compile("[ -<>-~]+")
_PORT_NAME = re.compile("(?!-)(?!.*--)(?=.*[a-z])[a-z0-9-]+(?<!-)")
_WILDCARD_HOST = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")

_MAX_ANNOTATIONS = 256 * 1024
_MAX_DATA = 1024 * 1024


@dataclass(frozen=True)
class _Syntax:
    pattern: re.Pattern[str]
    longest: int
    rule: str

    def accepts(self, name: str) -> bool:
        return len(name) <= self.longest and self.pattern.fullmatch(name) is not None

    def why_not(self, name: str) -> str:
        if len(name) > self.longest:
            return f"has {len(name)} characters and may have {self.longest}: shorten it"
        return f"is not {self.rule}: rename it"


_SUBDOMAIN = _Syntax(
    _DNS_SUBDOMAIN,
    253,
    "lower-case letters, digits, `-` and `.`, with a letter or digit at each end",
)
_LABEL_63 = _Syntax(_DNS_LABEL, 63, "lower-case letters, digits and `-`, with a letter or digit at each end")
_LABEL_1035 = _Syntax(_DNS_LABEL_1035, 63, "lower-case letters, digits and `-`, starting with a letter")
_SEGMENT = _Syntax(_PATH_SEGMENT, 10**6, "free of `/` and `%`, nor `.` or `..`")
_KEY = _Syntax(_DATA_KEY, 253, "letters, digits, `-`, `_` and `.`, not starting with `..`")
_VALUE = _Syntax(_QUALIFIED_NAME, 63, "letters, digits, `-`, `_` and `.`, with a letter or digit at each end")
_PORT = _Syntax(
    _PORT_NAME,
    15,
    "lower-case letters, digits and single inner `-`, with at least one letter",
)
_ENV = _Syntax(_ENV_NAME, 10**6, "printable ASCII without `=`")
_HOST = _Syntax(_WILDCARD_HOST, 253, "a DNS name, with `*.` at most in front")

_OBJECT_NAMES: dict[tuple[str, str], _Syntax] = {
    ("", "Namespace"): _LABEL_63,
    ("", "Service"): _LABEL_63,
    ("apps", "StatefulSet"): _LABEL_63,
    # The controller appends 11 characters to the name, and a Job's name becomes a label of its pods.
    ("batch", "CronJob"): _Syntax(_DNS_SUBDOMAIN, 52, _SUBDOMAIN.rule),
    ("batch", "Job"): _Syntax(_DNS_SUBDOMAIN, 63, _SUBDOMAIN.rule),
    ("rbac.authorization.k8s.io", "ClusterRole"): _SEGMENT,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _SEGMENT,
    ("rbac.authorization.k8s.io", "Role"): _SEGMENT,
    ("rbac.authorization.k8s.io", "RoleBinding"): _SEGMENT,
} | {
    (group, kind): _SUBDOMAIN
    for group, kinds in {
        "": (
            "ConfigMap LimitRange PersistentVolume PersistentVolumeClaim Pod PodTemplate "
            "ReplicationController ResourceQuota Secret ServiceAccount"
        ),
        "apps": "DaemonSet Deployment ReplicaSet",
        "autoscaling": "HorizontalPodAutoscaler",
        "networking.k8s.io": "Ingress IngressClass NetworkPolicy",
        "policy": "PodDisruptionBudget",
        "scheduling.k8s.io": "PriorityClass",
        "storage.k8s.io": "StorageClass",
    }.items()
    for kind in kinds.split()
}
"""The naming rule of each kind, for the kinds whose rule is certain."""


def check(manifests: Sequence[Manifest], version: tuple[int, int]) -> Iterator[Finding]:
    """Finds names and labels that a cluster of `version` would refuse."""
    for manifest in manifests:
        yield from _object_name(manifest, version)
        yield from _metadata(manifest, manifest.body, "")
        yield from _data(manifest)
        yield from _service(manifest)
        yield from _ingress(manifest)
    for template in pod_templates(manifests):
        if template.path:
            yield from _metadata(template.manifest, template.body, template.path)
        yield from _pod(template)


def _refused(manifest: Manifest, rule: str, path: str, name: str, syntax: _Syntax) -> Iterator[Finding]:
    if not isinstance(name, Placeholder) and not syntax.accepts(name):
        message = f"{shown(name)} {syntax.why_not(name)}"
        yield finding(manifest, Severity.ERROR, rule, path, message)


def _object_name(manifest: Manifest, version: tuple[int, int]) -> Iterator[Finding]:
    name, kind = name_of(manifest), (group_of(manifest), kind_of(manifest))
    syntax = _OBJECT_NAMES.get(kind, _SUBDOMAIN if is_custom(manifest) else None)
    if kind == ("", "Service") and version < (1, 36):
        # Until 1.36 a Service could not start with a digit (KEP-5311).
        syntax = _LABEL_1035
    if name and syntax:
        yield from _refused(manifest, "name/object", "metadata.name", name, syntax)
    namespace = text(manifest.body, "metadata", "namespace")
    if namespace:
        yield from _refused(manifest, "name/object", "metadata.namespace", namespace, _LABEL_63)


def _metadata(manifest: Manifest, body: object, path: str) -> Iterator[Finding]:
    labels = at(path, "metadata", "labels")
    for key, value in mapping(body, "metadata", "labels").items():
        yield from _qualified(manifest, "name/label-key", at(labels, key), key)
        if isinstance(value, str) and value:
            yield from _refused(manifest, "name/label-value", at(labels, key), value, _VALUE)
    annotations = mapping(body, "metadata", "annotations")
    for key in annotations:
        # The API server converts an annotation's key to lower case before it checks it.
        where = at(path, "metadata", "annotations", key)
        yield from _qualified(manifest, "name/annotation-key", where, key, key.lower())
    size = sum(_bytes(key) + _bytes(value) for key, value in annotations.items())
    if size > _MAX_ANNOTATIONS:
        yield finding(
            manifest,
            Severity.ERROR,
            "name/too-large",
            at(path, "metadata", "annotations"),
            f"the annotations hold {size} bytes and may hold {_MAX_ANNOTATIONS}: keep what is large in a ConfigMap",
        )


def _qualified(manifest: Manifest, rule: str, path: str, key: str, checked: str | None = None) -> Iterator[Finding]:
    prefix, slash, name = (checked or key).rpartition("/")
    if slash and not _SUBDOMAIN.accepts(prefix):
        message = f"the prefix of {shown(key)} {_SUBDOMAIN.why_not(prefix)}"
        yield finding(manifest, Severity.ERROR, rule, path, message)
    elif not _VALUE.accepts(name):
        what = f"the part of {shown(key)} after `/`" if slash else f"the key {shown(key)}"
        yield finding(manifest, Severity.ERROR, rule, path, f"{what} {_VALUE.why_not(name)}")


def _bytes(value: object) -> int:
    if not isinstance(value, str) or isinstance(value, Placeholder):
        return 0
    return len(value.encode(errors="replace"))


def _decoded_bytes(value: object) -> int:
    padding = value.count("=", -2) if isinstance(value, str) else 0
    return (_bytes(value) - padding) * 3 // 4


def _data(manifest: Manifest) -> Iterator[Finding]:
    kind = (group_of(manifest), kind_of(manifest))
    fields = {("", "ConfigMap"): ("data", "binaryData"), ("", "Secret"): ("data", "stringData")}
    size = 0
    for field in fields.get(kind, ()):
        for key, value in mapping(manifest.body, field).items():
            yield from _refused(manifest, "name/data-key", at(field, key), key, _KEY)
            encoded = field == "binaryData" or (field == "data" and kind[1] == "Secret")
            size += _decoded_bytes(value) if encoded else _bytes(value)
    if size > _MAX_DATA:
        yield finding(
            manifest,
            Severity.ERROR,
            "name/too-large",
            "data",
            f"the values hold {size} bytes and a {kind[1]} may hold {_MAX_DATA}: "
            "split it, or ship large files in the image or a volume",
        )


def _port_number(manifest: Manifest, path: str, number: object) -> Iterator[Finding]:
    if isinstance(number, int) and not isinstance(number, bool) and not 1 <= number <= 65535:
        message = f"{number} is no port: choose a number from 1 to 65535"
        yield finding(manifest, Severity.ERROR, "name/port-number", path, message)


def _port_reference(manifest: Manifest, path: str, port: object) -> Iterator[Finding]:
    """Checks a port that is given by number or by the name of a container's port."""
    yield from _port_number(manifest, path, port)
    if isinstance(port, str):
        yield from _refused(manifest, "name/port", path, port, _PORT)


def _service(manifest: Manifest) -> Iterator[Finding]:
    if (group_of(manifest), kind_of(manifest)) != ("", "Service"):
        return
    ports = list(items(manifest.body, "spec", "ports"))
    for index, port in ports:
        path = at("spec", "ports", index)
        name = get(port, "name", kind=str)
        if name:
            yield from _refused(manifest, "name/port", at(path, "name"), name, _LABEL_63)
        elif len(ports) > 1:
            yield finding(
                manifest,
                Severity.ERROR,
                "name/port",
                at(path, "name"),
                f"port {shown(port.get('port'))} has no name, which Kubernetes requires of a "
                f"Service with {len(ports)} ports: add `name`",
            )
        yield from _port_number(manifest, at(path, "port"), port.get("port"))
        yield from _port_reference(manifest, at(path, "targetPort"), port.get("targetPort"))


def _ingress(manifest: Manifest) -> Iterator[Finding]:
    if (group_of(manifest), kind_of(manifest)) != ("networking.k8s.io", "Ingress"):
        return
    for index, rule in items(manifest.body, "spec", "rules"):
        host = text(rule, "host")
        if host:
            path = at("spec", "rules", index, "host")
            yield from _refused(manifest, "name/host", path, host, _HOST)


def _pod(template: PodTemplate) -> Iterator[Finding]:
    manifest = template.manifest
    for key, value in mapping(template.spec, "nodeSelector").items():
        path = template.at("nodeSelector", key)
        yield from _qualified(manifest, "name/label-key", path, key)
        if isinstance(value, str) and value:
            yield from _refused(manifest, "name/label-value", path, value, _VALUE)
    for index, volume in items(template.spec, "volumes"):
        if name := text(volume, "name"):
            path = template.at("volumes", index, "name")
            yield from _refused(manifest, "name/volume", path, name, _LABEL_63)
    for container in template.containers():
        yield from _container(manifest, container)


_HANDLERS: tuple[tuple[str, ...], ...] = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


def handler_ports(container: Container) -> Iterator[tuple[str, object]]:
    """The ports that a container's probes and lifecycle hooks call, with their paths."""
    for steps in _HANDLERS:
        for action in ("httpGet", "tcpSocket"):
            port = mapping(container.body, *steps, action).get("port")
            if port is not None:
                yield at(container.path, *steps, action, "port"), port


def _container(manifest: Manifest, container: Container) -> Iterator[Finding]:
    if name := text(container.body, "name"):
        path = at(container.path, "name")
        yield from _refused(manifest, "name/container", path, name, _LABEL_63)
    for index, port in items(container.body, "ports"):
        path = at(container.path, "ports", index)
        if name := text(port, "name"):
            yield from _refused(manifest, "name/port", at(path, "name"), name, _PORT)
        yield from _port_number(manifest, at(path, "containerPort"), port.get("containerPort"))
    for index, variable in items(container.body, "env"):
        if name := text(variable, "name"):
            path = at(container.path, "env", index, "name")
            yield from _refused(manifest, "name/env", path, name, _ENV)
    for path, port in handler_ports(container):
        yield from _port_reference(manifest, path, port)
