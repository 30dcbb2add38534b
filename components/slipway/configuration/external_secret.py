"""A Secret whose content is in an external store. The External Secrets operator fetches it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

from slipway.access.namespace import Namespace, place_of
from slipway.configuration.config_object import ConfigObject
from slipway.configuration.existing import reader
from slipway.parts.arguments.checked import checked
from slipway.parts.custom_resource import custom_resource
from slipway.parts.merge import stated
from slipway.parts.names import check_data_key, check_name

_DURATION = re.compile(r"0|([0-9]+(\.[0-9]+)?(ms|s|m|h))+")


@checked
@dataclass(frozen=True, kw_only=True)
class Remote:
    """The place of one value in the store.

    - `key`: the name of the entry.
    - `property`: a property of the entry. None means the whole entry.
    - `version`: a version of the entry. None means the latest.
    """

    key: str
    property: str | None = None
    version: str | None = None


@checked
@dataclass(frozen=True, kw_only=True)
class ExternalSecretArgs:
    """Arguments of an `ExternalSecret`. Raises ValueError for an invalid key or duration.

    - `namespace`: the namespace of its readers.
    - `store`: the name of the store.
    - `store_kind`: `SecretStore` for a store in the namespace, `ClusterSecretStore` for one of the cluster.
    - `keys`: for each key of the Secret, its place in the store: `{"PASSWORD": "shop/database"}`, or
      `{"PASSWORD": Remote(key="shop/database", property="password")}`.
    - `refresh`: how often the operator asks the store, as in "1h" or "90s". "0" means only once.
    - `labels`, `annotations`: of the ExternalSecret.
    - `spec`: raw fields of the ExternalSecret's spec, in camelCase, merged last (RFC 7386).
    https://external-secrets.io/latest/api/externalsecret/
    """

    namespace: Namespace | pulumi.Input[str]
    store: str
    keys: Mapping[str, Remote | str]
    store_kind: Literal["SecretStore", "ClusterSecretStore"] = "SecretStore"
    refresh: str = "1h"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        place_of(self.namespace)
        if not self.keys:
            raise ValueError("keys are empty: say where each is kept, as in {'PASSWORD': 'shop/database'}")
        for key in self.keys:
            check_data_key(key, "secret")
        if not _DURATION.fullmatch(self.refresh):
            raise ValueError(f"refresh {self.refresh!r} is no duration: write it as in '1h', '90s', or '0' for once")


@checked
class ExternalSecret(pulumi.ComponentResource):
    """An ExternalSecret named exactly `name`. The operator makes a Secret of the same name from it.

    Workloads read `external.secret`. Their pods start when the operator has made the Secret. A later change restarts no
    pods, and mounted files change within about a minute. The cluster needs the operator, version 0.17 or later.
    """

    secret: ConfigObject

    def __init__(self, name: str, args: ExternalSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "external secret")
        super().__init__("slipway:index:ExternalSecret", name, None, opts)
        place = place_of(args.namespace)
        spec = {
            "refreshInterval": args.refresh,
            "secretStoreRef": {"name": args.store, "kind": args.store_kind},
            "target": {"name": name},
            "data": [{"secretKey": key, "remoteRef": _remote(where)} for key, where in args.keys.items()],
        }
        self.resource = custom_resource(
            self,
            "external-secrets.io/v1",
            "ExternalSecret",
            place=place,
            labels=args.labels,
            annotations=args.annotations,
            spec=spec,
            raw=args.spec,
        )
        self.secret = reader("Secret", name, place, list(args.keys), self.resource)
        self.register_outputs(self.secret.outputs)


def _remote(where: Remote | str) -> dict[str, str]:
    if isinstance(where, str):
        return {"key": where}
    return stated({"key": where.key, "property": where.property, "version": where.version})
