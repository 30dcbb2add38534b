"""A StatefulSet that a Job comes before, a DaemonSet and a CronJob, in a namespace of the stack's name."""

from typing import Any, cast

import pulumi

from slipway import (
    ClaimTemplate,
    Config,
    ConfigArgs,
    CronJob,
    CronJobArgs,
    DaemonSet,
    DaemonSetArgs,
    Job,
    JobArgs,
    Namespace,
    PersistentVolume,
    PersistentVolumeArgs,
    Port,
    Probe,
    Probes,
    Service,
    ServiceArgs,
    StatefulSet,
    StatefulSetArgs,
)

config = pulumi.Config()
stack = pulumi.get_stack()
namespace = Namespace(stack)
image = config.require("image")
# The claim of the first pod is bound to a folder of the node.
PersistentVolume(
    stack,
    PersistentVolumeArgs(
        size="2Mi",
        source={"host_path": {"path": config.require("path"), "type": "Directory"}},
        spec={
            "claim_ref": {"api_version": "v1", "kind": "PersistentVolumeClaim", "namespace": stack, "name": "d-db-0"}
        },
    ),
)
migrate = Job(
    "migrate",
    JobArgs(namespace=namespace, image=image, args=[config.get("migrate") or "--version"], retries=0, deadline=40),
)
files = Config(
    "hello-world",
    ConfigArgs(namespace=namespace, values={"hello-world.data": "hello", "hello-world.config": "drain_delay = 0s\n"}),
)
server: dict[str, Any] = {
    "namespace": namespace,
    "image": image,
    "ports": [Port(name="http", number=8080)],
    "probes": Probes(readiness=Probe(http="/readyz", period=1)),
    "ready_within": 40,
    "termination_grace": 2,
}
db = StatefulSet(
    "db",
    StatefulSetArgs(
        **server,
        args=[config.get("flag") or "--http-addr=:8080"],
        environment={"KEEP": "/data", "GREETING": config.get("greeting") or "one"},
        mounts={"/etc/hello-world": files.values.volume(), "/data": ClaimTemplate(name="d", size="2Mi")},
        order=cast("Any", config.get("order") or "ordered"),
        pre_stop=0,
        before=[migrate],
    ),
)
Service("db", ServiceArgs(workload=db, type=cast("Any", config.get("service") or "ClusterIP")))
DaemonSet(
    "agent",
    DaemonSetArgs(
        **server,
        environment={"GREETING": config.get("agent") or "one"},
        mounts={"/etc/hello-world": files.values.volume()},
    ),
)
CronJob("tick", CronJobArgs(namespace=namespace, image=image, args=["--version"], schedule="* * * * *"))
