"""Runs a program to its end in place of the engine, and hands over what it registered."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import Settings, configure

from slipway.parts.arguments.refusal import Refusal
from slipway.preview.manifests import manifests
from slipway.preview.model import Diagnostic, Manifest, Registration
from slipway.preview.monitor import STACK_TYPE, Engine, Monitor
from slipway.preview.redact import revealed
from slipway.preview.wire import encode

ROOT = Path(__file__).parent.parent
Program = Callable[[], object]
States = Mapping[str, Mapping[str, Any]]
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class Recording:
    """All that a program registered and said, complete: what is not here never came.

    `aliases` are the former names, types or URNs that resources are told to have had, by their URN.
    """

    registrations: list[Registration]
    diagnostics: list[Diagnostic]
    aliases: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])

    def one(self, type_: str, name: str | None = None) -> Registration:
        """The only registration of a type whose token ends so (and of this name)."""
        found = [one for one in self.registrations if one.type.endswith(type_) and name in (None, one.name)]
        assert len(found) == 1, f"{len(found)} registrations of {type_} {name or ''}: {[one.urn for one in found]}"
        return found[0]

    def count(self, type_: str) -> int:
        return sum(one.type.endswith(type_) for one in self.registrations)

    def below(self, urn: str) -> list[Registration]:
        """The registrations whose parent is `urn`, or whose parent's parent is, and so on."""
        children = [one for one in self.registrations if one.parent == urn]
        return [found for child in children for found in (child, *self.below(child.urn))]

    def manifests(self) -> list[Manifest]:
        """The Kubernetes objects in apply order, with their secrets in clear."""
        return manifests(map(revealed, self.registrations))

    def objects(self) -> list[dict[str, Any]]:
        return [manifest.body for manifest in self.manifests()]

    def object(self, kind: str, name: str | None = None) -> dict[str, Any]:
        """The only Kubernetes object of a kind (and of this name)."""
        found = [one.body for one in self.manifests() if one.kind == kind and name in (None, one.name)]
        assert len(found) == 1, f"{len(found)} objects of kind {kind} {name or ''}, of {[*map(str, self.manifests())]}"
        return found[0]

    @property
    def outputs(self) -> dict[str, Any]:
        return self.one(STACK_TYPE).outputs or {}


def record(
    program: Program,
    *,
    config: Mapping[str, str] | None = None,
    secret_keys: tuple[str, ...] = (),
    stack: str = "test",
    preview: bool = False,
    states: States = _NOTHING,
) -> Recording:
    """Runs `program` to its end; what it raises is raised here. A call of a provider function raises.

    `config` is by full key; `preview` leaves unknown what only a deployment can know; `states` is, by
    type, what a deployment adds to resources, such as the address of a load balancer. Two resources
    of one URN fail, as they do in the engine, and so does a program that registers nothing: what is
    then said of all its objects is said of none.
    """
    recording, error = attempt(
        program, config=config or {}, secret_keys=secret_keys, stack=stack, preview=preview, states=states
    )
    if error:
        raise error
    urns = [one.urn for one in recording.registrations]
    assert len(urns) == len(set(urns)), (
        f"the engine refuses a URN twice: {sorted(u for u in urns if urns.count(u) > 1)}"
    )
    assert len(urns) > 1 or recording.outputs, "the program registered nothing, so that nothing was tested"
    return recording


def refusal(program: Program) -> str:
    """The sentence with which `program` is refused, a ValueError, before it left anything half made.

    A component has registered its outputs, or else it was refused too late: an engine would by then
    be at work on it.
    """
    recording, error = attempt(program)
    if error is None:
        pytest.fail("the program was not refused")
    if not isinstance(error, ValueError):
        raise error
    begun = [one.urn for one in recording.registrations if one.type.startswith("slipway:") and one.outputs is None]
    assert not begun, f"refused only after these were begun: {begun} ({error})"
    assert isinstance(error, Refusal), f"a plain ValueError, of which an engine prints a traceback: {error}"
    assert str(error).endswith(f": {error.sentence}"), f"no place is told: {error}"
    return error.sentence


def attempt(
    program: Program,
    *,
    config: Mapping[str, str] = _NOTHING,
    secret_keys: tuple[str, ...] = (),
    stack: str = "test",
    preview: bool = False,
    states: States = _NOTHING,
) -> tuple[Recording, Exception | None]:
    """What came of running `program`, as `record` does, and the exception that ended it, if one did."""

    def unmocked(token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(f"the program calls {token}, which no test answers: {arguments}")

    engine = Engine()
    monitor = _Recorder(states, root=ROOT, preview=preview, calls=unmocked)

    def run() -> None:
        configure(
            Settings(
                project="slipway", stack=stack, organization="test", monitor=monitor, engine=engine, dry_run=preview
            )
        )
        set_all_config(dict(config), list(secret_keys))

        def program_without_result() -> None:
            program()

        async def to_its_end() -> None:
            # What failed is raised once: not told again, whenever, for each Output that waited for it.
            asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
            await run_in_stack(program_without_result)

        asyncio.run(to_its_end())

    error = None
    try:
        contextvars.copy_context().run(run)
    except Exception as raised:
        error = raised
    recording = Recording(
        registrations=monitor.registrations, diagnostics=engine.diagnostics, aliases=monitor.known_aliases
    )
    return recording, error


class _Recorder(Monitor):
    """Keeps the aliases too, which change nothing that a preview shows, and adds `states`."""

    def __init__(self, states: States, **settings: Any) -> None:
        super().__init__(**settings)
        self._states = states
        self.known_aliases: dict[str, list[str]] = {}

    def RegisterResource(  # noqa: N802 (the protocol's name)
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response = super().RegisterResource(request)
        aliases = cast("Any", request).aliases
        told = (str(one.spec.name or one.spec.type or one.urn) for one in aliases)
        self.known_aliases[response.urn] = [*request.aliasURNs, *told]
        for key, value in self._states.get(request.type, {}).items():
            response.object.fields[key].CopyFrom(encode(value))
        return response
