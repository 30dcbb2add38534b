"""A program without mistakes that uses plain pulumi-kubernetes in many ways."""

import subprocess
from pathlib import Path
from typing import Any, cast

import naming
import pulumi
import pulumi_docker as docker
import pulumi_kubernetes as k8s

config = pulumi.Config()
pulumi.require_pulumi_version(">=3.0.0")


def add_team(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if not args.type_.startswith("kubernetes:core/v1:"):
        return None
    metadata = {**cast("dict[str, Any]", args.props["metadata"]), "annotations": {"example.com/team": "web"}}
    return pulumi.ResourceTransformResult({**args.props, "metadata": metadata}, args.opts)


pulumi.runtime.register_resource_transform(add_team)
pulumi.log.info("a word to the log")
print("a word to standard output")  # noqa: T201
subprocess.run(["echo", "a word from a child process"], check=True)

namespace = k8s.core.v1.Namespace(
    "shop", metadata={"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
)
also = k8s.core.v1.Namespace("from-config", metadata={"name": "from-config"})
third = k8s.core.v1.Namespace("from-provider", metadata={"name": "from-provider"})
provider = k8s.Provider("pinned", namespace="from-provider")


class Shop(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("clean:index:Shop", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.settings = k8s.core.v1.ConfigMap(
            name, metadata={"namespace": namespace.metadata.name}, data={"greeting": "hello"}, opts=inside
        )
        self.deployment = k8s.apps.v1.Deployment(
            name,
            metadata={"name": "web", "namespace": "shop"},
            spec={
                "replicas": config.require_int("replicas"),
                "selector": {"match_labels": naming.LABELS},
                "template": {
                    "metadata": {"labels": naming.LABELS},
                    "spec": {
                        "automount_service_account_token": False,
                        "security_context": {
                            "run_as_non_root": True,
                            "run_as_user": 65532,
                            "seccomp_profile": {"type": "RuntimeDefault"},
                        },
                        "containers": [
                            {
                                "name": "web",
                                "image": "registry.example.com/web:1.2.3",
                                "env_from": [{"config_map_ref": {"name": self.settings.metadata.name}}],
                                "ports": [{"name": "http", "container_port": 8080}],
                                "readiness_probe": {"http_get": {"path": "/readyz", "port": "http"}},
                                "liveness_probe": {"http_get": {"path": "/livez", "port": "http"}},
                                "resources": {
                                    "requests": {"cpu": "100m", "memory": "64Mi"},
                                    "limits": {"memory": "64Mi"},
                                },
                                "security_context": {
                                    "allow_privilege_escalation": False,
                                    "capabilities": {"drop": ["ALL"]},
                                    "read_only_root_filesystem": True,
                                },
                            }
                        ],
                    },
                },
            },
            opts=inside,
        )
        self.service = k8s.core.v1.Service(
            name,
            metadata={"name": "web", "namespace": "shop"},
            spec={"selector": naming.LABELS, "ports": [{"name": "http", "port": 80, "target_port": "http"}]},
            opts=inside,
        )
        self.register_outputs({"deployment": self.deployment.metadata.name})


shop = Shop("web")
k8s.core.v1.ConfigMap("by-config", metadata={"name": "by-config"}, data={"a": "b"})
k8s.core.v1.ConfigMap(
    "by-provider", metadata={"name": "by-provider"}, data={"a": "b"}, opts=pulumi.ResourceOptions(provider=provider)
)
k8s.yaml.ConfigFile("file", file=str(Path(__file__).parent / "objects.yaml"))
k8s.apiextensions.CustomResource(
    "widget",
    api_version="example.com/v1",
    kind="Widget",
    metadata={"name": "widget", "namespace": "shop"},
    spec={"size": 3, "ratio": 1.5},
)
# In the tree without a manifest: a chart, a registry or somebody else makes these.
k8s.core.v1.ServiceAccountPatch("patched", metadata={"name": "default", "namespace": "shop"})
k8s.helm.v3.Release("database", chart="postgresql", name="database")
docker.Image("image", image_name="registry.example.com/web:1.2.3", build={"context": "."}, skip_push=True)
existing = k8s.core.v1.ConfigMap.get("existing", "kube-system/cluster-info")
network = pulumi.StackReference("organization/network/dev")

pulumi.export("zone", network.get_output("zone"))
pulumi.export("existing", existing.data)
pulumi.export("uid", pulumi.Output.concat("uid ", namespace.metadata.uid))
pulumi.export("address", shop.service.spec.cluster_ip)
pulumi.export("generated", shop.settings.metadata.name)
pulumi.export("where", [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()])
pulumi.export("dry", pulumi.runtime.is_dry_run())
pulumi.export("folder", Path.cwd().name)
