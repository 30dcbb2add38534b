"""A Go service of three pods. One stack builds its image, the others run what it has built."""

import pulumi

import slipway as sw

settings = pulumi.Config()

# The tag is a digest of app/: these sources are built once, and a former commit names its former image.
source = sw.ImageArgs(repository=f"{settings.require('registry')}/myapp", context="app")
image = sw.Image("myapp", source if settings.get_bool("build") else source.release())

namespace = sw.Namespace(f"myapp-{pulumi.get_stack()}")
pods = sw.DeploymentArgs(
    namespace=namespace,
    image=image.ref,
    ports=[sw.Port(name="http", number=8080)],
    probes=sw.Probes(readiness=sw.Probe(http="/readyz", period=1), liveness=sw.Probe(http="/livez")),
    replicas=3,
)
deployment = sw.Deployment("myapp-deployment", pods)
service = sw.Service("myapp-service", sw.ServiceArgs(workload=deployment, ports={"http": 80}))
sw.DisruptionBudget("myapp", sw.DisruptionBudgetArgs(workload=deployment))

pulumi.export("image", image.reference)
pulumi.export("url", service.url())
