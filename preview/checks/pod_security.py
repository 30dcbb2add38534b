"""Rules `pod-security/…`: the pod security standards `baseline` and `restricted`, in full.

https://kubernetes.io/docs/concepts/security/pod-security-standards/, and where that page lags
behind (image volumes, newer sysctls, user namespaces) the admission controller itself:
https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/pod-security-admission/policy
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from preview.checks.fields import at, finding, get, items, mapping, shown, text
from preview.checks.objects import Objects
from preview.checks.pods import Container, PodTemplate, pod_templates
from preview.model import Finding, Placeholder, Severity

Level = Literal["baseline", "restricted"]
Version = tuple[int, int]


@dataclass(frozen=True)
class _Violation:
    level: Level
    rule: str
    path: str
    what: str
    way_out: str


def check(objects: Objects, version: Version) -> Iterator[Finding]:
    """Where pods break the standards.

    An error where the pod's Namespace is in the same render and enforces a standard that is
    broken, since the cluster will then refuse the pods; a warning elsewhere.
    """
    for template in pod_templates(objects.all):
        enforced, policy_version = _enforcement(objects, template, version)
        for control in _CONTROLS:
            for violation in control(template, policy_version):
                refused = enforced in ("restricted", violation.level)
                consequence = (
                    f", and namespace `{template.namespace}` enforces `{enforced}`, so the cluster "
                    "will refuse these pods"
                )
                yield finding(
                    template.manifest,
                    Severity.ERROR if refused else Severity.WARNING,
                    f"pod-security/{violation.rule}",
                    violation.path,
                    f"{violation.what}, which the `{violation.level}` standard forbids"
                    f"{consequence if refused else ''}: {violation.way_out}",
                )


def _enforcement(objects: Objects, template: PodTemplate, version: Version) -> tuple[str | None, Version]:
    """The standard that the template's Namespace enforces, and the version of it.

    https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    if not isinstance(template.namespace, Placeholder):
        for namespace in objects.named("", "Namespace", template.namespace):
            labels = mapping(namespace.body, "metadata", "labels")
            pinned = text(labels, "pod-security.kubernetes.io/enforce-version") or "latest"
            match = re.fullmatch(r"v(\d+)\.(\d+)", pinned)
            pinned_version = (int(match[1]), int(match[2])) if match else version
            return text(labels, "pod-security.kubernetes.io/enforce"), min(pinned_version, version)
    return None, version


def _is_windows(template: PodTemplate) -> bool:
    """Windows pods need not state what only Linux has."""
    return get(template.spec, "os", "name", kind=str) == "windows"


def _in_user_namespace(template: PodTemplate, version: Version) -> bool:
    """Root in such a pod is nobody on the node, so root is allowed in it from 1.35 on.

    https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/#integration-with-pod-security-admission-checks
    """
    return version >= (1, 35) and get(template.spec, "hostUsers", kind=bool) is False


def _security_contexts(template: PodTemplate) -> Iterator[tuple[str, object, str]]:
    """The security contexts of the pod and of each container: path, fields, whose it is."""
    yield template.at("securityContext"), template.spec.get("securityContext"), "the pod"
    for container in template.containers():
        path = at(container.path, "securityContext")
        yield path, container.body.get("securityContext"), f"container `{container.name}`"


# --- Baseline -----------------------------------------------------------------------------------


def _host_process(template: PodTemplate, _: Version) -> Iterator[_Violation]:
    for path, context, whose in _security_contexts(template):
        if get(context, "windowsOptions", "hostProcess", kind=bool) is True:
            yield _Violation(
                "baseline",
                "host-process",
                at(path, "windowsOptions", "hostProcess"),
                f"`hostProcess` lets {whose} act on the Windows node itself",
                "leave it out",
            )


def _host_namespaces(template: PodTemplate, _: Version) -> Iterator[_Violation]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if get(template.spec, field, kind=bool) is True:
            yield _Violation(
                "baseline",
                "host-namespaces",
                template.at(field),
                f"`{field}` puts the pod into a namespace of the node",
                "leave it out",
            )


def _privileged(template: PodTemplate, _: Version) -> Iterator[_Violation]:
    for container in template.containers():
        if get(container.body, "securityContext", "privileged", kind=bool) is True:
            yield _Violation(
                "baseline",
                "privileged",
                at(container.path, "securityContext", "privileged"),
                f"`privileged` gives container `{container.name}` the powers of the node's root",
                "leave it out and add the one capability that is needed",
            )


_DEFAULT_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)


