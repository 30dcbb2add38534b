"""Runs the real engine as `pulumi up` would, with a backend for one test."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from tests.e2e.program.knobs import Knobs
from tests.e2e.project import TOKEN, Project, Service
from tests.e2e.site import Site

needs_the_engine = pytest.mark.skipif(not shutil.which("pulumi"), reason="there is no pulumi on the PATH")


def environment_of(site: Site, folder: Path) -> dict[str, str]:
    """The CLI's environment: a backend in `folder`, a passphrase, and the Python that has the SDK."""
    folder.mkdir()
    return {
        **site.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{folder}",
        "PULUMI_CONFIG_PASSPHRASE": "only for this test",
    }


def stack_of(project: Project, environment: dict[str, str]) -> automation.Stack:
    """The project's stack. It is created if the backend does not have it."""
    options = automation.LocalWorkspaceOptions(env_vars=environment)
    return automation.create_or_select_stack(project.stack, work_dir=str(project.folder), opts=options)


def changes(summary: Mapping[Any, int] | None) -> set[str]:
    """The operations of an update, without those that changed nothing."""
    return set(summary or {}) - {"same"}


class Engine:
    """`pulumi up` of the adjustable service with changing knobs. It has a secret besides its other configuration."""

    def __init__(self, service: Service, environment: dict[str, str], image: str) -> None:
        self._service = service
        service.turn(Knobs(image=image))
        self.stack = stack_of(service, environment)
        self._secret("")

    def up(self, knobs: Knobs, **options: Any) -> set[str]:
        """Previews the update, runs it, and returns its operations."""
        self._turn(knobs)
        if not options:
            self.stack.preview()
        return changes(self.stack.up(**options).summary.resource_changes)

    def preview(self, knobs: Knobs) -> set[str]:
        self._turn(knobs)
        return changes(self.stack.preview().change_summary)

    def _turn(self, knobs: Knobs) -> None:
        salt = next(
            line for line in self._file.read_text(encoding="utf-8").splitlines(True) if "encryptionsalt" in line
        )
        self._service.turn(knobs)
        self._secret(salt)

    def _secret(self, salt: str) -> None:
        self._file.write_text(salt + self._file.read_text(encoding="utf-8"), encoding="utf-8")
        self.stack.set_config("e2e:apiToken", automation.ConfigValue(TOKEN, secret=True))

    @property
    def _file(self) -> Path:
        return self._service.folder / f"Pulumi.{self._service.stack}.yaml"
