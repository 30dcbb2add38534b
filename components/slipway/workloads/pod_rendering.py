"""Renders the arguments of a workload as a Kubernetes pod template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pulumi
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from slipway.access.service_account import ServiceAccount
from slipway.parts.container import VolumeNames, render_container
from slipway.parts.merge import merge, stated
from slipway.parts.names import LONGEST
from slipway.parts.probes import Probes
from slipway.parts.readings import Reading
from slipway.parts.volumes import ClaimTemplate, Volume, volume_of
from slipway.parts.workload import Workload
from slipway.workloads.pod_template import PodTemplate, Spread


def render_pod(
    workload: Workload, pod: PodTemplate, *, revision_label: str | None = None
) -> core.PodTemplateSpecArgsDict:
    """Render the pod template of a workload. It passes the `restricted` pod security standard.

    `revision_label` is the label that the workload's controller puts on the pods of each revision, if it does.
    https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    """
    volumes = _volume_names(pod)
    spec: core.PodSpecArgsDict = {
        "init_containers": [
            *(render_container(key, sidecar, volumes, sidecar=True) for key, sidecar in pod.sidecars.items()),
            *(
                # An init container may declare ports, but Kubernetes accepts no probes for it.
                render_container(key, replace(container, probes=Probes()), volumes)
                for key, container in pod.init_containers.items()
            ),
        ],
        "containers": [render_container(workload.name, pod, volumes)],
        # A claim template is not listed here: the StatefulSet adds the volume for each pod's claim.
        "volumes": [
            {"name": name, **volume.source}  # type: ignore[typeddict-item]
            for volume, name in volumes.items()
            if isinstance(volume, Volume)
        ],
        "termination_grace_period_seconds": pod.termination_grace,
        "automount_service_account_token": False,
        # Pods find Services by DNS. They do not need variables for every Service of the namespace.
        "enable_service_links": False,
        "security_context": _security_context(pod),
        "topology_spread_constraints": _spread(workload.selector, pod.spread, revision_label),
    }
    policy = pod.restart_policy or pod.RESTARTS[0]
    if policy != "Always":
        spec["restart_policy"] = policy
    if isinstance(pod.service_account, ServiceAccount):
        spec["service_account_name"] = pod.service_account.name
        spec["automount_service_account_token"] = pod.service_account.token.mounted
    elif pod.service_account is not None:
        spec["service_account_name"] = pod.service_account
    if pod.image_pull_secrets:
        spec["image_pull_secrets"] = [{"name": secret} for secret in pod.image_pull_secrets]
    if pod.host_aliases:
        spec["host_aliases"] = [{"ip": ip, "hostnames": names} for ip, names in pod.host_aliases.items()]
    if pod.dns is not None:
        spec["dns_config"] = cast("core.PodDNSConfigArgsDict", pod.dns)
    if pod.placement is not None:
        spec.update(cast("core.PodSpecArgsDict", pod.placement.rendered()))
    filled = {key: value for key, value in spec.items() if value != []}
    return {
        "metadata": {
            "labels": {**pod.labels, **workload.pod_labels},
            "annotations": {**pod.annotations, **_checksums(pod.readings())} or None,
        },
        "spec": cast("core.PodSpecArgsDict", merge(filled, pod.pod_spec)),
    }


def metadata_of(workload: Workload, pod: PodTemplate, annotations: Mapping[str, str]) -> meta.ObjectMetaArgsDict:
    """The metadata of the workload object. The user's annotations override `annotations`."""
    return {
        "name": workload.name,
        "namespace": workload.place.name,
        "labels": {**pod.labels, **workload.labels},
        "annotations": {**annotations, **pod.annotations} or None,  # type: ignore[typeddict-item]
    }


def _security_context(pod: PodTemplate) -> core.PodSecurityContextArgsDict:
    given: dict[str, Any] = {"run_as_user": pod.user, "run_as_group": pod.group, "fs_group": pod.fs_group}
    if pod.fs_group is not None:
        # Without this policy, each start of a pod would change the group of every file in its volumes.
        given["fs_group_change_policy"] = "OnRootMismatch"
    return {"run_as_non_root": True, "seccomp_profile": {"type": "RuntimeDefault"}, **stated(given)}  # type: ignore[typeddict-item]


def _checksums(readings: list[Reading]) -> dict[str, pulumi.Input[str]]:
    """Annotations that change with the contents of the configs that the pod reads and that keep their name."""
    return {
        f"{reading.of.kind.lower()}.checksum/{reading.of.name}": reading.of.digest(reading.keys)
        for reading in readings
        if reading.of.rollout == "restart"
    }


def _spread(
    selector: Mapping[str, str], spread: Spread | None, revision_label: str | None
) -> list[core.TopologySpreadConstraintArgsDict]:
    if spread is None:
        return []
    constraints: list[core.TopologySpreadConstraintArgsDict] = [
        {
            "topology_key": key,
            "max_skew": 1,
            "when_unsatisfiable": "ScheduleAnyway" if spread == "preferred" else "DoNotSchedule",
            "label_selector": {"match_labels": selector},
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
    if revision_label:
        for constraint in constraints:
            # Otherwise the pods of the old revision count too, and the new ones are spread unevenly.
            constraint["match_label_keys"] = [revision_label]
    return constraints


def _volume_names(pod: PodTemplate) -> VolumeNames:
    """A name for each mounted volume: the name of a claim template, or else one made from its first mount path."""
    names: dict[Volume | ClaimTemplate, str] = {one: one.name for one in pod.claim_templates()}
    for container in pod.containers():
        for path, mounted in container.mounts.items():
            volume = volume_of(mounted)
            if volume not in names:
                stem = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[: LONGEST - 4].rstrip("-") or "root"
                # `/a/b` and `/a-b` give the same name: the later one gets a number.
                told_apart = (stem, *(f"{stem}-{number}" for number in range(2, len(names) + 2)))
                names[volume] = next(one for one in told_apart if one not in names.values())
    return names
