"""Starts and uses the process that runs programs for tests."""

from __future__ import annotations

import atexit
import functools
import multiprocessing
import subprocess
import sys

from slipway.preview.config import StackConfig
from slipway.preview.model import StackRun
from slipway.preview.project import Project, ProjectError


class Programs:
    """Runs programs in a process of `slipway.testing.server`. The first program starts the process."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, project: Project, stack: str, config: StackConfig) -> StackRun:
        """Run a program. Raises ProjectError if its process ends without an answer, or answers with an error."""
        if not self._process:
            self._process = self._start()
        try:
            self._connection.send((project, stack, config))
            answer = self._connection.recv()
        except (EOFError, OSError):
            self.close()
            raise ProjectError("the process that runs the programs ended: above it may say why") from None
        if isinstance(answer, StackRun):
            return answer
        raise ProjectError(answer)

    def close(self) -> None:
        """End the process if it runs."""
        if self._process:
            self._connection.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        self._connection, theirs = multiprocessing.Pipe()
        with theirs:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "slipway.testing.server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Only pytest handles an interrupt.
                start_new_session=True,
            )


@functools.cache
def programs() -> Programs:
    """The `Programs` of this process. They end with it."""
    made = Programs()
    atexit.register(made.close)
    return made
