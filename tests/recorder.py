"""Runs a program to its end in place of the engine, and hands over what it registered."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.settings import Settings, configure

from preview.manifests import manifests
from preview.model import Diagnostic, Registration
from preview.monitor import STACK_TYPE, Engine, Monitor
from preview.redact import revealed

ROOT = Path(__file__).parent.parent
Program = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """All that a program registered and said, complete: what is not here never came."""

    registrations: list[Registration]
    diagnostics: list[Diagnostic]

    def one(self, type_: str, name: str | None = None) -> Registration:
        """The only registration of a type whose token ends so (and of this name)."""
        found = [one for one in self.registrations if one.type.endswith(type_) and name in (None, one.name)]
        assert len(found) == 1, f"{len(found)} registrations of {type_} {name or ''}: {[one.urn for one in found]}"
        return found[0]

    def count(self, type_: str) -> int:
        return sum(one.type.endswith(type_) for one in self.registrations)

    def objects(self) -> list[dict[str, Any]]:
        """The Kubernetes objects in apply order, with their secrets in clear."""
        return [manifest.body for manifest in manifests(map(revealed, self.registrations))]

    def object(self, kind: str) -> dict[str, Any]:
        """The only Kubernetes object of a kind."""
        found = [body for body in self.objects() if body["kind"] == kind]
        assert len(found) == 1, f"{len(found)} objects of kind {kind}, of {[body['kind'] for body in self.objects()]}"
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

    `config` is by full key; `preview` leaves unknown what only a deployment can know.
    """

    def unmocked(token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(f"the program calls {token}, which no test answers: {arguments}")

    engine = Engine()
    monitor = Monitor(root=ROOT, preview=preview, calls=unmocked)

    def run() -> None:
        configure(
            Settings(project="slipway", stack=stack, organization="test", monitor=monitor, engine=engine, dry_run=preview)
        )
        set_all_config(dict(config or {}), list(secret_keys))

        def program_without_result() -> None:
            program()

        asyncio.run(run_in_stack(program_without_result))

    contextvars.copy_context().run(run)
    return Recording(registrations=monitor.registrations, diagnostics=engine.diagnostics)
