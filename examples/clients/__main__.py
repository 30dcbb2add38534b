"""A Pod, a Service and a Deployment, and a Job that asks the Kubernetes API about them and rolls the Deployment."""

import pulumi
from pulumi_kubernetes.core.v1 import ContainerPatchArgsDict

import slipway as sw

HTTP = sw.Port(name="http", number=8080)
# Without this, Kubernetes asks a registry for `latest` at each start of a pod.
IF_ABSENT: ContainerPatchArgsDict = {"image_pull_policy": "IfNotPresent"}
settings = pulumi.Config()
namespace = sw.Namespace(f"clients-{pulumi.get_stack()}")
image = settings.require("image")

pod = sw.Pod("my-pod", sw.PodArgs(namespace=namespace, image=image, container_spec=IF_ABSENT))
deployment_args = sw.DeploymentArgs(
    namespace=namespace, image=image, ports=[HTTP], replicas=3, container_spec=IF_ABSENT
)
deployment = sw.Deployment("my-deployment", deployment_args)
service = sw.Service("my-service", sw.ServiceArgs(workload=deployment, ports={"http": 80}))

# What the client asks of the API server, and nothing else. No rule can name the objects of a list.
account = sw.ServiceAccount("client", sw.ServiceAccountArgs(namespace=namespace))
GRANTS = {
    "client-finds": sw.GrantArgs(to=account, may=["get"], what=[pod, service, deployment]),
    "client-rolls": sw.GrantArgs(to=account, may=["patch"], what=[deployment]),
    "client-waits": sw.GrantArgs(to=account, may=["list"], what=["pods", "replicasets.apps"]),
    "client-watches": sw.GrantArgs(to=account, may=["list", "watch"], what=["events"]),
}
grants = [sw.Grant(name, args) for name, args in GRANTS.items()]

client = sw.Image("client", sw.ImageArgs(repository=f"{settings.require('registry')}/client", context="client"))
tour = sw.JobArgs(namespace=namespace, image=client.ref, args=["tour"], service_account=account, retries=0)
sw.Job("tour", tour, pulumi.ResourceOptions(depends_on=[pod, service, deployment, *grants]))
pulumi.export("service", service.url())
