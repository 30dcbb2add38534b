"""One Kustomize folder with both classes."""

import pulumi_kubernetes as k8s
from pulumi_kubernetes.kustomize import v2 as kustomize

shop = k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
blue = kustomize.Directory("blue", directory="overlay", namespace="shop")
green = k8s.kustomize.Directory("green", directory="overlay", resource_prefix="green")
