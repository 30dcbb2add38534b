"""A worker without ports and without a Service: it takes jobs from a queue and has configuration files of its own."""

import pulumi

from slipway import (
    Config,
    ConfigArgs,
    Deployment,
    DeploymentArgs,
    Namespace,
    Probe,
    Probes,
    Recreate,
    Resources,
    empty_dir,
    files_in,
)

namespace = Namespace("worker")
config = Config(
    "worker",
    ConfigArgs(
        namespace=namespace,
        values=files_in("config"),
        secrets={"QUEUE_PASSWORD": pulumi.Config().require_secret("queuePassword")},
        rollout="restart",
    ),
)
Deployment(
    "worker",
    DeploymentArgs(
        namespace=namespace,
        image="registry.example.com/team/worker:1.4.2",
        replicas=1,
        # Two workers at once would take the same job twice, so the old one ends first.
        update=Recreate(),
        pre_stop=0,
        termination_grace=120,
        environment={"QUEUE": "jobs", **config.secrets.environment()},
        mounts={"/etc/worker": config.values.volume(), "/tmp": empty_dir("256Mi")},
        probes=Probes(liveness=Probe(command=["/worker", "healthy"], period=30)),
        resources=Resources(cpu="500m", memory="512Mi"),
    ),
)
