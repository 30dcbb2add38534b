"""Declares ConfigMaps and Secrets for the components, with their rollout."""

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
    """Arguments that all ConfigMaps and Secrets share. Raises ValueError for a negative history.

    - `namespace`: the namespace of the object and of its readers. A pod cannot read from another namespace.
    - `rollout`: what a change of the content does.
      `versioned`: the object is immutable, and its name contains a digest of its content. A change makes a new object,
      its readers roll out with the new name, and former versions beyond `history` are deleted last.
      `restart`: the name is fixed, the object is updated in place, and its readers roll out.
      `live`: the name is fixed, the object is updated in place, and no pod restarts. Mounted files change within about
      a minute, while the process runs.
      `restart` and `live` need `enableConfigMapMutable` and `enableSecretMutable` of the Kubernetes provider. Without
      them, the provider deletes the object before it makes the new one.
    - `history`: how many former versions are kept for `kubectl rollout undo`, 0 or more. It applies to `versioned`. The
      Deployments that read the object keep as many revisions.
    - `labels`, `annotations`: all labels and annotations of the ConfigMap and the Secret. They do not count as content:
      a change of them neither changes a name nor restarts a pod.
    """

    namespace: Namespace | pulumi.Input[str]
    rollout: Rollout = "versioned"
    history: int = HISTORY
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        place_of(self.namespace)
        if self.history < 0:
            raise ValueError(f"history {self.history} is negative: give a number of former versions, or 0 for none")

    def check_name(self, name: str, what: str) -> None:
        """Raises ValueError for an invalid name, and for one that is too long to add the digits of a version."""
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
            metadata=metadata(version.name, place, args.labels, args.annotations),
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
            metadata=metadata(version.name, place, args.labels, args.annotations),
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
    """The metadata of an object, without fields that are None. In a Secret, the engine sees a None as a change."""
    made: ObjectMetaArgsDict = {"name": name, "namespace": place.name}
    if labels:
        made["labels"] = labels
    if annotations:
        made["annotations"] = annotations
    return made


def _parts(
    parent: pulumi.Resource, name: str, contents: Contents, make: Callable[[pulumi.Resource, Contents], ConfigObject]
) -> Part:
    """A function that makes an object with some of the keys, once for each set of keys.

    Readers of such an object roll out only when one of its own keys changes.
    """

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
