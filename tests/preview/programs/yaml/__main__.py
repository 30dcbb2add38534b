"""YAML files, text and objects, with each of the classes that take them."""

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.yaml import v2 as yaml

shop = k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
pinned = k8s.Provider("pinned", namespace="pinned")

file = yaml.ConfigFile("odd", file="manifests/odd.yaml")
group = yaml.ConfigGroup(
    "group",
    files=["manifests/c*.yaml"],
    yaml="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: text}\ndata: {a: b}\n",
    objs=[{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "given"}, "stringData": {"key": "plaintext"}}],
    skip_await=True,
    resource_prefix="g",
    opts=pulumi.ResourceOptions(provider=pinned),
)
older = k8s.yaml.ConfigFile("older", file="manifests/older.yaml", resource_prefix="first")

pulumi.export("objects", file.resources.apply(lambda made: len(made or [])))
