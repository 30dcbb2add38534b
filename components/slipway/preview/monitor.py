"""Takes the engine's place: records every registration in full, and answers as far as values can be known.

The SDK's mock monitor stores resources by URN with their plain inputs, which is enough to test one class.
A preview also needs duplicates, parents, options, secrets and unknowns.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlparse

from google.protobuf import empty_pb2, struct_pb2
from pulumi import get_project, get_stack
from pulumi.runtime import get_config, mocks
from pulumi.runtime.proto import callback_pb2, engine_pb2, provider_pb2, resource_pb2
from pulumi.runtime.rpc import UNKNOWN

from slipway.preview.aliases import former_urns
from slipway.preview.bundles.registering import Bundles
from slipway.preview.model import COMPUTED, Diagnostic, Registration, Secret, Severity
from slipway.preview.project import is_users
from slipway.preview.state import check_object, let_clusters_answers_be_unknown, without_references
from slipway.preview.transforms import run_transforms
from slipway.preview.wire import decode_struct, encode

STACK_TYPE = "pulumi:pulumi:Stack"

_OPTIONS = (
    "protect",
    "dependencies",
    "provider",
    "deletedWith",
    "retainOnDelete",
    "deleteBeforeReplace",
    "ignoreChanges",
    "replaceOnChanges",
    "importId",
    "id",
    "version",
)

Calls = Callable[[str, dict[str, Any]], dict[str, Any] | None]
Told = Callable[[str, str], Mapping[str, Any]]


def _nothing(_urn: str, _type: str) -> Mapping[str, Any]:
    return {}


class Engine:
    """Receives the program's `pulumi.log` messages."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:
        severity = {
            engine_pb2.INFO: Severity.INFO,
            engine_pb2.WARNING: Severity.WARNING,
            engine_pb2.ERROR: Severity.ERROR,
        }
        if request.severity in severity:
            self.diagnostics.append(Diagnostic(severity=severity[request.severity], message=request.message.rstrip()))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: object) -> empty_pb2.Empty:
        return empty_pb2.Empty()


