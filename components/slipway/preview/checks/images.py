"""Rules `image/…`: invalid image names, images that can change unnoticed, and images that start as root.

https://kubernetes.io/docs/concepts/containers/images/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slipway.preview.checks.fields import at, finding, get, items, shown, text
from slipway.preview.checks.image_names import ImageName, parse
from slipway.preview.checks.pods import Container, PodTemplate, pod_templates
from slipway.preview.model import COMPUTED, SECRET, Finding, Manifest, Placeholder, Severity


def check(manifests: Sequence[Manifest]) -> Iterator[Finding]:
    """Checks each container's image and ports, and each volume that is an image."""
    for template in pod_templates(manifests):
        for container in template.containers():
            yield from _container(template, container)
        for index, volume in items(template.spec, "volumes"):
            path = template.at("volumes", index, "image", "reference")
            yield from _named(template.manifest, path, get(volume, "image", "reference", kind=str))


def _container(template: PodTemplate, container: Container) -> Iterator[Finding]:
    path = at(container.path, "image")
    image = get(container.body, "image", kind=str)
    if not image and not isinstance(image, Placeholder):
        message = f"container `{container.name}` has no image: add it"
        yield finding(template.manifest, Severity.ERROR, "image/missing", path, message)
        return
    yield from _named(template.manifest, path, image)
    if _runs_as_somebody_else(template, container):
        yield from _root(template, container, image)
    yield from _low_ports(template, container)


def _named(manifest: Manifest, path: str, image: str | None) -> Iterator[Finding]:
    known = _parsed(image)
    if isinstance(known, str):
        message = f"{shown(image)} names no image: {known}"
        yield finding(manifest, Severity.ERROR, "image/reference", path, message)
        return
    if known is None or known.digest:
        return
    if known.host and not any(mark in known.host for mark in ".:") and known.host != "localhost":
        message = f"{shown(image)} is asked of a registry called `{known.host}`, as it has capitals: is that a host?"
        yield finding(manifest, Severity.WARNING, "image/reference", path, message)
    if known.tag in (None, "latest"):
        what = "has no tag, which means `latest`" if known.tag is None else "is whatever was pushed last"
        way_out = "two pods may run different ones, and no diff shows a change: name a version, or a digest"
        rule = "image/no-tag" if known.tag is None else "image/latest"
        yield finding(manifest, Severity.WARNING, rule, path, f"{shown(image)} {what}: {way_out}")


def _parsed(image: str | None) -> ImageName | str | None:
    """None if the name is absent or not fully known."""
    if not image or isinstance(image, Placeholder) or COMPUTED in image or SECRET in image:
        return None
    return parse(image)


def _runs_as_somebody_else(template: PodTemplate, container: Container) -> bool:
    """Whether the settings keep the container from running as root, as far as is known."""
    user = _security(template, container, "runAsUser", int)
    if isinstance(user, Placeholder):
        return False
    kept = _security(template, container, "runAsNonRoot", bool)
    return bool(user) or (user is None and kept is True)


def _security(template: PodTemplate, container: Container, field: str, kind: type[int]) -> int | Placeholder | None:
    """A security setting of the container, or else of its pod."""
    own = get(container.body, "securityContext", field, kind=kind)
    return get(template.spec, "securityContext", field, kind=kind) if own is None else own


_ROOTS = frozenset(
    "alpine busybox caddy debian golang httpd mariadb mongo mysql nginx node php postgres python rabbitmq redis "
    "registry ruby traefik ubuntu wordpress".split()
)
"""The best known official images of Docker Hub that start as root, because their Dockerfile sets no `USER`."""


def _root(template: PodTemplate, container: Container, image: str | None) -> Iterator[Finding]:
    """https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"""
    known = _parsed(image)
    own_user = _security(template, container, "runAsUser", int) is None
    if own_user and isinstance(known, ImageName) and known.official in _ROOTS:
        yield finding(
            template.manifest,
            Severity.WARNING,
            "image/root",
            at(container.path, "image"),
            f"{shown(image)} starts as root, and `runAsNonRoot` makes the kubelet refuse that: choose an image "
            f"with a user of its own, or set `runAsUser` if container `{container.name}` can run as another",
        )


_LOWEST_FREE = 1024
_LOWEST_SYSCTL = "net.ipv4.ip_unprivileged_port_start"


def _low_ports(template: PodTemplate, container: Container) -> Iterator[Finding]:
    if not _lacks_low_ports(template, container) or get(template.spec, "hostNetwork", kind=bool):
        return
    own = _lowest_free_port(template)
    lowest = _LOWEST_FREE if own is None else own
    reason = (
        "whether that is allowed is up to the nodes' runtime (with containerd 2 it is, with CRI-O it is not)"
        if own is None
        else f"the pod's own sysctl forbids that below {own}"
    )
    for index, port in items(container.body, "ports"):
        number = get(port, "containerPort", kind=int)
        if isinstance(number, int) and 0 < number < lowest:
            yield finding(
                template.manifest,
                Severity.INFO if own is None else Severity.WARNING,
                "image/low-port",
                at(container.path, "ports", index, "containerPort"),
                f"container `{container.name}` is to listen on port {number} without the capability "
                f"NET_BIND_SERVICE, and {reason}: choose a port from {lowest} on, or set the pod's sysctl "
                f'`{_LOWEST_SYSCTL}` to "0"',
            )


def _lacks_low_ports(template: PodTemplate, container: Container) -> bool:
    """Whether the container has no NET_BIND_SERVICE, as far as is known.

    https://man7.org/linux/man-pages/man7/capabilities.7.html
    """
    context = get(container.body, "securityContext", kind=dict)
    changes = [get(context, "capabilities", change, kind=list) or [] for change in ("add", "drop")]
    if any(isinstance(change, Placeholder) or COMPUTED in change for change in changes):
        return False
    added, dropped = changes
    if "NET_BIND_SERVICE" not in added and "ALL" not in added:
        return "ALL" in dropped or "NET_BIND_SERVICE" in dropped or _runs_as_somebody_else(template, container)
    # A user other than root gets added capabilities only through a file, and not if escalation is forbidden.
    gains = get(context, "allowPrivilegeEscalation", kind=bool)
    return gains is False and _runs_as_somebody_else(template, container)


def _lowest_free_port(template: PodTemplate) -> int | None:
    """The lowest port that needs no root, by the pod's sysctl; None if the pod sets none, 0 if it is unknown.

    https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
    """
    sysctls = get(template.spec, "securityContext", "sysctls", kind=list)
    if isinstance(sysctls, Placeholder):
        return 0
    for _, sysctl in items(template.spec, "securityContext", "sysctls"):
        if text(sysctl, "name") == _LOWEST_SYSCTL:
            value = text(sysctl, "value") or ""
            return int(value) if value.isdecimal() else 0
    return None
