"""A complete web service from one call: an image, its configuration and how it scales."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import combinations
from typing import Annotated

import pulumi
from pulumi_kubernetes.autoscaling import v2 as autoscaling
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.policy import v1 as policy

from slipway.configuration.config import Config, ConfigArgs, contents_of
from slipway.configuration.config_object import check_environment
from slipway.configuration.contents import Content
from slipway.configuration.versions import HISTORY
from slipway.parts.arguments.annotations import WITHHELD
from slipway.parts.arguments.checked import checked
from slipway.parts.container import check_mount_paths
from slipway.parts.labels import common_labels
from slipway.parts.names import check_service_name
from slipway.parts.readings import Rollout
from slipway.parts.workload import Workload, WorkloadResource
from slipway.scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from slipway.scaling.disruption_budget import DisruptionBudget, DisruptionBudgetArgs
from slipway.traffic.service import Service, ServiceArgs, ServiceType
from slipway.workloads.deployment import Deployment, DeploymentArgs

_OF_THE_SERVICE = ("service_type", "service_ports", "await_address", "service_spec")


@checked
@dataclass(frozen=True, kw_only=True)
class WebServiceArgs(DeploymentArgs):
    """The arguments of a `WebService`: those of its Deployment, and

    - `config`: values, bytes or files by key. They are mounted at `config_dir`, or are environment variables without
      it.
    - `secrets`: the same as a Secret. They are mounted at `secrets_dir`, or are environment variables without it. Each
      variable can have only one source (ValueError).
    - `config_rollout`: what happens when they change (`ConfigArgs.rollout`). `config_history`: how many previous
      versions and revisions to keep (`ConfigArgs.history`).
    - `scaling`: adds an autoscaler; cannot be combined with `replicas` (ValueError).
    - `disruptions`: how many pods may be missing while a node is drained, as `DisruptionBudgetArgs.max_unavailable`;
      None for no budget. A service that is never given more than one pod has no budget either.
    - `service_type`, `service_ports`, `await_address`: as `type`, `ports` and `await_address` of `ServiceArgs`. Without
      `ports` there is no Service, and these cannot be set (ValueError).
    - `service_spec`, `autoscaler_spec`, `budget_spec`: raw provider fields of the Service, the Autoscaler and the
      DisruptionBudget, merged last (RFC 7386). ValueError for those of a part that is not made.
    """

    config: Mapping[str, Content] = field(default_factory=dict[str, Content])
    config_dir: str | None = None
    secrets: Annotated[Mapping[str, Content], WITHHELD] = field(default_factory=dict[str, Content])
    secrets_dir: str | None = None
    config_rollout: Rollout = "versioned"
    config_history: int = HISTORY
    scaling: Scaling | None = None
    disruptions: int | str | None = 1
    service_type: ServiceType = "ClusterIP"
    service_ports: Mapping[str, int] | None = None
    await_address: bool = False
    service_spec: core.ServiceSpecPatchArgsDict | None = None
    autoscaler_spec: autoscaling.HorizontalPodAutoscalerSpecPatchArgsDict | None = None
    budget_spec: policy.PodDisruptionBudgetSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scaling and self.replicas is not None:
            raise ValueError(
                f"replicas {self.replicas} and scaling from {self.scaling.min} to {self.scaling.max} exclude each "
                f"other: leave out replicas to scale, or scaling to fix their number"
            )
        for part in fields(self):
            if part.name in _OF_THE_SERVICE and not self.ports and (given := getattr(self, part.name)) != part.default:
                raise ValueError(
                    f"{part.name} {given!r} is for a Service, which a workload without ports does not get: give it "
                    f"ports, or leave {part.name} out"
                )
        if self.autoscaler_spec is not None and not self.scaling:
            raise ValueError("autoscaler_spec is for an Autoscaler, which there is not: give scaling too")
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


@checked
class WebService(WorkloadResource):
    """A Deployment, with the Config, Service, Autoscaler and DisruptionBudget that its args ask for, all named `name`.

    Each is an attribute. An attribute whose part was left out raises ValueError. If this component does not fit, use
    the parts themselves: it only combines them.
    """

    def __init__(self, name: str, args: WebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # The args of each part check themselves. Make all args before the first part is registered.
        expected = args.workload(name)
        config = _config_args(name, args)
        if config:
            contents_of(name, config)
        if _service_args(expected, args):
            check_service_name(name)
        _autoscaler_args(expected, args)
        _budget_args(expected, args)

        super().__init__("slipway:index:WebService", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._config = config and Config(name, config, child)
        self.deployment = Deployment(name, _deployment_args(args, self._config), child)
        self.workload = self.deployment.workload
        service = _service_args(self.workload, args)
        self._service = service and Service(name, service, child)
        autoscaler = _autoscaler_args(self.workload, args)
        self._autoscaler = autoscaler and Autoscaler(name, autoscaler, child)
        budget = _budget_args(self.workload, args)
        self._disruption_budget = budget and DisruptionBudget(name, budget, child)
        self.register_outputs({"host": self._service and self._service.host})

    @property
    def config(self) -> Config:
        if self._config is None:
            raise ValueError(f"{self.workload} has no Config: give it config or secrets")
        return self._config

    @property
    def service(self) -> Service:
        if self._service is None:
            raise ValueError(f"{self.workload} has no Service: give it ports")
        return self._service

    @property
    def autoscaler(self) -> Autoscaler:
        if self._autoscaler is None:
            raise ValueError(f"{self.workload} has no Autoscaler: give it scaling")
        return self._autoscaler

    @property
    def disruption_budget(self) -> DisruptionBudget:
        if self._disruption_budget is None:
            raise ValueError(f"{self.workload} has no DisruptionBudget: give it more than one pod, and disruptions")
        return self._disruption_budget


def _service_args(workload: Workload, args: WebServiceArgs) -> ServiceArgs | None:
    if not args.ports:
        return None
    return ServiceArgs(
        workload=workload,
        ports=args.service_ports,
        type=args.service_type,
        await_address=args.await_address,
        labels=args.labels,
        spec=args.service_spec,
    )


def _autoscaler_args(workload: Workload, args: WebServiceArgs) -> AutoscalerArgs | None:
    if not args.scaling:
        return None
    return AutoscalerArgs(workload=workload, scaling=args.scaling, spec=args.autoscaler_spec)


def _has_budget(args: WebServiceArgs) -> bool:
    most = args.scaling.max if args.scaling else args.replicas if args.replicas is not None else args.initial_replicas
    return args.disruptions is not None and (most or 1) > 1


def _budget_args(workload: Workload, args: WebServiceArgs) -> DisruptionBudgetArgs | None:
    if not _has_budget(args):
        return None
    return DisruptionBudgetArgs(
        workload=workload, max_unavailable=args.disruptions, labels=args.labels, spec=args.budget_spec
    )


def _config_args(name: str, args: WebServiceArgs) -> ConfigArgs | None:
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


def _deployment_args(args: WebServiceArgs, config: Config | None) -> DeploymentArgs:
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