class Monitor(mocks.MockMonitor):
    """Records `registrations` in the order in which they arrive.

    - `root`: the project's folder. The sources of registrations are relative to it.
    - `preview`: if true, a value that only a deployment can know is unknown. If false, such a value is left out,
      and the id of every resource is its name.
    - `calls`: answers the program's calls of provider functions, by token and arguments. It returns None for an
      unknown answer.
    - `told`: the outputs of a resource that are known, by its URN and its type.
    """

    def __init__(self, *, root: Path, preview: bool, calls: Calls, told: Told = _nothing) -> None:
        super().__init__(_Nothing())
        self.registrations: list[Registration] = []
        self.bundles = Bundles(self)
        self.secret_keys: dict[tuple[str, str], list[str]] = {}
        self._root = root
        self._preview = preview
        self._calls = calls
        self._told = told
        self._answered: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._transforms: dict[str, list[callback_pb2.Callback]] = {"": []}
        self._parents: dict[str, str] = {}
        self._former: dict[str, tuple[str, ...]] = {}
        self._sources: dict[str, str | None] = {}
        if preview:
            let_clusters_answers_be_unknown()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """A URN as the engine makes it, with the types of all ancestors below the stack."""
        qualified = parent.split("::")[2] if parent else STACK_TYPE
        path = type_ if qualified == STACK_TYPE else f"{qualified}${type_}"
        return f"urn:pulumi:{get_stack()}::{get_project()}::{path}::{name}"

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        urn = self.make_urn(request.parent, request.type, request.name)
        self._transforms[urn] = list(cast("Any", request).transforms)
        self._parents[urn] = request.parent
        request = run_transforms(request, self._transforms_of(urn))
        if request.custom:
            for value in request.object.fields.values():
                without_references(value)
            if request.type.startswith("kubernetes:"):
                namespace = get_config("kubernetes:namespace") or "default"
                check_object(request.name, urn, request.object, self._provider(request.provider), namespace)
        inputs = decode_struct(request.object)
        if request.type == "kubernetes:core/v1:Secret":
            inputs |= self._unread(request.name, inputs)
        self._former[urn] = former_urns(request, self._former.get(request.parent, ()), self.make_urn)
        self.keep(request, urn, inputs=inputs, custom=request.custom, aliases=self._former[urn])
        self.bundles.construct(request, urn, request.object)
        id_ = "" if self._preview or not request.custom else request.importId or request.name
        self._answer(urn, id_, request.object)
        response = resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=request.object)
        for key, value in self._told(urn, request.type).items():
            response.object.fields[key].CopyFrom(encode(value))
        return response

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:
        urn = self.make_urn(request.parent, request.type, request.name)
        self.keep(request, urn, inputs=decode_struct(request.properties), custom=True, read=True)
        self._answer(urn, "", request.properties)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=request.properties)

    def ExistsResource(self, request: resource_pb2.ExistsResourceRequest) -> resource_pb2.ExistsResourceResponse:
        return resource_pb2.ExistsResourceResponse(unknown=True)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:
        outputs = decode_struct(request.outputs)
        self.bundles.check(request.urn, outputs)
        with self._lock:
            for place, registration in enumerate(self.registrations):
                if registration.urn == request.urn:
                    self.registrations[place] = replace(registration, outputs=outputs)
        self._answer(request.urn, "", request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:
        arguments = decode_struct(request.args)
        if request.tok == "pulumi:pulumi:getResource":
            return self._resource(str(arguments["urn"]))
        if request.tok == "pulumi:pulumi:readStackResourceOutputs":
            # A stack's own program asks for the outputs of its last deployment. In a preview there was none.
            nothing: dict[str, Any] = {"outputs": {}}
            return resource_pb2.ResourceInvokeResponse(**_returned(encode(nothing).struct_value))
        answer = self.bundles.answer(request.tok, arguments)
        if answer is None:
            answer = self._calls(request.tok, arguments)
        if answer is None:
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        return resource_pb2.ResourceInvokeResponse(**_returned(encode(answer).struct_value))

    def Call(self, request: resource_pb2.ResourceCallRequest) -> provider_pb2.CallResponse:
        answer = self._calls(request.tok, decode_struct(request.args))
        # A result with an unknown in it is unknown as a whole.
        return provider_pb2.CallResponse(**_returned(encode({"": UNKNOWN} if answer is None else answer).struct_value))

    def RegisterStackTransform(self, request: callback_pb2.Callback) -> empty_pb2.Empty:
        self._transforms[""].append(request)
        return empty_pb2.Empty()

    def _answer(self, urn: str, id_: str, state: struct_pb2.Struct) -> None:
        """Records the answer for a resource, for programs that use the resource as a value."""
        self._answered[urn] = {"urn": urn, "id": id_, "state": state}

    def _resource(self, urn: str) -> resource_pb2.ResourceInvokeResponse:
        if urn not in self._answered:
            failure = provider_pb2.CheckFailure(property="urn", reason=f"there is no resource {urn}")
            return resource_pb2.ResourceInvokeResponse(failures=[failure])
        found = struct_pb2.Struct()
        for name, value in self._answered[urn].items():
            if isinstance(value, str):
                found.fields[name].string_value = value
            else:
                found.fields[name].struct_value.CopyFrom(value)
        return resource_pb2.ResourceInvokeResponse(**_returned(found))

    def _provider(self, reference: str) -> dict[str, Any] | None:
        """The inputs of the resource's explicit provider; None if it has none."""
        answered = self._answered.get(reference.rpartition("::")[0])
        return decode_struct(answered["state"]) if answered else None

    def _transforms_of(self, urn: str) -> list[callback_pb2.Callback]:
        """The resource's own transforms, then its parents', then the stack's, in the engine's order."""
        found: list[callback_pb2.Callback] = []
        while urn:
            found += self._transforms.get(urn, [])
            urn = self._parents.get(urn, "")
        return found + self._transforms[""]

    def keep(self, request: Any, urn: str, *, inputs: dict[str, Any], custom: bool, **kind: Any) -> None:
        """Notes the resource; `kind` is `read`, `by_helm` or `aliases`."""
        options = {name: _plain(getattr(request, name)) for name in _OPTIONS if getattr(request, name, None)}
        registration = Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=custom,
            inputs=inputs,
            options=options,
            **kind,
            # No line of the program makes the children of a YAML file: the line that made their parent counts.
            source=self._source(request) or self._sources.get(request.parent),
        )
        with self._lock:
            self._sources[urn] = registration.source
            self.registrations.append(registration)

    def _unread(self, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """A Secret's unknown data by key."""
        return {
            field: {key: Secret(COMPUTED) for key in keys}
            for (owner, field), keys in self.secret_keys.items()
            if owner == name and inputs.get(field) == Secret(COMPUTED)
        }

    def _source(self, request: Any) -> str | None:
        """The innermost line of the project's own code that made the resource."""
        for frame in request.stackTrace.frames:
            file = Path(unquote(urlparse(str(frame.pc.uri)).path))
            if is_users(file, self._root):
                return f"{file.relative_to(self._root)}:{frame.pc.line}"
        return None


def _returned(answer: struct_pb2.Struct) -> dict[str, Any]:
    # `return` is a Python keyword, so it cannot be a keyword argument.
    return {"return": answer}


def _plain(value: Any) -> Any:
    if isinstance(value, (str, bool)):
        return COMPUTED if value == UNKNOWN else value
    return list(value)


class _Nothing(mocks.Mocks):
    """The base class wants mocks; this monitor never calls them."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise NotImplementedError

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError
