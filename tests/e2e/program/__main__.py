"""One service in a namespace with the stack's name."""

from dataclasses import replace
from typing import Any, cast

import pulumi
from knobs import Knobs

from slipway import (
    ContainerDefaults,
    Namespace,
    NamespaceArgs,
    Port,
    Probe,
    Probes,
    Scaling,
    WebService,
    WebServiceArgs,
)

config = pulumi.Config()
turned = Knobs(**cast("dict[str, Any]", config.require_object("knobs")))
quota = {"pods": str(turned.pods)} if turned.pods is not None else None
namespace = Namespace(pulumi.get_stack(), NamespaceArgs(defaults=ContainerDefaults(), quota=quota))


def service(name: str, greeting: str, *, main: bool) -> None:
    scaled = turned.scaling if main else None
    args = WebServiceArgs(
        namespace=namespace,
        image=turned.image,
        ports=[Port(name="http", number=8080)],
        probes=Probes(
            readiness=Probe(http=turned.ready_path if main else "/readyz", period=1),
            startup=Probe(http="/livez", period=1, failures=60),
        ),
        config={"hello-world.data": greeting, "hello-world.config": turned.options},
        config_dir="/etc/hello-world",
        config_rollout=cast("Any", turned.rollout),
        config_history=turned.history,
        secrets={"API_TOKEN": config.require_secret("apiToken")} if turned.secret else {},
        replicas=None if scaled else turned.replicas,
        scaling=Scaling(min=scaled[0], max=scaled[1], cpu=60, down_window=turned.down_window) if scaled else None,
    )
    if turned.pre_stop is not None:
        args = replace(args, pre_stop=turned.pre_stop)
    WebService(name, args, moved if main else None)


moved = None
if turned.below:
    # Wherever it was before: at the top, or below the component with that name.
    former = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="group")])
    parent = pulumi.ComponentResource("e2e:index:Group", turned.below, None, former)
    moved = pulumi.ResourceOptions(parent=parent, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])
service("hello", turned.greeting, main=True)
if turned.bystander:
    service("bystander", "unchanged", main=False)
