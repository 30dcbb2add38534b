"""A complete web service from one call: an image, its configuration, where it is reached and how it scales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.apps.application import Application, ApplicationArgs
from slipway.parts.arguments.checked import checked
from slipway.parts.names import check_service_name
from slipway.parts.workload import Workload
from slipway.traffic.service import Service, ServiceArgs, ServiceType

_OF_THE_SERVICE = ("service_type", "service_ports", "await_address", "service_spec")


@checked
@dataclass(frozen=True, kw_only=True)
class WebServiceArgs(ApplicationArgs):
    """The arguments of a `WebService`: those of `ApplicationArgs`, and

    - `service_type`, `service_ports`, `await_address`: as `type`, `ports` and `await_address` of `ServiceArgs`. Without
      `ports` there is no Service, and these cannot be set (ValueError).
    - `service_spec`: raw provider fields of the Service, merged last (RFC 7386).
    """

    service_type: ServiceType = "ClusterIP"
    service_ports: Mapping[str, int] | None = None
    await_address: bool = False
    service_spec: core.ServiceSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for part in fields(self):
            if part.name in _OF_THE_SERVICE and not self.ports and (given := getattr(self, part.name)) != part.default:
                raise ValueError(
                    f"{part.name} {given!r} is for a Service, which a workload without ports does not get: give it "
                    f"ports, or leave {part.name} out"
                )


@checked
class WebService(Application):
    """A Deployment, with the Config, Service, scaler and DisruptionBudget that its args ask for, all named `name`.

    Each is an attribute. An attribute whose part was left out raises ValueError. If this component does not fit, use
    the parts themselves: it only combines them.
    """

    def __init__(self, name: str, args: WebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if _service_args(args.check_parts(name), args):
            check_service_name(name)
        super().__init__("slipway:index:WebService", name, None, opts)
        self._make_parts(name, args)
        service = _service_args(self.workload, args)
        self._service = service and Service(name, service, pulumi.ResourceOptions(parent=self))
        self.register_outputs({"host": self._service and self._service.host})

    @property
    def service(self) -> Service:
        return self._made(self._service, "Service: give it ports")


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
