"""Runs other programs with a time limit. An error shows what the program printed."""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from cluster.errors import ClusterError

TAIL = 12
# Administration tools are not on every user's PATH.
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def run(
    argv: Sequence[str | Path],
    *,
    timeout: float,
    stdin: bytes | IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """The standard output of `argv`.

    `env` adds to the environment. Raises ClusterError with the last lines of output if the program fails, is missing,
    or takes longer than `timeout` seconds (then it is ended).
    """
    words = [str(word) for word in argv]
    given = stdin if isinstance(stdin, bytes) else None
    try:
        done = subprocess.run(
            words,
            input=given,
            stdin=None if isinstance(stdin, bytes) else stdin or subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            env={**os.environ, "PATH": PATH, **(env or {})},
            cwd=cwd,
            check=False,
        )
    except FileNotFoundError:
        raise ClusterError(f"{words[0]} is not on this machine") from None
    except subprocess.TimeoutExpired:
        raise ClusterError(f"no answer within {timeout:g} s from: {shlex.join(words)}") from None
    if done.returncode:
        said = tail((done.stderr or done.stdout).decode(errors="replace"))
        raise ClusterError(f"exit code {done.returncode} from: {shlex.join(words)}\n{said}")
    return done.stdout.decode(errors="replace")


def tail(text: str, lines: int = TAIL) -> str:
    """The last lines of a text, indented so that they stand out in a message."""
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])


def tail_of(log: Path, lines: int = TAIL) -> str:
    """The last lines of a log, below the log's path."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return f"  last lines of {log}:\n{tail(text, lines) or '    (empty)'}"
