"""One chart with each of the chart classes."""

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.helm import v3, v4

shop = k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
password = pulumi.Output.secret("hunter2hunter2")

chart = v4.Chart(
    "four",
    chart="./shop",
    namespace="shop",
    values={"image": {"tag": "4"}, "password": password},
    value_yaml_files=[pulumi.FileAsset("values.yaml")],
)
bare = v4.Chart(
    "bare", chart="./shop", name="other", skip_crds=True, resource_prefix="b", values={"cache": {"enabled": False}}
)
older = v3.Chart(
    "three",
    v3.LocalChartOpts(path="./shop", namespace="shop", values={"replicas": 3}, skip_crd_rendering=True),
)
release = v3.Release("released", chart="./shop", namespace="shop", values={"password": password}, skip_crds=True)
remote = v4.Chart("far", chart="oci://registry.example.com/charts/far", version="1.0.0")

pulumi.export("release", release.name)
pulumi.export("kept", chart.resources.apply(lambda made: len(made or [])))
