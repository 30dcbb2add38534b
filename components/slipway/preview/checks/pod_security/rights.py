"""Controls of the rights of a container's processes, and of the users that they run as."""

from __future__ import annotations

from collections.abc import Iterator

from slipway.preview.checks.fields import at, get
from slipway.preview.checks.pod_security.violation import (
    Violation,
    in_user_namespace,
    is_windows,
    listed,
    security_contexts,
)
from slipway.preview.checks.pods import PodTemplate
from slipway.preview.checks.published import Version
from slipway.preview.model import Placeholder

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


def _capabilities(template: PodTemplate, version: Version) -> Iterator[Violation]:
    restricted = not (is_windows(template) and version >= (1, 25))
    for container in template.containers():
        path = at(container.path, "securityContext", "capabilities")
        capabilities = get(container.body, "securityContext", "capabilities", kind=dict)
        add = get(capabilities, "add", kind=list)
        for index, capability in enumerate(add if isinstance(add, list) else []):
            if not isinstance(capability, str) or isinstance(capability, Placeholder):
                continue
            beyond = capability not in _DEFAULT_CAPABILITIES
            if beyond or (restricted and capability != "NET_BIND_SERVICE"):
                yield Violation(
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
            yield Violation(
                "restricted",
                "capabilities",
                at(path, "drop"),
                f"container `{container.name}` keeps the runtime's default capabilities",
                'set `capabilities: {drop: ["ALL"]}`',
            )


def _privilege_escalation(template: PodTemplate, version: Version) -> Iterator[Violation]:
    if is_windows(template) and version >= (1, 25):
        return
    for container in template.containers():
        if get(container.body, "securityContext", "allowPrivilegeEscalation", kind=bool) in (
            None,
            True,
        ):
            yield Violation(
                "restricted",
                "privilege-escalation",
                at(container.path, "securityContext", "allowPrivilegeEscalation"),
                f"container `{container.name}` may gain rights through set-user-ID files",
                "set `allowPrivilegeEscalation: false`",
            )


def _run_as_non_root(template: PodTemplate, version: Version) -> Iterator[Violation]:
    if in_user_namespace(template, version):
        return
    way_out = "set `runAsNonRoot: true` for the pod"
    for path, context, whose in security_contexts(template):
        if get(context, "runAsNonRoot", kind=bool) is False:
            where, what = at(path, "runAsNonRoot"), f"{whose} allows root by `runAsNonRoot: false`"
            yield Violation("restricted", "run-as-non-root", where, what, way_out)
    pod_level = get(template.spec, "securityContext", "runAsNonRoot", kind=bool)
    without = [
        container
        for container in template.containers()
        if get(container.body, "securityContext", "runAsNonRoot", kind=bool) is None
    ]
    if pod_level is None and without:
        where = template.at("securityContext", "runAsNonRoot")
        what = f"nothing keeps {listed(without)} from running as root"
        yield Violation("restricted", "run-as-non-root", where, what, way_out)


def _run_as_user(template: PodTemplate, version: Version) -> Iterator[Violation]:
    if in_user_namespace(template, version):
        return
    for path, context, whose in security_contexts(template):
        if get(context, "runAsUser", kind=int) == 0:
            yield Violation(
                "restricted",
                "run-as-root-user",
                at(path, "runAsUser"),
                f"`runAsUser: 0` makes {whose} run as root",
                "choose another user, such as 65532",
            )


CONTROLS = (_capabilities, _privilege_escalation, _run_as_non_root, _run_as_user)
