"""The process that runs programs for tests, as the tests' own process has it."""

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
    """Runs programs in a process of `slipway.testing.server`, which starts with the first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, project: Project, stack: str, config: StackConfig) -> StackRun:
        """Raises ProjectError where the program's process ends without a word."""
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
        """Ends the process, if there is one."""
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
                # An interrupt is for pytest to hear.
                start_new_session=True,
            )


@functools.cache
def programs() -> Programs:
    """Those of this process. What they run in ends with it."""
    made = Programs()
    atexit.register(made.close)
    return made
