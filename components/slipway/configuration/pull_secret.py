"""Credentials with which the nodes pull private images."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.configuration.objects import metadata
from slipway.parts.arguments.annotations import WITHHELD
from slipway.parts.arguments.checked import checked
from slipway.parts.digests import to_base64
from slipway.parts.names import check_name

_DOCKER_HUB = "https://index.docker.io/v1/"
"""The key of Docker Hub's credentials. Image names write `docker.io` or no host instead."""


@checked
@dataclass(frozen=True, kw_only=True)
class Login:
    """A user name, and a password or token. Both may be Outputs. Neither appears in errors or previews."""

    username: Annotated[pulumi.Input[str], WITHHELD]
    password: Annotated[pulumi.Input[str], WITHHELD]


@checked
@dataclass(frozen=True, kw_only=True)
class PullSecretArgs:
    """Arguments of a `PullSecret`. Raises ValueError for an invalid registry.

    - `namespace`: the namespace of the pods that run the images.
    - `registries`: the login for each registry. A registry is written as in image names: `ghcr.io`,
      `registry.example.com:5000`, or with a path for the images below it, `registry.example.com/shop`. Docker Hub is
      `docker.io`.
    - `labels`, `annotations`: of the Secret.
    https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
    """

    namespace: Namespace | pulumi.Input[str]
    registries: Mapping[str, Login]
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        place_of(self.namespace)
        if not self.registries:
            raise ValueError("registries are empty: give a Login by registry, as in {'ghcr.io': Login(…)}")
        for registry in self.registries:
            _check_registry(registry)


def _check_registry(registry: str) -> None:
    if "://" in registry or registry.endswith("/"):
        bare = registry.partition("://")[2] or registry
        raise ValueError(f"registry {registry!r} is not as images name it: did you mean {bare.rstrip('/')!r}?")
    host = registry.partition("/")[0]
    if not registry.isprintable() or " " in registry or not ("." in host or ":" in host or host == "localhost"):
        raise ValueError(f"registry {registry!r} names no host: give one as images do, such as 'ghcr.io'")


@checked
class PullSecret(pulumi.ComponentResource):
    """A Secret of type `kubernetes.io/dockerconfigjson`, named exactly `name`.

    Give it to a workload as `image_pull_secrets=[pull_secret.name]`. The workload is then created after it. When the
    credentials change, the name stays and no pod restarts: the nodes read the credentials at each pull.
    """

    name: pulumi.Output[str]

    def __init__(self, name: str, args: PullSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "pull secret")
        super().__init__("slipway:index:PullSecret", name, None, opts)
        place = place_of(args.namespace)
        self.resource = core.Secret(
            name,
            metadata=metadata(name, place, args.labels, args.annotations),
            type="kubernetes.io/dockerconfigjson",
            data={".dockerconfigjson": _docker_config(args.registries)},
            opts=place.child(self),
        )
        # A URN is known in a preview and resolves once its object exists.
        self.name = self.resource.urn.apply(lambda _: name)
        self.register_outputs({"name": self.name})


def _docker_config(registries: Mapping[str, Login]) -> pulumi.Output[str]:
    logins = {registry: {"username": one.username, "password": one.password} for registry, one in registries.items()}

    def written(known: Any) -> str:
        auths = {
            _DOCKER_HUB if registry == "docker.io" else registry: {
                **one,
                "auth": to_base64(f"{one['username']}:{one['password']}"),
            }
            for registry, one in sorted(known.items())
        }
        return to_base64(json.dumps({"auths": auths}))

    return pulumi.Output.secret(logins).apply(written)
