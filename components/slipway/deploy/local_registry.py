"""The registry that a local cluster offers, such as kind, k3d, minikube and `make cluster`.

The cluster names it in a ConfigMap in kube-public:
https://github.com/kubernetes/enhancements/tree/master/keps/sig-cluster-lifecycle/generic/1755-communicating-a-local-registry
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml

from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.rendered import Stack
from slipway.deploy.target import CONTEXT, target

_NAME = "local-registry-hosting"
_OFFER = "localRegistryHosting.v1"


def with_local_registry(stack: Stack) -> tuple[Stack, str | None]:
    """The stack with its cluster's registry as `<project>:registry`, and the registry's host.

    Returns the unchanged stack and None if the stack names a registry, names no cluster, or its cluster offers no
    registry. Raises DeployError for an offer that cannot be read.
    """
    key = f"{stack.project.name}:registry"
    if key in stack.config.values or CONTEXT not in stack.config.values:
        return stack, None
    host = _host(target(stack))
    if not host:
        return stack, None
    return replace(stack, config=replace(stack.config, values={**stack.config.values, key: host})), host


def _host(kubectl: Kubectl) -> str | None:
    for found in kubectl.get("configmap", _NAME, "--namespace", "kube-public"):
        try:
            offer: Any = yaml.safe_load(found["data"][_OFFER])
            return str(offer["host"])
        except (yaml.YAMLError, KeyError, TypeError):
            raise DeployError(
                f"ConfigMap kube-public/{_NAME} of {kubectl.context} names no `host` under {_OFFER}: mend it, "
                f"or state the registry in the stack"
            ) from None
    return None