def _capabilities(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    restricted = not (_is_windows(template) and version >= (1, 25))
    for container in template.containers():
        path = at(container.path, "securityContext", "capabilities")
        capabilities = get(container.body, "securityContext", "capabilities", kind=dict)
        add = get(capabilities, "add", kind=list)
        for index, capability in enumerate(add if isinstance(add, list) else []):
            if not isinstance(capability, str) or isinstance(capability, Placeholder):
                continue
            beyond = capability not in _DEFAULT_CAPABILITIES
            if beyond or (restricted and capability != "NET_BIND_SERVICE"):
                yield _Violation(
                    "baseline" if beyond else "restricted",
                    "capabilities",
                    at(path, "add", index),
                    f"container `{container.name}` adds the capability {capability}",
                    "leave it out (only NET_BIND_SERVICE may be added under `restricted`)",
                )
        drop = get(capabilities, "drop", kind=list)
        undecided = isinstance(drop, Placeholder) or any(
            item == "ALL" or isinstance(item, Placeholder) for item in drop or []
        )
        if restricted and not undecided:
            yield _Violation(
                "restricted",
                "capabilities",
                at(path, "drop"),
                f"container `{container.name}` keeps the runtime's default capabilities",
                'set `capabilities: {drop: ["ALL"]}`',
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


def _volumes(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    allowed = _RESTRICTED_VOLUMES | ({"image"} if version >= (1, 33) else set[str]())
    for index, volume in items(template.spec, "volumes"):
        # A volume with a name alone becomes an emptyDir.
        for source in sorted(k for k, v in volume.items() if k != "name" and v is not None):
            path = template.at("volumes", index, source)
            name = shown(volume.get("name"))
            if source == "hostPath":
                yield _Violation(
                    "baseline",
                    "host-path",
                    path,
                    f"volume {name} mounts a directory of the node",
                    "use emptyDir, a ConfigMap or a PersistentVolumeClaim",
                )
            elif source not in allowed:
                yield _Violation(
                    "restricted",
                    "volume-type",
                    path,
                    f"volume {name} is of type `{source}`",
                    "reach the storage through a PersistentVolumeClaim",
                )


def _host_ports(template: PodTemplate, _: Version) -> Iterator[_Violation]:
    for container in template.containers():
        for index, port in items(container.body, "ports"):
            number = get(port, "hostPort", kind=int)
            if isinstance(number, int) and number != 0:
                yield _Violation(
                    "baseline",
                    "host-port",
                    at(container.path, "ports", index, "hostPort"),
                    f"container `{container.name}` takes port {number} of the node",
                    "leave it out and expose the pod through a Service",
                )


def _probe_hosts(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    if version < (1, 34):
        return
    handlers = [(probe,) for probe in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers += [("lifecycle", hook) for hook in ("postStart", "preStop")]
    for container in template.containers():
        for steps in handlers:
            for action in ("httpGet", "tcpSocket"):
                host = text(container.body, *steps, action, "host")
                if host:
                    yield _Violation(
                        "baseline",
                        "probe-host",
                        at(container.path, *steps, action, "host"),
                        f"the kubelet would call {shown(host)} instead of container `{container.name}`",
                        "leave `host` out (a Host header goes into `httpHeaders`)",
                    )


_APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


def _app_armor(template: PodTemplate, _: Version) -> Iterator[_Violation]:
    way_out = "leave it out, or choose RuntimeDefault or Localhost"
    for path, context, whose in _security_contexts(template):
        profile = text(context, "appArmorProfile", "type")
        if profile and profile not in ("RuntimeDefault", "Localhost"):
            where = at(path, "appArmorProfile", "type")
            what = f"{whose} sets the AppArmor profile {shown(profile)}"
            yield _Violation("baseline", "app-armor", where, what, way_out)
    annotations = mapping(template.body, "metadata", "annotations")
    for key in annotations:
        profile = text(annotations, key)
        allowed = profile is None or profile == "runtime/default" or profile.startswith("localhost/")
        if key.startswith(_APP_ARMOR_ANNOTATION) and not allowed:
            where = at(template.path, "metadata", "annotations", key)
            what = f"an annotation sets the AppArmor profile {shown(profile)}"
            yield _Violation("baseline", "app-armor", where, what, way_out)


def _selinux(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    types = {"container_t", "container_init_t", "container_kvm_t"}
    if version >= (1, 31):
        types.add("container_engine_t")
    for path, context, whose in _security_contexts(template):
        for field in ("type", "user", "role"):
            value = text(context, "seLinuxOptions", field)
            if value and not (field == "type" and value in types):
                yield _Violation(
                    "baseline",
                    "selinux",
                    at(path, "seLinuxOptions", field),
                    f"{whose} sets the SELinux {field} {shown(value)}",
                    "leave it out" + (f", or choose {', '.join(sorted(types))}" * (field == "type")),
                )


def _proc_mount(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    for container in template.containers():
        mount = text(container.body, "securityContext", "procMount")
        if mount and mount != "Default":
            yield _Violation(
                # Baseline forgives it in a user namespace, restricted never does.
                "restricted" if _in_user_namespace(template, version) else "baseline",
                "proc-mount",
                at(container.path, "securityContext", "procMount"),
                f"container `{container.name}` sees `/proc` {shown(mount)}",
                "leave it out",
            )


def _seccomp(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    allowed = ("RuntimeDefault", "Localhost")
    for path, context, whose in _security_contexts(template):
        profile = text(context, "seccompProfile", "type")
        if profile and profile not in allowed:
            yield _Violation(
                "baseline",
                "seccomp",
                at(path, "seccompProfile", "type"),
                f"{whose} sets the seccomp profile {shown(profile)}",
                "set RuntimeDefault",
            )
    pod_level = get(template.spec, "securityContext", "seccompProfile", kind=dict)
    without = [
        container
        for container in template.containers()
        if get(container.body, "securityContext", "seccompProfile", kind=dict) is None
    ]
    if pod_level is None and without and not (_is_windows(template) and version >= (1, 25)):
        yield _Violation(
            "restricted",
            "seccomp",
            template.at("securityContext", "seccompProfile", "type"),
            f"{_listed(without)} may make any system call, for want of a seccomp profile",
            "set it to RuntimeDefault for the pod",
        )


_SAFE_SYSCTLS: dict[str, Version] = {
    "kernel.shm_rmid_forced": (1, 0),
    "net.ipv4.ip_local_port_range": (1, 0),
    "net.ipv4.ip_local_reserved_ports": (1, 27),
    "net.ipv4.ip_unprivileged_port_start": (1, 0),
    "net.ipv4.ping_group_range": (1, 0),
    "net.ipv4.tcp_fin_timeout": (1, 29),
    "net.ipv4.tcp_keepalive_intvl": (1, 29),
    "net.ipv4.tcp_keepalive_probes": (1, 29),
    "net.ipv4.tcp_keepalive_time": (1, 29),
    "net.ipv4.tcp_notsent_lowat": (1, 37),
    "net.ipv4.tcp_rmem": (1, 32),
    "net.ipv4.tcp_slow_start_after_idle": (1, 37),
    "net.ipv4.tcp_syncookies": (1, 0),
    "net.ipv4.tcp_wmem": (1, 32),
}
"""The sysctls that pods may set, each with the version from which they may.

https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls
"""


def _sysctls(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    for index, sysctl in items(template.spec, "securityContext", "sysctls"):
        name = text(sysctl, "name")
        since = _SAFE_SYSCTLS.get(name or "")
        if name and (since is None or since > version):
            yield _Violation(
                "baseline",
                "sysctl",
                template.at("securityContext", "sysctls", index, "name"),
                f"the sysctl `{name}` is not in the safe set",
                "leave it out, or let the node's administrator set it",
            )


# --- Restricted ---------------------------------------------------------------------------------


def _privilege_escalation(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    if _is_windows(template) and version >= (1, 25):
        return
    for container in template.containers():
        if get(container.body, "securityContext", "allowPrivilegeEscalation", kind=bool) in (
            None,
            True,
        ):
            yield _Violation(
                "restricted",
                "privilege-escalation",
                at(container.path, "securityContext", "allowPrivilegeEscalation"),
                f"container `{container.name}` may gain rights through set-user-ID files",
                "set `allowPrivilegeEscalation: false`",
            )


def _run_as_non_root(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    if _in_user_namespace(template, version):
        return
    way_out = "set `runAsNonRoot: true` for the pod"
    for path, context, whose in _security_contexts(template):
        if get(context, "runAsNonRoot", kind=bool) is False:
            where, what = at(path, "runAsNonRoot"), f"{whose} allows root by `runAsNonRoot: false`"
            yield _Violation("restricted", "run-as-non-root", where, what, way_out)
    pod_level = get(template.spec, "securityContext", "runAsNonRoot", kind=bool)
    without = [
        container
        for container in template.containers()
        if get(container.body, "securityContext", "runAsNonRoot", kind=bool) is None
    ]
    if pod_level is None and without:
        where = template.at("securityContext", "runAsNonRoot")
        what = f"nothing keeps {_listed(without)} from running as root"
        yield _Violation("restricted", "run-as-non-root", where, what, way_out)


def _run_as_user(template: PodTemplate, version: Version) -> Iterator[_Violation]:
    if _in_user_namespace(template, version):
        return
    for path, context, whose in _security_contexts(template):
        if get(context, "runAsUser", kind=int) == 0:
            yield _Violation(
                "restricted",
                "run-as-root-user",
                at(path, "runAsUser"),
                f"`runAsUser: 0` makes {whose} run as root",
                "choose another user, such as 65532",
            )


def _listed(containers: list[Container]) -> str:
    names = [f"`{container.name}`" for container in containers]
    return ("container " if len(names) == 1 else "containers ") + ", ".join(names)


_CONTROLS: tuple[Callable[[PodTemplate, Version], Iterator[_Violation]], ...] = (
    _host_process,
    _host_namespaces,
    _privileged,
    _capabilities,
    _volumes,
    _host_ports,
    _probe_hosts,
    _app_armor,
    _selinux,
    _proc_mount,
    _seccomp,
    _sysctls,
    _privilege_escalation,
    _run_as_non_root,
    _run_as_user,
)
