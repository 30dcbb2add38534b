"""Controls that separate a container from the node's kernel."""

from __future__ import annotations

from collections.abc import Iterator

from slipway.preview.checks.fields import at, get, items, mapping, shown, text
from slipway.preview.checks.pod_security.violation import (
    Violation,
    in_user_namespace,
    is_windows,
    listed,
    security_contexts,
)
from slipway.preview.checks.pods import PodTemplate
from slipway.preview.checks.published import Version

_APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


def _app_armor(template: PodTemplate, _: Version) -> Iterator[Violation]:
    way_out = "leave it out, or choose RuntimeDefault or Localhost"
    for path, context, whose in security_contexts(template):
        profile = text(context, "appArmorProfile", "type")
        if profile and profile not in ("RuntimeDefault", "Localhost"):
            where = at(path, "appArmorProfile", "type")
            what = f"{whose} sets the AppArmor profile {shown(profile)}"
            yield Violation("baseline", "app-armor", where, what, way_out)
    annotations = mapping(template.body, "metadata", "annotations")
    for key in annotations:
        profile = text(annotations, key)
        allowed = profile is None or profile == "runtime/default" or profile.startswith("localhost/")
        if key.startswith(_APP_ARMOR_ANNOTATION) and not allowed:
            where = at(template.path, "metadata", "annotations", key)
            what = f"an annotation sets the AppArmor profile {shown(profile)}"
            yield Violation("baseline", "app-armor", where, what, way_out)


def _selinux(template: PodTemplate, version: Version) -> Iterator[Violation]:
    types = {"container_t", "container_init_t", "container_kvm_t"}
    if version >= (1, 31):
        types.add("container_engine_t")
    for path, context, whose in security_contexts(template):
        for field in ("type", "user", "role"):
            value = text(context, "seLinuxOptions", field)
            if value and not (field == "type" and value in types):
                yield Violation(
                    "baseline",
                    "selinux",
                    at(path, "seLinuxOptions", field),
                    f"{whose} sets the SELinux {field} {shown(value)}",
                    "leave it out" + (f", or choose {', '.join(sorted(types))}" * (field == "type")),
                )


def _proc_mount(template: PodTemplate, version: Version) -> Iterator[Violation]:
    for container in template.containers():
        mount = text(container.body, "securityContext", "procMount")
        if mount and mount != "Default":
            yield Violation(
                # In a user namespace baseline allows it; restricted never does.
                "restricted" if in_user_namespace(template, version) else "baseline",
                "proc-mount",
                at(container.path, "securityContext", "procMount"),
                f"container `{container.name}` sees `/proc` {shown(mount)}",
                "leave it out",
            )


def _seccomp(template: PodTemplate, version: Version) -> Iterator[Violation]:
    allowed = ("RuntimeDefault", "Localhost")
    for path, context, whose in security_contexts(template):
        profile = text(context, "seccompProfile", "type")
        if profile and profile not in allowed:
            yield Violation(
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
    if pod_level is None and without and not (is_windows(template) and version >= (1, 25)):
        yield Violation(
            "restricted",
            "seccomp",
            template.at("securityContext", "seccompProfile", "type"),
            f"{listed(without)} may make any system call, for want of a seccomp profile",
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
"""The sysctls that pods may set, each with the Kubernetes version that first allows it.

https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls
"""


def _sysctls(template: PodTemplate, version: Version) -> Iterator[Violation]:
    for index, sysctl in items(template.spec, "securityContext", "sysctls"):
        name = text(sysctl, "name")
        since = _SAFE_SYSCTLS.get(name or "")
        if name and (since is None or since > version):
            yield Violation(
                "baseline",
                "sysctl",
                template.at("securityContext", "sysctls", index, "name"),
                f"the sysctl `{name}` is not in the safe set",
                "leave it out, or let the node's administrator set it",
            )


CONTROLS = (_app_armor, _selinux, _proc_mount, _seccomp, _sysctls)
