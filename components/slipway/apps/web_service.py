"""The one-call path: an image, its configuration and how it scales, made into a running service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import combinations
from typing import Annotated

import pulumi

from slipway.configuration.config import Config, ConfigArgs, Content, contents_of
from slipway.configuration.config_object import Rollout, check_environment
from slipway.configuration.versions import HISTORY
from slipway.parts.arguments.annotations import WITHHELD
from slipway.parts.arguments.checked import checked
from slipway.parts.container import check_mount_paths
from slipway.parts.labels import selector_labels
from slipway.parts.names import check_name, check_service_name
from slipway.scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling, check_scaling
from slipway.traffic.service import Service, ServiceArgs, ServiceType, check_service
from slipway.workloads.deployment import Deployment, DeploymentArgs, requested_by
from slipway.workloads.pod_template import check_pod

_OF_THE_SERVICE = ("service_type", "service_ports", "await_address")


@checked
@dataclass(frozen=True, kw_only=True)
class WebServiceArgs(DeploymentArgs):
    """What a `WebService` is made from: its Deployment, and

    - `config`: values, bytes or files by key, mounted at `config_dir`; without one they become
      environment variables.
    - `secrets`: the same, as a Secret that is mounted at `secrets_dir`; without one they become
      environment variables. A variable has one source (ValueError).
    - `config_rollout`: what a change of them does (`ConfigArgs.rollout`); `config_history`: how many former versions
      and revisions stay (`ConfigArgs.history`).
    - `scaling`: for an autoscaler; it and `replicas` exclude each other (ValueError).
    - `service_type`, `service_ports`, `await_address`: as `type`, `ports` and `await_address` of
      `ServiceArgs`. A workload without ports gets no Service, and none of these (ValueError).
    """

    config: Mapping[str, Content] = field(default_factory=dict[str, Content])
    config_dir: str | None = None
    secrets: Annotated[Mapping[str, Content], WITHHELD] = field(default_factory=dict[str, Content])
    secrets_dir: str | None = None
    config_rollout: Rollout = "versioned"
    config_history: int = HISTORY
    scaling: Scaling | None = None
    service_type: ServiceType = "ClusterIP"
    service_ports: Mapping[str, int] | None = None
    await_address: bool = False

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
class WebService(pulumi.ComponentResource):
    """A Deployment, with the Config, Service and Autoscaler that its args ask for, all named `name`.

    Each is an attribute, None where it was left out. Where more is wanted than this offers, compose
    the parts: nothing here does what they cannot.
    """

    def __init__(self, name: str, args: WebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        super().__init__("slipway:index:WebService", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        config = _config_args(name, args)
        self.config = config and Config(name, config, child)
        self.deployment = Deployment(name, _deployment_args(args, self.config), child)
        self.service = (
            Service(
                name,
                ServiceArgs(
                    workload=self.deployment,
                    ports=args.service_ports,
                    type=args.service_type,
                    await_address=args.await_address,
                    labels=args.labels,
                ),
                child,
            )
            if args.ports
            else None
        )
        self.autoscaler = (
            Autoscaler(name, AutoscalerArgs(workload=self.deployment, scaling=args.scaling), child)
            if args.scaling
            else None
        )
        self.register_outputs({"host": self.service and self.service.host})


def _check(name: str, args: WebServiceArgs) -> None:
    """Refuses what a part would refuse, before the first of them is registered. Raises ValueError."""
    check_name(name, "deployment")
    check_pod(name, args)
    if config := _config_args(name, args):
        contents_of(name, config)
    if args.ports:
        check_service_name(name)
        check_service(name, args.ports, args.service_ports, args.service_type, args.await_address)
    if args.scaling:
        check_scaling(name, requested_by(args), args.initial_replicas, args.scaling)


def _config_args(name: str, args: WebServiceArgs) -> ConfigArgs | None:
    if not args.config and not args.secrets:
        return None
    return ConfigArgs(
        namespace=args.namespace,
        values=args.config,
        secrets=args.secrets,
        rollout=args.config_rollout,
        history=args.config_history,
        labels={**args.labels, **selector_labels(name)},
    )


def _deployment_args(args: WebServiceArgs, config: Config | None) -> DeploymentArgs:
    """The Deployment's part of `args`, reading `config` where `args` says."""
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
