"""What a pod reads from a ConfigMap or a Secret, and how it follows a change of it."""

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

    - `config`: what the program calls it; `name`: what the cluster does, an Output where a secret's digest is part
      of it.
    - `place`: the namespace that its readers have to be in.
    - `digest`: the digest of a set of its keys.
    - `history`: how many former versions are kept.
    """

    kind: Kind
    config: str
    resource: pulumi.Input[pulumi.Resource]
    place: Place
    name: pulumi.Input[str]
    rollout: Rollout
    digest: Digest
    history: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """That a pod reads these keys, and so has to follow their changes."""

    of: Readable
    keys: frozenset[str]
