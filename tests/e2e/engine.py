"""The real engine, driven as `pulumi up` would, with a backend of the test's own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from tests.e2e.program.knobs import Knobs
from tests.e2e.project import TOKEN, Project, Service
from tests.e2e.site import Site

needs_the_engine = pytest.mark.skipif(not shutil.which("pulumi"), reason="there is no pulumi on the PATH")


def environment_of(site: Site, folder: Path) -> dict[str, str]:
    """For the CLI: a backend in `folder`, a passphrase, and the Python that has the SDK."""
    folder.mkdir()
    return {
        **site.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{folder}",
        "PULUMI_CONFIG_PASSPHRASE": "only for this test",
    }


def stack_of(project: Project, environment: dict[str, str]) -> automation.Stack:
    """The project's stack, which is made where the backend has none."""
    options = automation.LocalWorkspaceOptions(env_vars=environment)
    return automation.create_or_select_stack(project.stack, work_dir=str(project.folder), opts=options)


def changes(summary: Mapping[Any, int] | None) -> set[str]:
    """What an update did, but for what it left as it was."""
    return set(summary or {}) - {"same"}


class Engine:
    """`pulumi up` of the adjustable service, as its knobs are turned."""

    def __init__(self, service: Service, environment: dict[str, str], knobs: Knobs) -> None:
        self.service = service
        service.turn(knobs)
        self.stack = stack_of(service, environment)
        self.stack.set_config("e2e:apiToken", automation.ConfigValue(TOKEN, secret=True))
        file = service.folder / f"Pulumi.{service.stack}.yaml"
        self._salt = next(line for line in file.read_text(encoding="utf-8").splitlines() if "encryptionsalt" in line)

    def up(self, knobs: Knobs, **options: Any) -> set[str]:
        """What the update did."""
        return changes(self._turned(knobs).up(**options).summary.resource_changes)

    def preview(self, knobs: Knobs) -> set[str]:
        return changes(self._turned(knobs).preview().change_summary)

    def _turned(self, knobs: Knobs) -> automation.Stack:
        self.service.turn(knobs)
        file = self.service.folder / f"Pulumi.{self.service.stack}.yaml"
        file.write_text(f"{self._salt}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        self.stack.set_config("e2e:apiToken", automation.ConfigValue(TOKEN, secret=True))
        return self.stack


Started = Callable[[Knobs], Engine]
