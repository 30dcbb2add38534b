"""What the compositions share: a Deployment with its configuration, what scales it and its disruption budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import combinations
from typing import Annotated, Any, TypeVar

import pulumi
from pulumi_kubernetes.autoscaling import v2 as autoscaling
from pulumi_kubernetes.policy import v1 as policy

from slipway.configuration.config import Config, ConfigArgs, contents_of
from slipway.configuration.config_object import check_environment
from slipway.configuration.contents import Content
from slipway.configuration.versions import HISTORY
from slipway.parts.arguments.annotations import WITHHELD
from slipway.parts.arguments.checked import checked
from slipway.parts.container import check_mount_paths
from slipway.parts.labels import common_labels
from slipway.parts.readings import Rollout
from slipway.parts.workload import Workload, WorkloadResource
from slipway.scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from slipway.scaling.disruption_budget import DisruptionBudget, DisruptionBudgetArgs
from slipway.scaling.event_scaler import EventScaler, EventScalerArgs, EventScaling
from slipway.workloads.deployment import Deployment, DeploymentArgs

Part = TypeVar("Part")


@checked
@dataclass(frozen=True, kw_only=True)
class ApplicationArgs(DeploymentArgs):
    """The arguments of a Deployment, and

    - `config`: values, bytes or files by key. They are mounted at `config_dir`, or are environment variables without
      it.
    - `secrets`: the same as a Secret. They are mounted at `secrets_dir`, or are environment variables without it. Each
      variable can have only one source (ValueError).
    - `config_rollout`: what happens when they change (`ConfigArgs.rollout`). `config_history`: how many previous
      versions and revisions to keep (`ConfigArgs.history`).
    - `scaling`: adds an Autoscaler for `Scaling`, and an EventScaler for `EventScaling`; cannot be combined with
      `replicas` (ValueError).
    - `disruptions`: how many pods may be missing while a node is drained, as `DisruptionBudgetArgs.max_unavailable`;
      None for no budget. An application that is never given more than one pod has no budget either.
    - `autoscaler_spec`, `event_scaler_spec`, `budget_spec`: raw fields of the Autoscaler, the EventScaler and the
      DisruptionBudget, merged last (RFC 7386). ValueError for those of a part that is not made.
    """

    config: Mapping[str, Content] = field(default_factory=dict[str, Content])
    config_dir: str | None = None
    secrets: Annotated[Mapping[str, Content], WITHHELD] = field(default_factory=dict[str, Content])
    secrets_dir: str | None = None
    config_rollout: Rollout = "versioned"
    config_history: int = HISTORY
    scaling: Scaling | EventScaling | None = None
    disruptions: int | str | None = 1
    autoscaler_spec: autoscaling.HorizontalPodAutoscalerSpecPatchArgsDict | None = None
    event_scaler_spec: Mapping[str, Any] | None = None
    budget_spec: policy.PodDisruptionBudgetSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scaling and self.replicas is not None:
            raise ValueError(
                f"replicas {self.replicas} and scaling from {self.scaling.min} to {self.scaling.max} exclude each "
                f"other: leave out replicas to scale, or scaling to fix their number"
            )
        if self.autoscaler_spec is not None and not isinstance(self.scaling, Scaling):
            raise ValueError("autoscaler_spec is for an Autoscaler, which there is not: give scaling=Scaling(…) too")
        if self.event_scaler_spec is not None and not isinstance(self.scaling, EventScaling):
            raise ValueError(
                "event_scaler_spec is for an EventScaler, which there is not: give scaling=EventScaling(…)"
            )
        if self.budget_spec is not None and not _has_budget(self):
            raise ValueError(
                "budget_spec is for a DisruptionBudget, which there is not: give more than one pod, and disruptions"
            )
        for contents, folder in ((self.config, self.config_dir), (self.secrets, self.secrets_dir)):
            if folder:
                check_mount_paths([folder])
            elif contents:
                check_environment(self.config_rollout, contents)
        folders = [self.config_dir if self.config else None, self.secrets_dir if self.secrets else None, *self.mounts]
        check_mount_paths(folder for folder in folders if folder)
        variables: dict[str, Iterable[str]] = {
            "environment": self.environment,
            "config": () if self.config_dir else self.config,
            "secrets": () if self.secrets_dir else self.secrets,
        }
        for (one, first), (other, second) in combinations(variables.items(), 2):
            if both := sorted(set(first) & set(second)):
                raise ValueError(
                    f"variable {both[0]!r} is in both {one} and {other}: leave it out of one, or mount the {other} "
                    f"as files with {other}_dir"
                )

    def check_parts(self, name: str) -> Workload:
        """Check the args of each part, before the first part is registered, and describe the Deployment."""
        workload = self.workload(name)
        if config := _config_args(name, self):
            contents_of(name, config)
        _autoscaler_args(workload, self)
        _event_scaler_args(workload, self)
        _budget_args(workload, self)
        return workload


@checked
class Application(WorkloadResource):
    """A component that makes the parts of `ApplicationArgs`. Each is an attribute.

    An attribute whose part was left out raises ValueError.
    """

    deployment: Deployment
    _config: Config | None
    _autoscaler: Autoscaler | None
    _event_scaler: EventScaler | None
    _disruption_budget: DisruptionBudget | None

    def _make_parts(self, name: str, args: ApplicationArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        config = _config_args(name, args)
        self._config = config and Config(name, config, child)
        self.deployment = Deployment(name, _deployment_args(args, self._config), child)
        self.workload = self.deployment.workload
        autoscaler = _autoscaler_args(self.workload, args)
        self._autoscaler = autoscaler and Autoscaler(name, autoscaler, child)
        event_scaler = _event_scaler_args(self.workload, args)
        self._event_scaler = event_scaler and EventScaler(name, event_scaler, child)
        budget = _budget_args(self.workload, args)
        self._disruption_budget = budget and DisruptionBudget(name, budget, child)

    def _made(self, part: Part | None, what: str) -> Part:
        if part is None:
            raise ValueError(f"{self.workload} has no {what}")
        return part

    @property
    def config(self) -> Config:
        return self._made(self._config, "Config: give it config or secrets")

    @property
    def autoscaler(self) -> Autoscaler:
        return self._made(self._autoscaler, "Autoscaler: give it scaling=Scaling(…)")

    @property
    def event_scaler(self) -> EventScaler:
        return self._made(self._event_scaler, "EventScaler: give it scaling=EventScaling(…)")

    @property
    def disruption_budget(self) -> DisruptionBudget:
        return self._made(self._disruption_budget, "DisruptionBudget: give it more than one pod, and disruptions")


def _autoscaler_args(workload: Workload, args: ApplicationArgs) -> AutoscalerArgs | None:
    if not isinstance(args.scaling, Scaling):
        return None
    return AutoscalerArgs(workload=workload, scaling=args.scaling, spec=args.autoscaler_spec)


def _event_scaler_args(workload: Workload, args: ApplicationArgs) -> EventScalerArgs | None:
    if not isinstance(args.scaling, EventScaling):
        return None
    own = {part.name: getattr(args.scaling, part.name) for part in fields(EventScaling)}
    return EventScalerArgs(workload=workload, labels=args.labels, spec=args.event_scaler_spec, **own)


def _has_budget(args: ApplicationArgs) -> bool:
    most = args.scaling.max if args.scaling else args.replicas if args.replicas is not None else args.initial_replicas
    return args.disruptions is not None and (most or 1) > 1


def _budget_args(workload: Workload, args: ApplicationArgs) -> DisruptionBudgetArgs | None:
    if not _has_budget(args):
        return None
    return DisruptionBudgetArgs(
        workload=workload, max_unavailable=args.disruptions, labels=args.labels, spec=args.budget_spec
    )


def _config_args(name: str, args: ApplicationArgs) -> ConfigArgs | None:
    if not args.config and not args.secrets:
        return None
    return ConfigArgs(
        namespace=args.namespace,
        values=args.config,
        secrets=args.secrets,
        rollout=args.config_rollout,
        history=args.config_history,
        labels={**args.labels, **common_labels(name)},
    )


def _deployment_args(args: ApplicationArgs, config: Config | None) -> DeploymentArgs:
    """The Deployment's part of `args`. It reads `config` as variables or as mounted files."""
    mounts, environment = dict(args.mounts), dict(args.environment)
    if config and args.config:
        if args.config_dir:
            mounts[args.config_dir] = config.values.volume()
        else:
            environment.update(config.values.environment())
    if config and args.secrets:
        if args.secrets_dir:
            mounts[args.secrets_dir] = config.secrets.volume()
        else:
            environment.update(config.secrets.environment())
    own = {part.name: getattr(args, part.name) for part in fields(DeploymentArgs)}
    return replace(DeploymentArgs(**own), mounts=mounts, environment=environment)
