"""`pulumi up` and `pulumi destroy`, with what they need to run from a fresh clone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from deploy.errors import DeployError
from deploy.rendered import Stack

_MISSING = """pulumi is not on the PATH: curl -fsSL https://get.pulumi.com | sh, then open a new shell
(or `make apply`, which needs kubectl alone)"""


def run(stack: Stack, command: str, *arguments: str) -> int:
    """The exit code of `pulumi <command>` for the stack, which is made in the backend if it is not there."""
    if not shutil.which("pulumi"):
        raise DeployError(_MISSING)
    environment = {**os.environ, **_backend(stack.project.root)}
    if not exists(stack):
        _pulumi(stack, "stack", "init", stack.name, environment=environment)
    return _pulumi(stack, command, "--stack", stack.name, *arguments, environment=environment)


def exists(stack: Stack) -> bool:
    """Whether the backend knows the stack."""
    if not shutil.which("pulumi"):
        return False
    environment = {**os.environ, **_backend(stack.project.root)}
    asked = ["pulumi", "stack", "ls", "--json"]
    listed = subprocess.run(asked, cwd=stack.project.root, env=environment, capture_output=True, text=True, check=False)
    return f'"name": "{stack.name}"' in listed.stdout


def _pulumi(stack: Stack, *arguments: str, environment: dict[str, str]) -> int:
    return subprocess.run(["pulumi", *arguments], cwd=stack.project.root, env=environment, check=False).returncode


def _backend(root: Path) -> dict[str, str]:
    """A local-file backend in the project's `.pulumi`, unless there is one already."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    chosen = os.environ.get("PULUMI_BACKEND_URL") or os.environ.get("PULUMI_ACCESS_TOKEN")
    if chosen or (home / "credentials.json").exists():
        return {}
    state = root / ".pulumi"
    state.mkdir(exist_ok=True)
    return {"PULUMI_BACKEND_URL": f"file://{state}"}
