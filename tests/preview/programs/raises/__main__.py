"""Fails in a module of its own, after it has made a resource."""

import helper
import pulumi_kubernetes as k8s

k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
helper.replicas({"replicas": "many"})
