"""Runs `pulumi up` and `pulumi destroy`, with all they need in a fresh clone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from slipway.deploy.errors import DeployError
from slipway.deploy.rendered import Stack

_MISSING = """pulumi is not on the PATH: curl -fsSL https://get.pulumi.com | sh, then open a new shell
(or `make apply`, which needs kubectl alone)"""
_PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


def run(stack: Stack, command: str, arguments: Sequence[str] = ()) -> int:
    """The exit code of `pulumi <command>` for the stack. Creates the stack in the backend if it does not exist.

    Without a terminal it asks nothing and passes `--yes`. Raises DeployError.
    """
    _check_passphrase(stack)
    if not exists(stack):
        made = _pulumi(stack, "stack", "init", stack.name)
        if made.returncode:
            return made.returncode
    unasked = [] if _somebody_there() or {"--yes", "-y"} & set(arguments) else ["--yes"]
    return _pulumi(stack, command, "--stack", stack.name, *unasked, *arguments).returncode


def is_there() -> bool:
    return shutil.which("pulumi") is not None


def exists(stack: Stack) -> bool:
    """Whether the backend has the stack. Raises DeployError if that cannot be found out."""
    if not is_there():
        raise DeployError(_MISSING)
    listed = _pulumi(stack, "stack", "ls", "--json", "--non-interactive", quiet=True)
    if listed.returncode:
        raise DeployError(f"pulumi stack ls: {listed.stderr.strip().removeprefix('error: ')}")
    known: list[dict[str, Any]] = json.loads(listed.stdout)
    return any(one["name"] == stack.name for one in known)


def _check_passphrase(stack: Stack) -> None:
    """Reports a missing passphrase in one line. pulumi would report it only after it has begun."""
    if _somebody_there() or any(name in os.environ for name in _PASSPHRASES):
        return
    stated: dict[str, Any] = yaml.safe_load(stack.project.stack_file(stack.name).read_text(encoding="utf-8")) or {}
    elsewhere = "secretsprovider" in stated or not _is_file_backend(stack.project.root)
    if "encryptionsalt" in stated or not elsewhere:
        raise DeployError(
            f"stack {stack.name!r} keeps its secrets under a passphrase, and none is given: set {_PASSPHRASES[0]} "
            f"(empty is one) or {_PASSPHRASES[1]}"
        )


def _somebody_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _pulumi(stack: Stack, *arguments: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    root = stack.project.root
    return subprocess.run(
        ["pulumi", *arguments],
        cwd=root,
        env={**os.environ, **_backend(root)},
        text=True,
        check=False,
        capture_output=quiet,
    )


def _backend(root: Path) -> dict[str, str]:
    """A local-file backend in the project's `.pulumi`, unless a backend is chosen already."""
    if _chosen():
        return {}
    state = root / ".pulumi"
    state.mkdir(exist_ok=True)
    return {"PULUMI_BACKEND_URL": f"file://{state}"}


def _chosen() -> bool:
    return bool(os.environ.get("PULUMI_BACKEND_URL") or os.environ.get("PULUMI_ACCESS_TOKEN") or _login())


def _login() -> str | None:
    """The backend that `pulumi login` has chosen; None if nobody is logged in."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        known: dict[str, Any] = json.loads((home / "credentials.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return known.get("current") or None


def _is_file_backend(root: Path) -> bool:
    """Whether the backend is files or a bucket, and not a service that would keep a new stack's secrets."""
    url = _backend(root).get("PULUMI_BACKEND_URL") or os.environ.get("PULUMI_BACKEND_URL") or _login() or ""
    return bool(url) and not url.startswith("http")
