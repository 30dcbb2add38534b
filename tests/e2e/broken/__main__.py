"""One service in a namespace with the stack's name. `case` says what is wrong with it."""

from dataclasses import replace

import pulumi

from slipway import Namespace, NamespaceArgs, Port, Probe, Probes, WebService, WebServiceArgs
from slipway.parts.volumes import EnvSource, Volume

config = pulumi.Config()
case = config.get("case")
image = config.require("image")
namespace = Namespace(pulumi.get_stack(), NamespaceArgs(quota={"pods": "0"} if case == "quota" else None))
good = WebServiceArgs(
    namespace=namespace,
    image=image,
    ports=[Port(name="http", number=8080)],
    probes=Probes(readiness=Probe(http="/readyz", period=1), liveness=Probe(http="/livez")),
    config={"hello-world.data": "hello", "hello-world.config": "drain_delay = 0s\n"},
    config_dir="/etc/hello-world",
    environment={"ROUND": config.get("round") or "0"},
    replicas=config.get_int("replicas"),
    ready_within=config.get_int("readyWithin"),
    pre_stop=1,
)


# Kubernetes puts this ConfigMap into each namespace. No check of the program can know its keys.
FOREIGN = "kube-root-ca.crt"
variable = EnvSource(value_from={"config_map_key_ref": {"name": FOREIGN, "key": "LEVLE"}})
volume = Volume(source={"config_map": {"name": FOREIGN, "items": [{"key": "LEVLE", "path": "level"}]}})

broken = {
    "image": lambda: replace(good, image=f"{image}-missing"),
    "pull": lambda: replace(good, image=config.require("guarded")),
    "crash": lambda: replace(good, args=["--no-such-flag"]),
    "unprobed": lambda: replace(good, args=["--no-such-flag"], ports=(), probes=Probes()),
    "probe": lambda: replace(good, ports=[Port(name="http", number=9090)]),
    "key": lambda: replace(good, environment={**good.environment, "LOG_LEVEL": variable}),
    "file": lambda: replace(good, mounts={"/etc/settings": volume}),
}
WebService("web", broken.get(case or "", lambda: good)())
