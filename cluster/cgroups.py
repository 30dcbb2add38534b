"""The control groups that hold everything the cluster starts: daemons, their children, every pod.

The kernel keeps and inherits the membership. So it also finds processes that nobody recorded: shims and containers
that outlive a killed runtime, or a daemon that started just before `up` itself was killed.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from cluster.errors import ClusterError

NAME = "slipway"
DAEMONS = "daemons"
UNIFIED = "cgroup2"


def parse_hierarchies(mountinfo: str) -> list[tuple[Path, str]]:
    """Each control group file system with its options, from `/proc/self/mountinfo`."""
    found: list[tuple[Path, str]] = []
    for line in mountinfo.splitlines():
        mount, _, source = line.partition(" - ")
        kind, _, options = source.split(maxsplit=2)
        if kind == UNIFIED:
            found.append((Path(mount.split()[4]), kind))
        elif kind == "cgroup":
            found.append((Path(mount.split()[4]), options))
    return found


def hierarchies() -> list[tuple[Path, str]]:
    return parse_hierarchies(Path("/proc/self/mountinfo").read_text())


def create() -> None:
    """Makes the groups in every hierarchy, because the kubelet's `cgroupRoot` must exist in each."""
    for mount, _ in hierarchies():
        (mount / NAME / DAEMONS).mkdir(parents=True, exist_ok=True)


def tracker() -> Path:
    """The file that a daemon writes its id into: in cgroup v2 if it is mounted, otherwise in `pids`."""
    mounts = hierarchies()
    unified = [mount for mount, options in mounts if options == UNIFIED]
    counted = [mount for mount, options in mounts if "pids" in options.split(",")]
    for mount in (*unified, *counted):
        return mount / NAME / DAEMONS / "cgroup.procs"
    raise ClusterError("no cgroup2 and no pids control group is mounted, and the node needs one")


def _folders() -> Iterator[Path]:
    """Every group of the cluster, children before their parents."""
    for mount, _ in hierarchies():
        for folder, _, _ in os.walk(mount / NAME, topdown=False):
            yield Path(folder)


def exists() -> bool:
    return any(True for _ in _folders())


def members() -> set[int]:
    """The ids of all processes in the groups."""
    found: set[int] = set()
    for folder in _folders():
        with contextlib.suppress(FileNotFoundError, OSError):
            found.update(int(pid) for pid in (folder / "cgroup.procs").read_text().split())
    # A member in an invisible pid namespace reads as 0. Leave it out: signals to 0 go to our own process group.
    return found - {0, os.getpid()}


def kill(timeout: float = 20) -> set[int]:
    """Kills every process in the groups until none is left, because one may fork while another is killed.

    Returns the ids of the killed processes.
    """
    deadline = time.monotonic() + timeout
    ended: set[int] = set()
    while inside := members():
        for pid in inside:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        ended |= inside
        if time.monotonic() > deadline:
            raise ClusterError(f"processes do not end: {sorted(inside)}")
        time.sleep(0.05)
    return ended


def remove(timeout: float = 10) -> None:
    """Removes the empty groups. The kernel frees a group a moment after its last process has ended."""
    deadline = time.monotonic() + timeout
    while exists():
        for folder in _folders():
            with contextlib.suppress(OSError):
                folder.rmdir()
        if time.monotonic() > deadline:
            raise ClusterError(f"control groups do not go away: {[str(f) for f in _folders()]}")
        time.sleep(0.05)
