"""A shell in which a test does what a reader of a page does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_MARK = "--- the command has ended in "


@dataclass(frozen=True, kw_only=True)
class Shell:
    """One bash for all commands: it keeps its folder, its variables and what runs in the background."""

    commands: IO[str]
    output: IO[str]

    def run(self, command: str) -> tuple[str, Path]:
        """What it prints, errors among it, and the folder that the shell is in then."""
        # The command must not read those that follow it.
        self.commands.write(f'{{ {command}\n}} </dev/null\nprintf "\\n{_MARK}%s\\n" "$PWD"\n')
        self.commands.flush()
        said = ""
        for line in self.output:
            if line.startswith(_MARK):
                return said.removesuffix("\n"), Path(line.removeprefix(_MARK).rstrip("\n"))
            said += line
        raise AssertionError(f"the shell ended in: {command}\n{said}")


@contextlib.contextmanager
def shell(folder: Path, environment: Mapping[str, str], *, seconds: float = 1800) -> Generator[Shell]:
    """Ends it, and all that it has started, with the block or when the time is over."""
    with subprocess.Popen(
        ["bash"],
        cwd=folder,
        # Python writes to a terminal line by line.
        env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as bash:
        assert bash.stdin
        assert bash.stdout

        def end() -> None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(bash.pid, signal.SIGKILL)

        limit = threading.Timer(seconds, end)
        limit.start()
        try:
            yield Shell(commands=bash.stdin, output=bash.stdout)
        finally:
            limit.cancel()
            end()
