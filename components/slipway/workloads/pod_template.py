"""The arguments for the pods of a workload: their containers, their storage, and how they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import ClassVar, Literal

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.access.service_account import ServiceAccount
from slipway.parts.arguments.checked import checked
from slipway.parts.container import Container, Port, Resources, check_port_numbers
from slipway.parts.labels import WorkloadKind, check_labels
from slipway.parts.names import LONGEST, check_name
from slipway.parts.placement import Placement
from slipway.parts.readings import Reading
from slipway.parts.replicas import Replicas
from slipway.parts.volumes import ClaimTemplate, readings_of, volume_of
from slipway.parts.workload import RunsToCompletion, Workload

RestartPolicy = Literal["Always", "OnFailure", "Never"]
Spread = Literal["preferred", "required"]


@checked
@dataclass(frozen=True, kw_only=True)
class PodTemplate(Container):
    """The arguments of every workload: the fields of its main container, and those of its pods.

    - `namespace`: the namespace of the workload. All configs that it reads have to be in the same namespace
      (ValueError if one is known to be in another).
    - `before`: Jobs that must succeed before the pods are created or replaced. If one fails, the old pods stay.
    - `restart_policy`: what happens when a container ends. None for the default of the kind: `Never` for a Job and
      a CronJob, else `Always`. ValueError for a policy that the kind does not accept.
    - `termination_grace`: seconds from the request to end a pod until it is killed. It has to be more than `pre_stop`.
    - `init_containers`: containers by name that run to their end before the main container, in this order.
      `sidecars`: containers by name that run beside it, start before it and end after it.
    - `user`, `group`: the user ID and group ID of the processes, from 1; None for those of the image. `fs_group`: the
      ID of the group that owns the volumes.
    - `placement`: on which nodes, and next to which pods, it may run. `spread`: how its pods spread over nodes and
      zones. `preferred` lets pods share a node rather than wait, `required` lets them wait, None leaves it to the
      scheduler.
    - `host_aliases`: host names by IP address, for its /etc/hosts. `dns`: raw provider settings of its resolver.
    - `service_account`: the identity of the pods, a component or a name; None for the default one of the namespace.
      Its token is mounted only if a `Grant` to the component, or a raw field, switches that on.
    - `image_pull_secrets`: names of Secrets in the namespace.
    - `labels`, `annotations`: added to those of the pods and the workload. ValueError for a label that selects pods.
    - `pod_spec`: raw provider fields for everything else, merged last (RFC 7386).
    """

    RESTARTS: ClassVar[tuple[RestartPolicy, ...]] = ("Always",)
    """The restart policies that Kubernetes accepts for this kind, the default first."""
    TAKES_CLAIM_TEMPLATES: ClassVar[bool] = False

    namespace: Namespace | pulumi.Input[str]
    before: Sequence[RunsToCompletion] = ()
    restart_policy: RestartPolicy | None = None
    termination_grace: int = 30
    init_containers: Mapping[str, Container] = field(default_factory=dict[str, Container])
    sidecars: Mapping[str, Container] = field(default_factory=dict[str, Container])
    user: int | None = None
    group: int | None = None
    fs_group: int | None = None
    placement: Placement | None = None
    spread: Spread | None = None
    host_aliases: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    dns: core.PodDNSConfigPatchArgsDict | None = None
    service_account: ServiceAccount | pulumi.Input[str] | None = None
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
        self._check_containers()
        check_labels(self.labels)
        for what, number in (("user", self.user), ("group", self.group), ("fs_group", self.fs_group)):
            if number is not None and number < 1:
                raise ValueError(
                    f"{what} {number} is not accepted, as 0 is root: give a number from 1, or leave it out"
                )
        for address in self.host_aliases:
            _check_address(address)
        self._check_restart_policy()
        here = place_of(self.namespace).known
        for reading in self.readings():
            there = reading.of.place.known
            if here and there and here != there:
                raise ValueError(
                    f"{reading.of.kind} {reading.of.config!r} is in namespace {there!r} and the "
                    f"pods that read it are in {here!r}, which cannot see it: make a Config in {here!r}"
                )
        if isinstance(self.service_account, ServiceAccount):
            there = self.service_account.place.known
            if here and there and here != there:
                raise ValueError(
                    f"{self.service_account} is in namespace {there!r} and the pods are in {here!r}: make one there"
                )
        if self.claim_templates() and not self.TAKES_CLAIM_TEMPLATES:
            raise ValueError(
                f"claim template {self.claim_templates()[0].name!r} makes a claim for each pod, which a StatefulSet "
                f"alone does: mount a claim with claim('…')"
            )

    def _check_restart_policy(self) -> None:
        if self.restart_policy in (None, *self.RESTARTS):
            return
        refused = f"restart_policy {self.restart_policy!r} is refused by Kubernetes for what runs"
        if self.RESTARTS == ("Always",):
            raise ValueError(f"{refused} on: its pods are always restarted; leave it out, or make a Job or a Pod")
        raise ValueError(f"{refused} to its end: give 'OnFailure' to restart the container, 'Never' for a new pod")

    def _check_containers(self) -> None:
        for name in (*self.init_containers, *self.sidecars):
            check_name(name, "container")
        for name, container in self.init_containers.items():
            if container.probes or container.pre_stop:
                raise ValueError(f"init container {name!r} has probes or pre_stop: it runs to its end, leave them out")
        if both := set(self.init_containers) & set(self.sidecars):
            raise ValueError(f"container {sorted(both)[0]!r} is both an init container and a sidecar: rename one")
        # The containers of a pod share its IP address, and a Service finds a port by its name.
        names = [port.name for port in self.served()]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"port name {twice[0]!r} is used by two containers of the pod: rename one")
        check_port_numbers([(port, port.number) for port in self.served()], "port")

    def containers(self) -> list[Container]:
        return [*self.init_containers.values(), *self.sidecars.values(), self]

    def served(self) -> list[Port]:
        """The ports that a Service can expose: those of the main container, then those of the sidecars."""
        return [*self.ports, *(port for container in self.sidecars.values() for port in container.ports)]

    def readings(self) -> list[Reading]:
        """What the containers read from ConfigMaps and Secrets."""
        return readings_of(
            source
            for container in self.containers()
            for source in (*map(volume_of, container.mounts.values()), *container.environment.values())
        )

    def claim_templates(self) -> list[ClaimTemplate]:
        """The claim templates that the containers mount, each once."""
        mounted = [volume_of(one) for container in self.containers() for one in container.mounts.values()]
        return list(dict.fromkeys(one for one in mounted if isinstance(one, ClaimTemplate)))

    def requested(self) -> list[Resources]:
        """The resources of each container that keeps running: init containers have already ended."""
        return [container.resources for container in (*self.sidecars.values(), self)]

    def described(
        self,
        name: str,
        kind: WorkloadKind,
        *,
        api_version: str = "apps/v1",
        longest: int = LONGEST,
        replicas: Replicas | None = None,
    ) -> Workload:
        """Describe the workload `name` to others. Raises ValueError for an invalid name."""
        check_name(name, kind.lower(), longest=longest)
        if name in self.init_containers or name in self.sidecars:
            raise ValueError(
                f"container {name!r} has the name of its workload, which is the main container's: rename it"
            )
        return Workload(
            api_version=api_version,
            kind=kind,
            name=name,
            place=place_of(self.namespace),
            ports=self.served(),
            main_ports=self.ports,
            resources=self.requested(),
            replicas=replicas,
        )

    def awaited(self) -> list[pulumi.Input[pulumi.Resource]]:
        """What must exist before the pods: what they read, the Jobs of `before`, and the service account."""
        account = [self.service_account.resource] if isinstance(self.service_account, ServiceAccount) else []
        return [
            *(reading.of.resource for reading in self.readings()),
            *(one.resource for one in self.before),
            *account,
        ]


def _check_address(address: str) -> None:
    try:
        ip_address(address)
    except ValueError:
        raise ValueError(
            f"host_aliases has {address!r}, which is no IP address: give one, with its host names"
        ) from None
