"""Each control of the pod security standards refuses what it should and nothing else.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from typing import Any

import pytest

from slipway.preview.checks import check
from slipway.preview.model import COMPUTED, Finding
from tests.preview.checks.good import (
    CONTAINER,
    LABELS,
    Body,
    Change,
    add,
    another_container,
    both,
    drop,
    findings,
    manifest,
    put,
)

C = CONTAINER
POD = "spec.template.spec"
UNMASKED = put(f"{C}.securityContext.procMount", "Unmasked")


def security(found: list[Finding]) -> list[tuple[str, str]]:
    return [(f.rule.removeprefix("pod-security/"), f.path) for f in found if f.rule.startswith("pod-security/")]


def enforcing(level: str, **labels: str) -> Body:
    prefix = "pod-security.kubernetes.io"
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "shop",
            "labels": {
                f"{prefix}/enforce": level,
                **{f"{prefix}/{key.replace('_', '-')}": value for key, value in labels.items()},
            },
        },
    }


FORBIDDEN: list[tuple[str, str, Change, str, str]] = [
    (
        "baseline",
        "host-process",
        put(f"{POD}.securityContext.windowsOptions", {"hostProcess": True}),
        f"{POD}.securityContext.windowsOptions.hostProcess",
        "the pod as a process of the host",
    ),
    (
        "baseline",
        "host-process",
        put(f"{C}.securityContext.windowsOptions", {"hostProcess": True}),
        f"{C}.securityContext.windowsOptions.hostProcess",
        "a container as a process of the host",
    ),
    *[
        ("baseline", "host-namespaces", put(f"{POD}.{f}", True), f"{POD}.{f}", f)
        for f in ("hostNetwork", "hostPID", "hostIPC")
    ],
    (
        "baseline",
        "privileged",
        put(f"{C}.securityContext.privileged", True),
        f"{C}.securityContext.privileged",
        "a privileged container",
    ),
    (
        "baseline",
        "capabilities",
        put(f"{C}.securityContext.capabilities.add", ["NET_BIND_SERVICE", "NET_ADMIN"]),
        f"{C}.securityContext.capabilities.add[1]",
        "a capability beyond the default set",
    ),
    (
        "restricted",
        "capabilities",
        put(f"{C}.securityContext.capabilities.add", ["CHOWN"]),
        f"{C}.securityContext.capabilities.add[0]",
        "a capability of the default set",
    ),
    (
        "restricted",
        "capabilities",
        put(f"{C}.securityContext.capabilities.drop", ["NET_RAW"]),
        f"{C}.securityContext.capabilities.drop",
        "dropping some capabilities only",
    ),
    (
        "restricted",
        "capabilities",
        drop(f"{C}.securityContext.capabilities"),
        f"{C}.securityContext.capabilities.drop",
        "dropping no capability",
    ),
    (
        "baseline",
        "host-path",
        add(f"{POD}.volumes", {"name": "v", "hostPath": {"path": "/var/log"}}),
        f"{POD}.volumes[2].hostPath",
        "a directory of the node",
    ),
    (
        "restricted",
        "volume-type",
        add(f"{POD}.volumes", {"name": "v", "nfs": {"server": "nas", "path": "/"}}),
        f"{POD}.volumes[2].nfs",
        "an NFS volume",
    ),
    (
        "baseline",
        "host-port",
        put(f"{C}.ports[0].hostPort", 8080),
        f"{C}.ports[0].hostPort",
        "a port of the node",
    ),
    *[
        (
            "baseline",
            "probe-host",
            put(f"{C}.{probe}", {action: {"port": 8080, "host": "10.0.0.1"}}),
            f"{C}.{probe}.{action}.host",
            f"a host in {probe} {action}",
        )
        for probe in (
            "livenessProbe",
            "readinessProbe",
            "startupProbe",
            "lifecycle.postStart",
            "lifecycle.preStop",
        )
        for action in ("httpGet", "tcpSocket")
    ],
    (
        "baseline",
        "app-armor",
        put(f"{POD}.securityContext.appArmorProfile", {"type": "Unconfined"}),
        f"{POD}.securityContext.appArmorProfile.type",
        "the pod without AppArmor",
    ),
    (
        "baseline",
        "app-armor",
        put(f"{C}.securityContext.appArmorProfile", {"type": "Unconfined"}),
        f"{C}.securityContext.appArmorProfile.type",
        "a container without AppArmor",
    ),
    (
        "baseline",
        "app-armor",
        put(
            "spec.template.metadata.annotations",
            {"container.apparmor.security.beta.kubernetes.io/web": "unconfined"},
        ),
        'spec.template.metadata.annotations["container.apparmor.security.beta.kubernetes.io/web"]',
        "no AppArmor by annotation",
    ),
    *[
        (
            "baseline",
            "selinux",
            put(f"{POD}.securityContext.seLinuxOptions", {field: value}),
            f"{POD}.securityContext.seLinuxOptions.{field}",
            f"an SELinux {field}",
        )
        for field, value in (("type", "spc_t"), ("user", "system_u"), ("role", "object_r"))
    ],
    (
        "baseline",
        "proc-mount",
        UNMASKED,
        f"{C}.securityContext.procMount",
        "an unmasked /proc",
    ),
    (
        "baseline",
        "seccomp",
        put(f"{C}.securityContext.seccompProfile", {"type": "Unconfined"}),
        f"{C}.securityContext.seccompProfile.type",
        "a container without seccomp",
    ),
    (
        "restricted",
        "seccomp",
        drop(f"{POD}.securityContext.seccompProfile"),
        f"{POD}.securityContext.seccompProfile.type",
        "no seccomp profile at all",
    ),
    (
        "baseline",
        "sysctl",
        put(f"{POD}.securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}]),
        f"{POD}.securityContext.sysctls[0].name",
        "an unsafe sysctl",
    ),
    (
        "restricted",
        "privilege-escalation",
        drop(f"{C}.securityContext.allowPrivilegeEscalation"),
        f"{C}.securityContext.allowPrivilegeEscalation",
        "privilege escalation by default",
    ),
    (
        "restricted",
        "privilege-escalation",
        put(f"{C}.securityContext.allowPrivilegeEscalation", True),
        f"{C}.securityContext.allowPrivilegeEscalation",
        "privilege escalation on purpose",
    ),
    (
        "restricted",
        "run-as-non-root",
        drop(f"{POD}.securityContext.runAsNonRoot"),
        f"{POD}.securityContext.runAsNonRoot",
        "root by default",
    ),
    (
        "restricted",
        "run-as-non-root",
        put(f"{C}.securityContext.runAsNonRoot", False),
        f"{C}.securityContext.runAsNonRoot",
        "a container that overrides the pod's runAsNonRoot",
    ),
    (
        "restricted",
        "run-as-root-user",
        put(f"{POD}.securityContext.runAsUser", 0),
        f"{POD}.securityContext.runAsUser",
        "user 0 for the pod",
    ),
    (
        "restricted",
        "run-as-root-user",
        put(f"{C}.securityContext.runAsUser", 0),
        f"{C}.securityContext.runAsUser",
        "user 0 for a container",
    ),
]

_forbidden = pytest.mark.parametrize(
    ("level", "rule", "change", "path"),
    [pytest.param(*each[:4], id=each[4]) for each in FORBIDDEN],
)


@_forbidden
def test_restricted_refuses(level: str, rule: str, change: Change, path: str) -> None:
    found = findings(change)
    assert security(found) == [(rule, path)], "one control fires, at the field that is wrong"
    assert str(found[0].severity) == "error", "the rendered Namespace enforces restricted"
    assert f"`{level}`" in found[0].message


@_forbidden
def test_baseline_refuses_only_what_baseline_forbids(level: str, rule: str, change: Change, path: str) -> None:
    found = findings(change, without=["Namespace"], extra=[enforcing("baseline")])
    assert security(found) == ([(rule, path)] if level == "baseline" else []), (
        "a namespace that chose baseline gets no findings about restricted"
    )
    assert all(str(each.severity) == "error" for each in found)


@_forbidden
def test_a_namespace_that_asks_for_warnings_of_restricted_gets_them(
    level: str, rule: str, change: Change, path: str
) -> None:
    found = findings(change, without=["Namespace"], extra=[enforcing("baseline", warn="restricted")])
    assert security(found) == [(rule, path)]
    assert str(found[0].severity) == ("error" if level == "baseline" else "warning")


@_forbidden
def test_privileged_refuses_nothing(level: str, rule: str, change: Change, path: str) -> None:
    del level, rule, path
    assert security(findings(change, without=["Namespace"], extra=[enforcing("privileged")])) == []
    [*found] = findings(change, without=["Namespace"], extra=[enforcing("privileged", audit="restricted")])
    assert [str(each.severity) for each in found] == ["warning"], "a namespace that audits restricted gets its findings"


def without_labels(*, version: str | None = None) -> Body:
    labels = {"pod-security.kubernetes.io/enforce-version": version} if version else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}


@pytest.mark.parametrize(
    "namespace",
    [None, without_labels(), without_labels(version="v1.30"), enforcing(COMPUTED), enforcing("")],
    ids=[
        "rendered elsewhere",
        "that chose nothing",
        "that chose a version",
        "whose level is not known",
        "with an empty label",
    ],
)
def test_a_violation_is_a_warning_in_a_namespace(namespace: Body | None) -> None:
    extra = [namespace] if namespace else []
    found = findings(put(f"{C}.securityContext.privileged", True), without=["Namespace"], extra=extra)
    [about] = [f for f in found if f.rule == "pod-security/privileged"]
    assert str(about.severity) == "warning"


VOLUMES: dict[str, Body] = {
    "csi": {"driver": "secrets-store.csi.k8s.io"},
    "downwardAPI": {"items": []},
    "ephemeral": {"volumeClaimTemplate": {"spec": {}}},
    "image": {"reference": "registry.example.com/data:1"},
    "projected": {"sources": []},
}

ALLOWED: list[tuple[str, Change]] = [
    (
        "hostProcess said to be false",
        put(f"{C}.securityContext.windowsOptions", {"hostProcess": False}),
    ),
    ("hostNetwork said to be false", put(f"{POD}.hostNetwork", False)),
    ("privileged said to be false", put(f"{C}.securityContext.privileged", False)),
    ("NET_BIND_SERVICE", put(f"{C}.securityContext.capabilities.add", ["NET_BIND_SERVICE"])),
    ("ALL dropped among others", put(f"{C}.securityContext.capabilities.drop", ["KILL", "ALL"])),
    ("hostPort 0", put(f"{C}.ports[0].hostPort", 0)),
    ("an empty probe host", put(f"{C}.readinessProbe.httpGet.host", "")),
    (
        "AppArmor RuntimeDefault",
        put(f"{C}.securityContext.appArmorProfile", {"type": "RuntimeDefault"}),
    ),
    (
        "AppArmor Localhost",
        put(f"{POD}.securityContext.appArmorProfile", {"type": "Localhost", "localhostProfile": "x"}),
    ),
    (
        "AppArmor runtime/default by annotation",
        put(
            "spec.template.metadata.annotations",
            {"container.apparmor.security.beta.kubernetes.io/web": "runtime/default"},
        ),
    ),
    (
        "an SELinux level and container_engine_t",
        put(
            f"{POD}.securityContext.seLinuxOptions",
            {"level": "s0:c1", "type": "container_engine_t"},
        ),
    ),
    ("procMount Default", put(f"{C}.securityContext.procMount", "Default")),
    (
        "seccomp Localhost for the container alone",
        both(
            drop(f"{POD}.securityContext.seccompProfile"),
            put(
                f"{C}.securityContext.seccompProfile",
                {"type": "Localhost", "localhostProfile": "x"},
            ),
        ),
    ),
    (
        "a sysctl that became safe in 1.32",
        put(f"{POD}.securityContext.sysctls", [{"name": "net.ipv4.tcp_rmem", "value": "1 2 3"}]),
    ),
    (
        "runAsNonRoot on the container alone",
        both(
            drop(f"{POD}.securityContext.runAsNonRoot"),
            put(f"{C}.securityContext.runAsNonRoot", True),
        ),
    ),
    ("a user that is not root", put(f"{C}.securityContext.runAsUser", 65532)),
    *[
        (f"a volume of type {source}", add(f"{POD}.volumes", {"name": "v", source: fields}))
        for source, fields in VOLUMES.items()
    ],
    ("a volume without a source", add(f"{POD}.volumes", {"name": "v"})),
]


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in ALLOWED])
def test_restricted_allows(change: Change) -> None:
    assert findings(change) == []


USER_NAMESPACE = put(f"{POD}.hostUsers", False)
ROOT = both(put(f"{POD}.securityContext.runAsNonRoot", False), put(f"{C}.securityContext.runAsUser", 0))


def test_root_is_allowed_in_a_user_namespace_from_1_35_on() -> None:
    assert security(findings(both(USER_NAMESPACE, ROOT))) == []
    assert len(security(findings(both(USER_NAMESPACE, ROOT), version="1.34"))) == 2
    assert len(security(findings(both(put(f"{POD}.hostUsers", True), ROOT)))) == 2


def test_an_unmasked_proc_in_a_user_namespace_breaks_restricted_and_not_baseline() -> None:
    change = both(USER_NAMESPACE, UNMASKED)
    [strict] = findings(change)
    assert (strict.rule, str(strict.severity)) == ("pod-security/proc-mount", "error")
    assert findings(change, without=["Namespace"], extra=[enforcing("baseline")]) == []
    [lax] = findings(change, without=["Namespace"], extra=[enforcing("baseline", warn="restricted")])
    assert str(lax.severity) == "warning"


def test_a_windows_pod_need_not_state_what_only_linux_has() -> None:
    change = both(
        put(f"{POD}.os", {"name": "windows"}),
        put(f"{C}.securityContext", {}),
        drop(f"{POD}.securityContext.seccompProfile"),
    )
    assert security(findings(change)) == []
    linux = both(change, put(f"{POD}.os", {"name": "linux"}))
    assert {rule for rule, _ in security(findings(linux))} == {
        "capabilities",
        "privilege-escalation",
        "seccomp",
    }


def test_an_enforced_version_decides_which_controls_there_are() -> None:
    probe = put(f"{C}.readinessProbe.httpGet.host", "10.0.0.1")
    pinned = enforcing("baseline", enforce_version="v1.33")
    assert security(findings(probe, without=["Namespace"], extra=[pinned])) == []
    latest = enforcing("baseline", enforce_version="latest")
    assert len(security(findings(probe, without=["Namespace"], extra=[latest]))) == 1
    assert security(findings(probe, version="1.33")) == []


def test_newer_sysctls_and_image_volumes_are_refused_by_older_clusters() -> None:
    sysctl = put(f"{POD}.securityContext.sysctls", [{"name": "net.ipv4.tcp_rmem", "value": "1"}])
    assert len(security(findings(sysctl, version="1.31"))) == 1
    image = add(f"{POD}.volumes", {"name": "v", "image": {"reference": "x"}})
    assert len(security(findings(image, version="1.32"))) == 1


@pytest.mark.parametrize("role", ["initContainers", "containers", "ephemeralContainers"])
def test_every_kind_of_container_is_checked(role: str) -> None:
    container = another_container(securityContext={"privileged": True}, resources={})
    pod: Body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": [], role: [container]},
    }
    paths = {path for rule, path in security(check([manifest(pod)])) if rule == "privileged"}
    assert paths == {f"spec.{role}[0].securityContext.privileged"}


@pytest.mark.parametrize(
    ("api_version", "kind", "path"),
    [
        ("v1", "Pod", ""),
        ("v1", "PodTemplate", "template"),
        ("v1", "ReplicationController", "spec.template"),
        ("apps/v1", "DaemonSet", "spec.template"),
        ("apps/v1", "Deployment", "spec.template"),
        ("apps/v1", "ReplicaSet", "spec.template"),
        ("apps/v1", "StatefulSet", "spec.template"),
        ("batch/v1", "Job", "spec.template"),
        ("batch/v1", "CronJob", "spec.jobTemplate.spec.template"),
    ],
)
def test_the_pods_of_every_workload_are_checked(api_version: str, kind: str, path: str) -> None:
    body: Body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}
    prefix = f"{path}.spec" if path else "spec"
    put(prefix, {"hostPID": True, "containers": [another_container()]})(body)
    put(f"{path}.metadata.labels" if path else "metadata.labels", LABELS)(body)
    assert ("host-namespaces", f"{prefix}.hostPID") in security(check([manifest(body)]))


def test_several_containers_without_a_setting_are_one_finding_that_names_them() -> None:
    change = both(drop(f"{POD}.securityContext.runAsNonRoot"), add(f"{POD}.containers", another_container()))
    [about] = findings(change)
    assert "`web`, `helper`" in about.message


UNKNOWN: list[Any] = [
    pytest.param(put(f"{POD}.securityContext", COMPUTED), id="the pod's security context"),
    pytest.param(put(f"{C}.securityContext", COMPUTED), id="a container's security context"),
    pytest.param(put(f"{C}.securityContext.capabilities", COMPUTED), id="capabilities"),
    pytest.param(put(f"{C}.securityContext.capabilities.drop", [COMPUTED]), id="a capability"),
    pytest.param(put(f"{C}.securityContext.allowPrivilegeEscalation", COMPUTED), id="a flag"),
    pytest.param(put(f"{POD}.securityContext.seccompProfile", COMPUTED), id="seccomp"),
    pytest.param(put(f"{POD}.containers", COMPUTED), id="the containers"),
    pytest.param(put(POD, COMPUTED), id="the whole pod"),
]


@pytest.mark.parametrize("change", UNKNOWN)
def test_unknown_values_give_no_finding(change: Change) -> None:
    assert findings(change) == []
