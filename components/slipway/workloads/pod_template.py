"""The pods of a workload: their containers, their volumes, and the restrictions that they live under."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.parts.arguments.checked import checked
from slipway.parts.container import Container, Resources, render_container
from slipway.parts.labels import WorkloadKind, check_labels, pod_labels, selector_labels
from slipway.parts.merge import merge
from slipway.parts.names import LONGEST, check_name
from slipway.parts.probes import Probes
from slipway.parts.readings import Reading
from slipway.parts.volumes import Volume, readings_of, volume_of

Spread = Literal["preferred", "required"]
RestartPolicy = Literal["Always", "OnFailure", "Never"]


@checked
@dataclass(frozen=True, kw_only=True)
class PodTemplate(Container):
    """What every workload has: the fields of the main container, and those of its pods.

    - `namespace`: where it lives, and where all that it reads does (ValueError where it is known to be elsewhere).
    - `termination_grace`: seconds from the request to end a pod to its being killed, more than `pre_stop`.
    - `init_containers` run to their end before the main container, in this order; `sidecars` run beside it, start
      before it and end after it. Both by name.
    - `spread`: over nodes and over zones. `preferred` lets a pod share one rather than wait;
      `required` lets it wait; None leaves it to the scheduler.
    - `service_account`: the pod's identity; None is the namespace's default one. Its token is
      mounted in neither case: `pod_spec={"automount_service_account_token": True}` for a client of
      the API server.
    - `image_pull_secrets`: names of Secrets of the namespace.
    - `labels`, `annotations`: added to the pod's and its workload's own; a label that the pods are selected by is
      refused.
    - `pod_spec`: raw provider fields, merged last (RFC 7386), for all that is not here.
    """

    namespace: Namespace | pulumi.Input[str]
    termination_grace: int = 30
    init_containers: Mapping[str, Container] = field(default_factory=dict[str, Container])
    sidecars: Mapping[str, Container] = field(default_factory=dict[str, Container])
    spread: Spread | None = None
    service_account: pulumi.Input[str] | None = None
    image_pull_secrets: Sequence[pulumi.Input[str]] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    pod_spec: core.PodSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pre_stop >= self.termination_grace:
            raise ValueError(
                f"pre_stop {self.pre_stop} s leaves nothing of termination_grace {self.termination_grace} s: "
                f"the process would be killed unasked; raise termination_grace"
            )
        for name in (*self.init_containers, *self.sidecars):
            check_name(name, "container")
        for name, container in self.init_containers.items():
            if container.probes or container.pre_stop:
                raise ValueError(f"init container {name!r} has probes or pre_stop: it runs to its end, leave them out")
        if both := set(self.init_containers) & set(self.sidecars):
            raise ValueError(f"container {sorted(both)[0]!r} is both an init container and a sidecar: rename one")
        check_labels(self.labels)
        here = place_of(self.namespace).known
        for reading in self.readings():
            there = reading.of.place.known
            if here and there and here != there:
                raise ValueError(
                    f"{reading.of.kind} {reading.of.config!r} is in namespace {there!r} and the "
                    f"pods that read it are in {here!r}, which cannot see it: make a Config in {here!r}"
                )

    def containers(self) -> list[Container]:
        return [*self.init_containers.values(), *self.sidecars.values(), self]

    def readings(self) -> list[Reading]:
        """What its containers read from ConfigMaps and Secrets."""
        return readings_of(
            source
            for container in self.containers()
            for source in (*map(volume_of, container.mounts.values()), *container.environment.values())
        )

    def requested(self) -> list[Resources]:
        """What each container requests that runs on: init containers have ended before."""
        return [container.resources for container in (*self.sidecars.values(), self)]


@checked
@dataclass(frozen=True, kw_only=True)
class ServerTemplate(PodTemplate):
    """The pods of what serves requests: they go on serving for a while when told to end, and are spread out.

    - `pre_stop`: five seconds unless told otherwise.
    """

    pre_stop: int = 5
    spread: Spread | None = "preferred"


def check_containers(name: str, pod: PodTemplate) -> None:
    """Refuses another container of the name of the workload, which is the main one's. Raises ValueError."""
    if name in pod.init_containers or name in pod.sidecars:
        raise ValueError(f"container {name!r} has the name of its workload, which is the main container's: rename it")


def render_pod(
    kind: WorkloadKind,
    name: str,
    pod: PodTemplate,
    *,
    restart_policy: RestartPolicy | None = None,
    revision_label: str | None = None,
) -> core.PodTemplateSpecArgsDict:
    """The pod template of a workload, which passes the `restricted` pod security standard.

    - `restart_policy`: None for Kubernetes' own default, `Always`.
    - `revision_label`: the label by which the workload's controller tells the pods of its versions apart, if any.

    Raises ValueError for what `check_containers` refuses.
    https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    """
    check_containers(name, pod)
    volumes = _volume_names(pod)
    spec: core.PodSpecArgsDict = {
        "init_containers": [
            *(render_container(key, sidecar, volumes, sidecar=True) for key, sidecar in pod.sidecars.items()),
            *(
                # It may declare ports, and still nobody may ask whether it listens.
                render_container(key, replace(container, probes=Probes()), volumes)
                for key, container in pod.init_containers.items()
            ),
        ],
        "containers": [render_container(name, pod, volumes)],
        "volumes": [{"name": volumes[volume], **volume.source} for volume in volumes],  # type: ignore[typeddict-item]
        "termination_grace_period_seconds": pod.termination_grace,
        "automount_service_account_token": False,
        # The variables of every Service of the namespace are of no use beside its DNS.
        "enable_service_links": False,
        "security_context": {"run_as_non_root": True, "seccomp_profile": {"type": "RuntimeDefault"}},
        "topology_spread_constraints": _spread(selector_labels(name, kind), pod.spread, revision_label),
    }
    if restart_policy is not None:
        spec["restart_policy"] = restart_policy
    if pod.service_account is not None:
        spec["service_account_name"] = pod.service_account
    if pod.image_pull_secrets:
        spec["image_pull_secrets"] = [{"name": secret} for secret in pod.image_pull_secrets]
    stated = {key: value for key, value in spec.items() if value != []}
    return {
        "metadata": {
            "labels": {**pod.labels, **pod_labels(name, kind)},
            "annotations": {**pod.annotations, **_checksums(pod.readings())} or None,
        },
        "spec": cast("core.PodSpecArgsDict", merge(stated, pod.pod_spec)),
    }


def _checksums(readings: list[Reading]) -> dict[str, pulumi.Input[str]]:
    """Annotations that change with what the pod reads, where the object's name does not."""
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
            # Without it the pods of the outgoing version count, and the new ones end up unevenly.
            constraint["match_label_keys"] = [revision_label]
    return constraints


def _volume_names(pod: PodTemplate) -> dict[Volume, str]:
    """A name for each volume that a container mounts, after the first path it is mounted at."""
    names: dict[Volume, str] = {}
    for container in pod.containers():
        for path, mounted in container.mounts.items():
            volume = volume_of(mounted)
            if volume not in names:
                stem = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[: LONGEST - 4].rstrip("-") or "root"
                # `/a/b` and `/a-b` come to the same: the later one is told apart by a number.
                told_apart = (stem, *(f"{stem}-{number}" for number in range(2, len(names) + 2)))
                names[volume] = next(one for one in told_apart if one not in names.values())
    return names
