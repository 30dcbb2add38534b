"""Registers what the bundles of a program make: YAML files, Kustomize folders and Helm charts.

The newer classes (`yaml.v2`, `kustomize.v2`, `helm.v4`) are components that the provider builds, and the
provider registers their children. The older classes register the children in the program; they only ask the
provider for the objects. A `helm.v3.Release` has no children in the engine, because Helm installs its objects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from google.protobuf import struct_pb2
from pulumi import Config
from pulumi.runtime.proto import resource_pb2

from slipway.preview.bundles.release import RELEASE
from slipway.preview.bundles.rendering import answered, incomplete, rendered
from slipway.preview.manifests import made_name
from slipway.preview.model import Diagnostic, Registration
from slipway.preview.wire import decode_struct, encode, reference

_ASKING = {
    "kubernetes:yaml:decode": ("kubernetes:yaml:ConfigFile", "kubernetes:yaml:ConfigGroup"),
    "kubernetes:kustomize:directory": ("kubernetes:kustomize:Directory",),
    "kubernetes:helm:template": ("kubernetes:helm.sh/v3:Chart",),
}
"""The classes that call each provider function."""
_OLDER = {type_ for types in _ASKING.values() for type_ in types}


class Host(Protocol):
    """Registers the resources of a program."""

    registrations: list[Registration]

    def make_urn(self, parent: str, type_: str, name: str) -> str: ...

    def RegisterResource(  # noqa: N802 (the protocol's name)
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse: ...

    def keep(self, request: Any, urn: str, *, inputs: dict[str, Any], custom: bool, **kind: Any) -> None: ...


class Bundles:
    """The bundles of one program."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._said: list[Diagnostic] = []
        self._asked: list[tuple[str, list[Diagnostic]]] = []

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What could not be rendered, and what is wrong."""
        found = list(self._said)
        for token, said in self._asked:
            # A call does not say which bundle it is for. If only one bundle can make this call, it is that one.
            asking = {one.source for one in self._host.registrations if one.type in _ASKING[token]}
            found += [replace(each, source=asking.pop() if len(asking) == 1 else None) for each in said]
        # Bundles are rendered in parallel and end in any order.
        return sorted(found, key=_place)

    def construct(self, request: resource_pb2.RegisterResourceRequest, urn: str, state: struct_pb2.Struct) -> None:
        """Registers the children that a provider builds or Helm installs, and adds them to the bundle's state.

        Does nothing for a resource that is not a bundle.
        """
        if not request.remote and request.type != RELEASE:
            return
        if request.type == RELEASE and not state.fields["name"].string_value:
            state.fields["name"].string_value = made_name(request.name, urn)
        provider = request.provider or request.providers.get("kubernetes", "")
        source = next((one.source for one in self._host.registrations if one.urn == urn), None)
        made = rendered(request.type, request.name, state, self._namespace(provider), source)
        self._said += made.diagnostics
        references: list[Any] = []
        for child in made.children:
            asked = resource_pb2.RegisterResourceRequest(
                type=child.type,
                name=child.name,
                parent=urn,
                custom=True,
                provider=provider,
                object=encode(child.body).struct_value,
            )
            if request.remote:
                references.append(reference(self._host.RegisterResource(asked).urn))
            else:
                # The engine has no such resource, so no transform of the program sees it.
                place = self._host.make_urn(urn, child.type, child.name)
                self._host.keep(asked, place, inputs=decode_struct(asked.object), custom=True, by_helm=True)
        if request.remote:
            state.fields["resources"].CopyFrom(encode(references))

    def answer(self, token: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """The provider's answer to a bundle of an older class; None for any other call."""
        if not (types := _ASKING.get(token)):
            return None
        objects, said = answered(token, types[0].rpartition(":")[2], arguments)
        self._asked.append((token, said))
        return {"result": objects}

    def check(self, urn: str, outputs: dict[str, Any]) -> None:
        """Reports a bundle of an older class that never called the provider because an argument is unknown."""
        if not isinstance(outputs.get("resources"), str) or any(one.parent == urn for one in self._host.registrations):
            return
        for one in self._host.registrations:
            if one.urn == urn and one.type in _OLDER:
                told = f"{one.type.rpartition(':')[2]} {one.name}"
                why = "an argument is not known before a deployment, and so nothing that is made of it is"
                self._said.append(incomplete(told, why, one.source))

    def _namespace(self, provider: str) -> str:
        """The provider's default namespace. A kubeconfig does not count offline."""
        urn = provider.rpartition("::")[0]
        stated = next((one.inputs.get("namespace") for one in self._host.registrations if one.urn == urn), None)
        return str(stated or ("" if provider else Config("kubernetes").get("namespace")) or "default")


def _place(said: Diagnostic) -> tuple[str, int, str]:
    file, _, line = (said.source or "").rpartition(":")
    return file, int(line or 0), said.message
