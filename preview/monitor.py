"""Takes the engine's place: keeps every registration whole, and answers as far as can be known.

The SDK's own mock monitor keeps resources by URN and their plain inputs, which is enough for a test
of one class. A preview also needs duplicates, parents, options, what is secret and what is unknown.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlparse

import yaml
from google.protobuf import empty_pb2, struct_pb2
from pulumi import get_project, get_stack
from pulumi.runtime import mocks
from pulumi.runtime.proto import callback_pb2, engine_pb2, provider_pb2, resource_pb2
from pulumi.runtime.rpc import UNKNOWN

from preview.model import COMPUTED, Diagnostic, Registration, Secret, Severity
from preview.project import is_users
from preview.transforms import run_transforms
from preview.wire import decode, decode_struct, encode

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
    "version",
)

_SERVER_SET = ("uid", "resourceVersion", "creationTimestamp", "generation")
_SERVER_SET_SPEC = {"Service": ("clusterIP", "clusterIPs"), "PersistentVolumeClaim": ("volumeName",)}

Calls = Callable[[str, dict[str, Any]], dict[str, Any]]


class Engine:
    """Where a program's `pulumi.log` goes."""

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
    """Keeps `registrations` in the order in which they arrive.

    - `root`: the project's folder; the sources of registrations are told relative to it.
    - `preview`: whether what only a deployment can know is unknown; else it is left out, and every
      resource has its name for an id.
    - `calls`: answers the program's calls of provider functions, by their token and arguments.
    """

    def __init__(self, *, root: Path, preview: bool, calls: Calls) -> None:
        super().__init__(_Nothing())
        self.registrations: list[Registration] = []
        self.secret_keys: dict[tuple[str, str], list[str]] = {}
        self._root = root
        self._preview = preview
        self._calls = calls
        self._lock = threading.Lock()
        self._transforms: dict[str, list[callback_pb2.Callback]] = {"": []}
        self._parents: dict[str, str] = {}
        self._sources: dict[str, str | None] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine makes them, with the types of all ancestors below the stack."""
        qualified = parent.split("::")[2] if parent else STACK_TYPE
        path = type_ if qualified == STACK_TYPE else f"{qualified}${type_}"
        return f"urn:pulumi:{get_stack()}::{get_project()}::{path}::{name}"

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        urn = self.make_urn(request.parent, request.type, request.name)
        self._transforms[urn] = list(cast("Any", request).transforms)
        self._parents[urn] = request.parent
        request = run_transforms(request, self._transforms_of(urn))
        state = self._state(request, urn)
        inputs = decode_struct(request.object)
        if request.type == "kubernetes:core/v1:Secret":
            inputs |= self._unread(request.name, inputs)
        self._keep(request, urn, inputs=inputs, custom=request.custom)
        id_ = "" if self._preview or not request.custom else request.importId or request.name
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=state)

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:
        urn = self.make_urn(request.parent, request.type, request.name)
        self._keep(request, urn, inputs=decode_struct(request.properties), custom=True, read=True)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=request.properties)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:
        outputs = decode_struct(request.outputs)
        with self._lock:
            for place, registration in enumerate(self.registrations):
                if registration.urn == request.urn:
                    self.registrations[place] = replace(registration, outputs=outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:
        arguments = decode_struct(request.args)
        if request.tok == "kubernetes:yaml:decode":
            answer: dict[str, Any] = {"result": [body for body in yaml.safe_load_all(str(arguments["text"])) if body]}
        elif request.tok == "pulumi:pulumi:readStackResourceOutputs":
            # A stack's own program asks what it was left with; here it was never deployed.
            answer = {"outputs": {}}
        else:
            answer = self._calls(request.tok, arguments)
        return resource_pb2.ResourceInvokeResponse(**_returned(answer))

    def Call(self, request: resource_pb2.ResourceCallRequest) -> provider_pb2.CallResponse:
        return provider_pb2.CallResponse(**_returned(self._calls(request.tok, decode_struct(request.args))))

    def RegisterStackTransform(self, request: callback_pb2.Callback) -> empty_pb2.Empty:
        self._transforms[""].append(request)
        return empty_pb2.Empty()

    def _transforms_of(self, urn: str) -> list[callback_pb2.Callback]:
        """The resource's own transforms, then its parents', then the stack's: the engine's order."""
        found: list[callback_pb2.Callback] = []
        while urn:
            found += self._transforms.get(urn, [])
            urn = self._parents.get(urn, "")
        return found + self._transforms[""]

    def _keep(self, request: Any, urn: str, *, inputs: dict[str, Any], custom: bool, read: bool = False) -> None:
        options = {name: _plain(getattr(request, name)) for name in _OPTIONS if getattr(request, name, None)}
        registration = Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=custom,
            inputs=inputs,
            options=options,
            read=read,
            # What the SDK makes of a file, it makes on no line of the program but its parent's.
            source=self._source(request) or self._sources.get(request.parent),
        )
        with self._lock:
            self._sources[urn] = registration.source
            self.registrations.append(registration)

    def _unread(self, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """A Secret's unknown data, key by key."""
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

    def _state(self, request: resource_pb2.RegisterResourceRequest, urn: str) -> struct_pb2.Struct:
        """What the resource is after the registration: its inputs, and what is added to them."""
        state = struct_pb2.Struct()
        state.CopyFrom(request.object)
        if not request.type.startswith("kubernetes:") or "kind" not in state.fields:
            return state
        if "metadata" in state.fields and not isinstance(decode(state.fields["metadata"]), dict):
            # Unknown or secret as a whole: there is nothing that could be added to.
            return state
        metadata = state.fields["metadata"].struct_value
        if "name" not in metadata.fields and "generateName" not in metadata.fields:
            # The provider names what has no name: the logical name and random digits. These are as
            # good as any, and the same in every run.
            metadata.fields["name"].string_value = f"{request.name}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"
            request.object.fields["metadata"].struct_value.CopyFrom(metadata)
        if self._preview:
            for field in _SERVER_SET:
                metadata.fields[field].string_value = UNKNOWN
            for field in _SERVER_SET_SPEC.get(request.type.rpartition(":")[2], ()):
                if field not in state.fields["spec"].struct_value.fields:
                    state.fields["spec"].struct_value.fields[field].string_value = UNKNOWN
        return state


def _returned(answer: dict[str, Any]) -> dict[str, Any]:
    # `return` is no name that Python lets be written.
    return {"return": encode(answer).struct_value}


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, bool)) else list(value)


class _Nothing(mocks.Mocks):
    """What the base class wants and this one never asks."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise NotImplementedError

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError
