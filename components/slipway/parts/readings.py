"""ConfigMaps and Secrets that pods read, and how pods follow their changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi

from slipway.parts.digests import Digest
from slipway.parts.place import Place

Kind = Literal["ConfigMap", "Secret"]
Rollout = Literal["versioned", "restart", "live"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Readable:
    """A ConfigMap or a Secret.

    - `config`: its name in the program. `name`: its name in the cluster, an Output if a secret's digest is part of it.
    - `place`: the namespace of the object and of its readers.
    - `resource`: the resource that makes it. Its readers depend on this.
    - `rollout`: how its readers follow a change. None if this program does not make its content: then they do not.
    - `digest`: a function from a set of its keys to their digest.
    - `history`: how many former versions are kept.
    """

    kind: Kind
    config: str
    resource: pulumi.Input[pulumi.Resource]
    place: Place
    name: pulumi.Input[str]
    rollout: Rollout | None
    digest: Digest
    history: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The keys of an object that a pod reads. The pod follows changes of these keys."""

    of: Readable
    keys: frozenset[str]
