"""Background processes, and how to tell them from other processes that get the same id later."""

import contextlib
import os
import shlex
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.shell import PATH

PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One process. Ids are used again, but not with the same start time in the same boot."""

    pid: int
    started: int
    """Clock ticks since the machine's boot."""
    boot: str


def boot() -> str:
    """The kernel's id of this boot of the machine."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def parse_stat(stat: str) -> tuple[str, int]:
    """State and start time from `/proc/<pid>/stat`.

    The program's name is in parentheses and may itself contain spaces and parentheses; see proc_pid_stat(5).
    """
    fields = stat[stat.rindex(")") + 2 :].split()
    return fields[0], int(fields[19])


def identify(pid: int) -> Identity | None:
    """The process with this id now; None if there is none, or only a zombie."""
    try:
        state, started = parse_stat((PROC / str(pid) / "stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else Identity(pid=pid, started=started, boot=boot())


def is_alive(identity: Identity) -> bool:
    """Whether exactly this process is running."""
    return identify(identity.pid) == identity


def send(identity: Identity, number: signal.Signals) -> None:
    """Signals exactly this process, or nobody if it has ended."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(identity.pid)
        try:
            # Open the descriptor first: from here on it cannot refer to another process with the same id.
            if is_alive(identity):
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)


def start(
    argv: Sequence[str | Path],
    *,
    log: Path,
    joins: Sequence[Path] = (),
    env: Mapping[str, str] | None = None,
) -> Identity:
    """Starts a process in a session of its own that outlives this one. Its output is appended to `log`.

    It enters the control groups `joins` (their `cgroup.procs`) before it becomes the program, so that even its first
    child is in them.
    """
    words = [str(word) for word in argv]
    enter = "".join(f"echo $$ > {shlex.quote(str(group))} && " for group in joins)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        pid = os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", f'{enter}exec "$@"', "sh", *words],
            {**os.environ, "PATH": PATH, **(env or {})},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
            setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE],
        )
    finally:
        os.close(output)
    return identify(pid) or Identity(pid=pid, started=-1, boot=boot())


def wait_collected(pids: Iterable[int], timeout: float = 10) -> None:
    """Waits until ended processes have also left the process table.

    Their parent has to collect them: this process those that it started, the machine's init the others, in its own
    time. Until then an ended process of a pod keeps the pod's namespaces.
    """
    deadline = time.monotonic() + timeout
    while any(_is_zombie(pid) for pid in pids) and time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.05)


def _is_zombie(pid: int) -> bool:
    try:
        return parse_stat((PROC / str(pid) / "stat").read_text())[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
