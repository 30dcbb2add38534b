"""Controls of what a pod may use of its node: processes, namespaces, folders, ports and other hosts."""

from __future__ import annotations

from collections.abc import Iterator

from slipway.preview.checks.fields import at, get, items, shown, text
from slipway.preview.checks.pod_security.violation import (
    Violation,
    security_contexts,
)
from slipway.preview.checks.pods import PodTemplate
from slipway.preview.checks.published import Version


def _host_process(template: PodTemplate, _: Version) -> Iterator[Violation]:
    for path, context, whose in security_contexts(template):
        if get(context, "windowsOptions", "hostProcess", kind=bool) is True:
            yield Violation(
                "baseline",
                "host-process",
                at(path, "windowsOptions", "hostProcess"),
                f"`hostProcess` lets {whose} act on the Windows node itself",
                "leave it out",
            )


def _host_namespaces(template: PodTemplate, _: Version) -> Iterator[Violation]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if get(template.spec, field, kind=bool) is True:
            yield Violation(
                "baseline",
                "host-namespaces",
                template.at(field),
                f"`{field}` puts the pod into a namespace of the node",
                "leave it out",
            )


def _privileged(template: PodTemplate, _: Version) -> Iterator[Violation]:
    for container in template.containers():
        if get(container.body, "securityContext", "privileged", kind=bool) is True:
            yield Violation(
                "baseline",
                "privileged",
                at(container.path, "securityContext", "privileged"),
                f"`privileged` gives container `{container.name}` the powers of the node's root",
                "leave it out and add the one capability that is needed",
            )


# `image` is allowed since 1.33 (kubernetes/kubernetes#130394); the page does not list it yet.
_RESTRICTED_VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def _volumes(template: PodTemplate, version: Version) -> Iterator[Violation]:
    allowed = _RESTRICTED_VOLUMES | ({"image"} if version >= (1, 33) else set[str]())
    for index, volume in items(template.spec, "volumes"):
        # A volume with a name alone becomes an emptyDir.
        for source in sorted(k for k, v in volume.items() if k != "name" and v is not None):
            path = template.at("volumes", index, source)
            name = shown(volume.get("name"))
            if source == "hostPath":
                yield Violation(
                    "baseline",
                    "host-path",
                    path,
                    f"volume {name} mounts a directory of the node",
                    "use emptyDir, a ConfigMap or a PersistentVolumeClaim",
                )
            elif source not in allowed:
                yield Violation(
                    "restricted",
                    "volume-type",
                    path,
                    f"volume {name} is of type `{source}`",
                    "reach the storage through a PersistentVolumeClaim",
                )


def _host_ports(template: PodTemplate, _: Version) -> Iterator[Violation]:
    for container in template.containers():
        for index, port in items(container.body, "ports"):
            number = get(port, "hostPort", kind=int)
            if isinstance(number, int) and number != 0:
                yield Violation(
                    "baseline",
                    "host-port",
                    at(container.path, "ports", index, "hostPort"),
                    f"container `{container.name}` takes port {number} of the node",
                    "leave it out and expose the pod through a Service",
                )


def _probe_hosts(template: PodTemplate, version: Version) -> Iterator[Violation]:
    if version < (1, 34):
        return
    handlers = [(probe,) for probe in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers += [("lifecycle", hook) for hook in ("postStart", "preStop")]
    for container in template.containers():
        for steps in handlers:
            for action in ("httpGet", "tcpSocket"):
                host = text(container.body, *steps, action, "host")
                if host:
                    yield Violation(
                        "baseline",
                        "probe-host",
                        at(container.path, *steps, action, "host"),
                        f"the kubelet would call {shown(host)} instead of container `{container.name}`",
                        "leave `host` out (a Host header goes into `httpHeaders`)",
                    )


CONTROLS = (_host_process, _host_namespaces, _privileged, _volumes, _host_ports, _probe_hosts)
