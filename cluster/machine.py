"""Allows only one `up` or `down` at a time on a machine."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Generator

from cluster.errors import ClusterError

# An abstract address belongs to the network namespace, as the bridge and the packet filter do. It leaves no file and
# is free again as soon as its process has ended, in whatever way.
MUTEX = "\0slipway-cluster"


@contextlib.contextmanager
def exclusive(say: Callable[[str], None], timeout: float = 3600) -> Generator[None]:
    """Waits until no other command is changing a cluster on this machine."""
    deadline = time.monotonic() + timeout
    told = False
    with socket.socket(socket.AF_UNIX) as mutex:
        while True:
            try:
                mutex.bind(MUTEX)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise ClusterError("another up or down does not come to an end") from None
                if not told:
                    say("another up or down is at work on this machine; waiting for it")
                    told = True
                time.sleep(0.2)
        yield


def require_root() -> None:
    if os.geteuid() != 0:
        raise ClusterError(
            "a node needs root (mounts, control groups, network): run it as root, or install kind and a Docker engine"
        )
