"""A workload as other components see it, such as a Service or an autoscaler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi

from slipway.parts.container import Port, Resources
from slipway.parts.labels import WorkloadKind, common_labels, pod_labels, selector_labels
from slipway.parts.ownership import Owners
from slipway.parts.place import Place
from slipway.parts.replicas import Replicas


@dataclass(frozen=True, eq=False, kw_only=True)
class Workload:
    """Describes a workload. `DeploymentArgs.workload(name)` returns it before the Deployment is registered.

    - `api_version`, `kind`, `name`, `place`: identify the object.
    - `ports`: the ports of its containers that keep running: those of the main container, then those of its sidecars.
    - `main_ports`: the ports of its main container.
    - `resources`: the resources of its main container and sidecars. Init containers do not count, as they end first.
    - `replicas`: how many pods it has. None for a kind without this number.
    - `former_selector`: the selector of a workload that something else has made. None for that of a new one.
    - `owners`: which controller decides which setting of it.
    """

    CALLED: ClassVar[str] = "a Deployment or another workload"
    """The word for a workload in errors."""

    api_version: str
    kind: WorkloadKind
    name: str
    place: Place
    ports: Sequence[Port]
    main_ports: Sequence[Port]
    resources: Sequence[Resources]
    replicas: Replicas | None
    former_selector: Mapping[str, str] | None = None
    owners: Owners = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "owners", Owners(str(self)))

    def __str__(self) -> str:
        return called(self.kind, self.name)

    @property
    def usual_ports(self) -> Sequence[Port]:
        """The ports that are meant if nobody names one: those of its main container, if it has any."""
        return self.main_ports or self.ports

    @property
    def labels(self) -> dict[str, str]:
        """The labels of all objects that belong to it."""
        return common_labels(self.name)

    @property
    def pod_labels(self) -> dict[str, str]:
        return dict(self.former_selector or pod_labels(self.name, self.kind))

    @property
    def selector(self) -> dict[str, str]:
        """The labels that select its pods and no others."""
        return dict(self.former_selector or selector_labels(self.name, self.kind))

    def target_port(self, port: Port) -> str | int:
        """What a Service calls a port of the pods: its name, which holds while an update changes the number.

        Pods that something else has made may have no such name, and must go on getting requests: it is the number.
        """
        return port.number if self.former_selector else port.name


class WorkloadResource(pulumi.ComponentResource):
    """A component that runs pods."""

    CALLED: ClassVar[str] = Workload.CALLED

    workload: Workload


class RunsToCompletion(WorkloadResource):
    """A workload that ends. Resources that depend on its `resource` wait until it succeeds."""

    resource: pulumi.CustomResource


def called(kind: WorkloadKind, name: str) -> str:
    """The name of a workload in errors, such as "deployment 'web'"."""
    return f"{kind.lower()} {name!r}"


def workload_of(given: Workload | WorkloadResource) -> Workload:
    return given if isinstance(given, Workload) else given.workload
