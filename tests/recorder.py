"""Runs a program to its end in place of the engine, and hands over what it registered."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import Settings, configure

from preview.manifests import manifests
from preview.model import Diagnostic, Manifest, Registration
from preview.monitor import STACK_TYPE, Engine, Monitor
from preview.redact import revealed

ROOT = Path(__file__).parent.parent
Program = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """All that a program registered and said, complete: what is not here never came.

    `aliases` are the other URNs under which the engine would know a resource, by its URN.
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
) -> Recording:
    """Runs `program` to its end; what it raises is raised here. A call of a provider function raises.

    `config` is by full key; `preview` leaves unknown what only a deployment can know. Two resources
    of one URN fail, as they do in the engine, and so does a program that registers nothing: what is
    then said of all its objects is said of none.
    """
    recording, error = _run(program, config, secret_keys, stack, preview)
    if error:
        raise error
    urns = [one.urn for one in recording.registrations]
    assert len(urns) == len(set(urns)), f"the engine refuses a URN twice: {sorted(u for u in urns if urns.count(u) > 1)}"
    assert len(urns) > 1 or recording.outputs, "the program registered nothing, so that nothing was tested"
    return recording


def refusal(program: Program) -> str:
    """The sentence with which `program` is refused, a ValueError, before it left anything half made.

    A component has registered its outputs, or else it was refused too late: an engine would by then
    be at work on it.
    """
    recording, error = _run(program, None, (), "test", False)
    if error is None:
        pytest.fail("the program was not refused")
    if not isinstance(error, ValueError):
        raise error
    begun = [one.urn for one in recording.registrations if one.type.startswith("slipway:") and one.outputs is None]
    assert not begun, f"refused only after these were begun: {begun} ({error})"
    return str(error)


def _run(
    program: Program, config: Mapping[str, str] | None, secret_keys: tuple[str, ...], stack: str, preview: bool
) -> tuple[Recording, Exception | None]:

    def unmocked(token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(f"the program calls {token}, which no test answers: {arguments}")

    engine = Engine()
    monitor = _Recorder(root=ROOT, preview=preview, calls=unmocked)

    def run() -> None:
        configure(
            Settings(project="slipway", stack=stack, organization="test", monitor=monitor, engine=engine, dry_run=preview)
        )
        set_all_config(dict(config or {}), list(secret_keys))

        def program_without_result() -> None:
            program()

        asyncio.run(run_in_stack(program_without_result))

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
    """Keeps the aliases too, which change nothing that a preview shows."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.known_aliases: dict[str, list[str]] = {}

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        response = super().RegisterResource(request)
        named = [alias.spec.name or alias.urn for alias in request.aliases]
        self.known_aliases[response.urn] = [*request.aliasURNs, *named]
        return response
