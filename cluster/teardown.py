"""Ends a native cluster and puts the machine back as it was."""

import contextlib
import shutil
import signal
from pathlib import Path

from cluster import cgroups, firewall, kernel, network, processes
from cluster.daemons import PRIVATE_FOLDERS
from cluster.errors import ClusterError
from cluster.layout import Layout
from cluster.record import Record


def end(layout: Layout, found: Record | None) -> None:
    """Ends everything, in an order in which nothing is started again. It may be interrupted and run again."""
    # First, so that nobody follows these files to a cluster that is ending.
    for file in (layout.facts, layout.kubeconfig):
        file.unlink(missing_ok=True)
    recorded = list(found.processes.values()) if found else []
    for identity in recorded:
        processes.send(identity, signal.SIGKILL)
    processes.wait_collected(cgroups.kill() | {identity.pid for identity in recorded})
    if shutil.which("iptables-save"):
        firewall.remove(found.tables if found else None)
    cgroups.remove()
    if found:
        if found.boot == processes.boot():
            kernel.restore(found.sysctls)
        for folder in reversed(found.folders):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
    for folder in (layout.run, layout.data, layout.config, layout.pki):
        _delete(folder)
    # Last, because the next `down` needs both.
    network.remove_bridge()
    layout.record.unlink(missing_ok=True)


def _delete(folder: Path) -> None:
    """Deletes a folder of ours, unless something is still mounted in it."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    inside = [mount for mount in mounts if Path(mount).is_relative_to(folder)]
    if inside:
        raise ClusterError(f"not deleting {folder}: mounted in it are {', '.join(inside)}")
    if folder.exists():
        shutil.rmtree(folder)


def absent_folders() -> list[str]:
    """The private folders, and the folders above them, that do not exist; outermost first."""
    absent: dict[str, None] = {}
    for folder in map(Path, PRIVATE_FOLDERS):
        for path in (*reversed(folder.parents), folder):
            if not path.exists():
                absent[str(path)] = None
    return list(absent)
