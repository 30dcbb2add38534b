"""A namespace, a volume and a claim of the stack's name that outlive it, and a service that does not."""

import pulumi

from slipway import (
    Claim,
    ClaimArgs,
    Namespace,
    NamespaceArgs,
    PersistentVolume,
    PersistentVolumeArgs,
    Port,
    Probe,
    Probes,
    WebService,
    WebServiceArgs,
)

config = pulumi.Config()
stack = pulumi.get_stack()
size = config.get("size") or "2Mi"
namespace = Namespace(stack, NamespaceArgs(keep=True, quota={"pods": "5"}))
disk = PersistentVolume(
    stack,
    PersistentVolumeArgs(
        size="2Mi", source={"host_path": {"path": config.require("path"), "type": "Directory"}}, keep=True
    ),
)
data = Claim("data", ClaimArgs(namespace=namespace, size=size, volume=disk, keep=True))
WebService(
    "web",
    WebServiceArgs(
        namespace=namespace,
        image=config.require("image"),
        ports=[Port(name="http", number=8080)],
        probes=Probes(readiness=Probe(http="/readyz", period=1)),
        config={"hello-world.data": "hello", "hello-world.config": "drain_delay = 0s\n"},
        config_dir="/etc/hello-world",
        environment={"KEEP": "/data"},
        mounts={"/data": data.volume()},
        replicas=1,
        pre_stop=1,
    ),
)
