"""A ConfigMap and a Secret as our components declare them, for their readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.configuration.config_object import ConfigObject, Part
from slipway.configuration.contents import Contents
from slipway.configuration.versions import HISTORY, Declare, Made, Version, versioned
from slipway.parts.arguments.checked import checked
from slipway.parts.digests import DIGITS, Digest, digester, quick_digest, slow_digest, to_base64
from slipway.parts.names import LONGEST, check_name, data_key
from slipway.parts.place import Place
from slipway.parts.readings import Kind, Rollout
from slipway.parts.secrecy import in_clear

if TYPE_CHECKING:
    from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict


@checked
@dataclass(frozen=True, kw_only=True)
class ObjectArgs:
    """Where a ConfigMap or a Secret is, and what a change of it does. Raises ValueError for a negative history.

    - `namespace`: where its readers live too; a pod reads nothing of another namespace.
    - `rollout`: what a change does.
      `versioned`: the object's name carries a digest of its content and the object is immutable; a
      change makes a new one, its readers roll to it, and the old one is deleted last.
      `restart`: the name is fixed, the object is updated in place, and its readers roll.
      `live`: the name is fixed, the object is updated in place, and nothing restarts: mounted files
      change under the running process within about a minute.
      The last two want the Kubernetes provider's `enableConfigMapMutable` and `enableSecretMutable`;
      without them the provider deletes the object before it makes the new one.
    - `history`: how many former versions stay for `kubectl rollout undo`, 0 or more, where they are
      `versioned`: the Deployments that read it keep as many revisions.
    - `labels`: of the ConfigMap and the Secret, and all that they have: a `WebService` says here
      whose they are. They are no content: a change of them names nothing anew and restarts nothing.
    """

    namespace: Namespace | pulumi.Input[str]
    rollout: Rollout = "versioned"
    history: int = HISTORY
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        place_of(self.namespace)
        if self.history < 0:
            raise ValueError(f"history {self.history} is negative: give a number of former versions, or 0 for none")

    def check_name(self, name: str, what: str) -> None:
        """Refuses a name that leaves no room for the digits of a version. Raises ValueError."""
        check_name(name, what, longest=LONGEST - (DIGITS + 1 if self.rollout == "versioned" else 0))


def config_map(parent: pulumi.Resource, name: str, args: ObjectArgs, contents: Contents) -> ConfigObject:
    shown = {
        key: value if isinstance(value, bytes) else in_clear(value, f"config {name!r} key {key!r}")
        for key, value in contents.items()
    }
    text = {data_key(key): value for key, value in shown.items() if not isinstance(value, bytes)}
    binary = {data_key(key): to_base64(value) for key, value in shown.items() if isinstance(value, bytes)}

    place = place_of(args.namespace)

    def declare(version: Version) -> core.ConfigMap:
        return core.ConfigMap(
            version.resource,
            metadata=metadata(version.name, place, args.labels),
            data=None if version.former else text or None,
            binary_data=None if version.former else binary or None,
            immutable=True if args.rollout == "versioned" else None,
            opts=version.options(place, parent),
        )

    return _object(
        parent,
        name,
        args,
        kind="ConfigMap",
        keys=frozenset(contents),
        digest=digester(shown, quick_digest),
        declare=declare,
        part=_parts(parent, name, contents, lambda owner, some: config_map(owner, name, args, some)),
    )


def secret(
    parent: pulumi.Resource, name: str, args: ObjectArgs, contents: Contents, *, type_: str | None = None
) -> ConfigObject:
    hidden = {key: pulumi.Output.secret(value) for key, value in contents.items()}
    data = {data_key(key): value.apply(to_base64) for key, value in hidden.items()}
    owner = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"

    place = place_of(args.namespace)

    def declare(version: Version) -> core.Secret:
        return core.Secret(
            version.resource,
            metadata=metadata(version.name, place, args.labels),
            type=type_,
            data=None if version.former else data,
            immutable=True if args.rollout == "versioned" else None,
            opts=version.options(place, parent),
        )

    return _object(
        parent,
        name,
        args,
        kind="Secret",
        keys=frozenset(contents),
        digest=digester(hidden, lambda content: slow_digest(content, salt=owner)),
        declare=declare,
        part=_parts(parent, name, contents, lambda owner, some: secret(owner, name, args, some)),
    )


def metadata(
    name: pulumi.Input[str], place: Place, labels: Mapping[str, str], annotations: Mapping[str, str] | None = None
) -> ObjectMetaArgsDict:
    """Without a None: in a Secret, the engine takes one for a change each time."""
    made: ObjectMetaArgsDict = {"name": name, "namespace": place.name}
    if labels:
        made["labels"] = labels
    if annotations:
        made["annotations"] = annotations
    return made


def _parts(
    parent: pulumi.Resource, name: str, contents: Contents, make: Callable[[pulumi.Resource, Contents], ConfigObject]
) -> Part:
    """Makes an object of some of the keys, once a set: its readers roll when one of these changes, and for no other."""

    @cache
    def part(keys: frozenset[str]) -> ConfigObject:
        chosen = sorted(keys)
        options = pulumi.ResourceOptions(parent=parent)
        owner = pulumi.ComponentResource("slipway:index:ConfigPart", f"{name}+{'+'.join(chosen)}", None, options)
        made = make(owner, {key: contents[key] for key in chosen})
        owner.register_outputs(made.outputs)
        return made

    return part


def _object(
    parent: pulumi.Resource,
    name: str,
    args: ObjectArgs,
    *,
    kind: Kind,
    keys: frozenset[str],
    digest: Digest,
    declare: Declare,
    part: Part,
) -> ConfigObject:
    def reader(
        object_name: pulumi.Input[str], resource: pulumi.Input[Made], versions: pulumi.Output[list[str]] | None = None
    ) -> ConfigObject:
        return ConfigObject(
            kind=kind,
            resource=resource,
            config=name,
            place=place_of(args.namespace),
            name=object_name,
            keys=keys,
            rollout=args.rollout,
            digest=digest,
            history=args.history,
            versions=versions,
            part=part if args.rollout == "versioned" else None,
        )

    if args.rollout != "versioned":
        return reader(name, declare(Version(resource=name, name=name)))
    version = digest(keys)
    object_name = f"{name}-{version}" if isinstance(version, str) else pulumi.Output.concat(name, "-", version)
    made = versioned(parent, object_name, args.history, kind, declare)
    return reader(object_name, made.resource, made.names)
