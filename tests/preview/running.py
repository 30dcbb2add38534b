"""Runs the preview on a project: in a new process, as users do, or quickly, in a fork of the tests' process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import textwrap
import threading
import warnings
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core

import slipway
from slipway.preview.cli import app
from slipway.preview.config import load_config
from slipway.preview.model import Registration, Severity, StackRun
from slipway.preview.project import find_project
from slipway.preview.result import Result, result_of
from slipway.preview.runner import TIMEOUT, Runs

# Forks need not import these again. (Pulumi imports a module when it is first used.)
WARM = (apps.Deployment, core.Secret)
PROGRAMS = Path(__file__).parent / "programs"
FIXTURES = Path(__file__).parent / "fixtures"
PASSPHRASE = "correct horse battery staple"
"""Of fixtures/Pulumi.sample.yaml, which the Pulumi CLI wrote."""
NOTHING = {"PYTHONPATH": str(Path(slipway.__file__).parents[1])}
"""An environment with no more in it than where the preview is."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "slipway", "preview", *map(str, arguments)]


def environment(**variables: str) -> dict[str, str]:
    """The tests' environment (`tests.isolation`), and `variables`."""
    return {**os.environ, **NOTHING, **variables}


def preview_of(
    project: Path, *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Ended:
    """Runs `slipway preview -C project …` to its end, in an environment of its own."""
    ended = subprocess.run(
        command("-C", project, *arguments),
        env=environment() if env is None else env,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(code=ended.returncode, out=ended.stdout, err=ended.stderr)


@contextlib.contextmanager
def _forking_quietly() -> Generator[None]:
    """Silences Python's warning about forking with threads: the test runner has threads, the command line has none."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork")
        yield


def runs_of(
    project: Path, *stacks: str, passphrase: str | None = None, jobs: int = 1, timeout: float = TIMEOUT
) -> list[StackRun]:
    found = find_project(project)
    configs = {stack: load_config(found, stack, passphrase) for stack in stacks or ("dev",)}
    with _forking_quietly():
        runs = Runs(found, configs, jobs, timeout)
    return list(runs)


def result(project: Path, stack: str = "dev", *, passphrase: str | None = None, show_secrets: bool = False) -> Result:
    """The preview's result for one stack."""
    config = load_config(find_project(project), stack, passphrase)
    return result_of(runs_of(project, stack, passphrase=passphrase)[0], config, show_secrets=show_secrets)


def one(found: Result, type_: str, name: str | None = None) -> Registration:
    """The only registration whose type token ends like this (and has this name)."""
    those = [each for each in found.registrations if each.type.endswith(type_) and name in (None, each.name)]
    assert len(those) == 1, f"{len(those)} registrations of {type_} {name or ''} in {found}"
    return those[0]


def errors(found: Result) -> list[tuple[str | None, str]]:
    """The program's own errors, with their places."""
    return [(said.source, said.message) for said in found.diagnostics if said.severity is Severity.ERROR]


def said(found: Result, severity: Severity) -> list[str]:
    return [each.message for each in found.diagnostics if each.severity is severity]


def write_project(
    root: Path,
    main: str = "",
    *,
    config: Mapping[str, str] | None = None,
    settings: str = "",
    files: Mapping[str, str] | None = None,
) -> Path:
    """A project named `shop` in `root`: its program, additions to `Pulumi.yaml`, and its stacks' files."""
    stacks = {f"Pulumi.{stack}.yaml": text for stack, text in (config or {"dev": ""}).items()}
    written = {"Pulumi.yaml": f"name: shop\nruntime: python\n{textwrap.dedent(settings)}", "__main__.py": main}
    for name, text in {**written, **stacks, **(files or {})}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
    return root


def shown_by(capfd: pytest.CaptureFixture[str], project: Path, *arguments: str | Path) -> Ended:
    """Like `preview_of`, but in this process, which has imported everything already."""
    return said_by(capfd, app, "-C", project, *arguments)


def at_a_terminal(
    project: Path, *arguments: str, env: Mapping[str, str], columns: int = 80, stderr: int | None = None
) -> str:
    """Everything that a terminal of this width shows of a preview, unless standard error goes elsewhere."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    shown: list[bytes] = []

    def read() -> None:
        with contextlib.suppress(OSError):
            while data := os.read(ours, 4096):
                shown.append(data)

    reader = threading.Thread(target=read)
    reader.start()
    errors = theirs if stderr is None else stderr
    subprocess.run(command("-C", project, *arguments), stdout=theirs, stderr=errors, env=env, check=False, timeout=60)
    os.close(theirs)
    reader.join()
    os.close(ours)
    return b"".join(shown).decode()


def said_by(capfd: pytest.CaptureFixture[str], own: typer.Typer, *arguments: str | Path) -> Ended:
    """The output and exit code of one of our commands, run in this process."""
    capfd.readouterr()
    with _forking_quietly(), pytest.raises(SystemExit) as ended:
        own([*map(str, arguments)])
    out, err = capfd.readouterr()
    return Ended(code=int(ended.value.code or 0), out=out, err=err)
