"""Background processes, told apart from whoever gets the same process id later."""

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
    """One process for ever: its id is used again, but not with the same start in the same boot."""

    pid: int
    started: int
    """Clock ticks since the machine's boot."""
    boot: str


def boot() -> str:
    """This boot of the machine, as the kernel names it."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def parse_stat(stat: str) -> tuple[str, int]:
    """State and start time out of `/proc/<pid>/stat`, whatever the program's name looks like.

    The name stands in parentheses and may itself hold spaces and parentheses; see proc_pid_stat(5).
    """
    fields = stat[stat.rindex(")") + 2 :].split()
    return fields[0], int(fields[19])


def identify(pid: int) -> Identity | None:
    """Who has this id now; None if nobody, or a process that ended and was not collected yet."""
    try:
        state, started = parse_stat((PROC / str(pid) / "stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else Identity(pid=pid, started=started, boot=boot())


def is_alive(identity: Identity) -> bool:
    """Whether this very process runs."""
    return identify(identity.pid) == identity


def send(identity: Identity, number: signal.Signals) -> None:
    """Signals this very process, or nobody if it has ended."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(identity.pid)
        try:
            # The descriptor is held first: from here on the id cannot pass to another process.
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
    """Starts a process of its own session that outlives this one; its output is added to `log`.

    It enters the control groups `joins` (their `cgroup.procs`) before it becomes the program, so
    that not even its first child escapes them.
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
    """Waits until ended processes are gone from the process table as well.

    Their parent has to collect them: this process those it started, the machine's init the others,
    in its own time. Until then an ended process of a pod keeps the pod's namespaces.
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
