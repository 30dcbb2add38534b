"""ConfigMaps and Secrets that exist already, and that pods of this program read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal
from weakref import WeakKeyDictionary

import pulumi

from slipway.access.namespace import Namespace, place_of
from slipway.configuration.config_object import ConfigObject
from slipway.parts.arguments.checked import checked
from slipway.parts.names import check_data_key, check_object_name
from slipway.parts.place import Place
from slipway.parts.readings import Kind

_Known = dict[tuple[str, str], pulumi.ComponentResource]
_known: WeakKeyDictionary[asyncio.AbstractEventLoop, _Known] = WeakKeyDictionary()


@checked
def existing_secret(name: str, *, namespace: Namespace | pulumi.Input[str], keys: Sequence[str]) -> ConfigObject:
    """The Secret `name` in the namespace, which this program does not make, for its readers.

    - `keys`: the keys of it that this program reads. A reader of any other key is refused (ValueError).

    The program does not read the Secret; only the pods do, when they start. A change of it restarts no pods. Mounted
    files change within about a minute, variables at the next start. Raises ValueError for an invalid name or key.
    """
    return _existing("Secret", name, place_of(namespace), keys)


@checked
def existing_config(name: str, *, namespace: Namespace | pulumi.Input[str], keys: Sequence[str]) -> ConfigObject:
    """The ConfigMap `name` in the namespace, which this program does not make. See `existing_secret`."""
    return _existing("ConfigMap", name, place_of(namespace), keys)


def _existing(kind: Kind, name: str, place: Place, keys: Sequence[str]) -> ConfigObject:
    check_object_name(name, kind)
    if not keys:
        raise ValueError(f"{kind} {name!r} has no keys to read: name those that it has, as in keys=['password']")
    for key in keys:
        check_data_key(key, kind)
    return reader(kind, name, place, keys, _mark(kind, name, place))


def reader(
    kind: Kind,
    name: str,
    place: Place,
    keys: Sequence[str],
    resource: pulumi.Resource,
    *,
    rollout: Literal["live"] | None = None,
) -> ConfigObject:
    """A `ConfigObject` whose content this program does not make. Its readers are created after `resource`.

    With the rollout `live`, they can only mount it: the content changes while the process runs.
    """
    return ConfigObject(
        kind=kind,
        config=name,
        resource=resource,
        place=place,
        name=name,
        keys=frozenset(keys),
        rollout=rollout,
        digest=_undigested,
        history=0,
        versions=None,
    )


def _undigested(_: frozenset[str]) -> str:
    raise AssertionError("nobody follows the content of what somebody else makes")


def _mark(kind: Kind, name: str, place: Place) -> pulumi.ComponentResource:
    """A component without a cluster object. It tells the preview that the ConfigMap or Secret is made elsewhere.

    Each ConfigMap or Secret has one.
    """
    known = _known.setdefault(asyncio.get_running_loop(), {})
    called = f"{place.known}/{name}" if place.known else name
    if (kind, called) not in known:
        mark = pulumi.ComponentResource(f"slipway:index:Existing{kind}", called)
        mark.register_outputs({"kind": kind, "name": name, "namespace": place.name})
        known[kind, called] = mark
    return known[kind, called]
