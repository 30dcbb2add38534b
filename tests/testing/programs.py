"""Programs and resources that the tests of the kit share."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_kubernetes.core import v1 as core


def config_map(name: str = "one", namespace: str = "shop", **data: Any) -> core.ConfigMap:
    return core.ConfigMap(name, metadata={"name": name, "namespace": namespace}, data=data)


class Part(pulumi.ComponentResource):
    """Fails after it was registered if it is called `bad`; ends unless it is called `endless`."""

    def __init__(self, name: str, token: str = "slipway:index:Part") -> None:
        super().__init__(token, name)
        if name == "bad":
            raise ValueError("too late")
        if name != "endless":
            self.register_outputs({})
