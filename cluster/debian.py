"""Programs from Debian packages. They are looked for, and installed if root may do so."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from cluster.errors import ClusterError
from cluster.shell import PATH, run

# Program by package. The CNI plugins are on no PATH, so they are looked for separately.
PROGRAMS = {
    "iproute2": "ip",
    "iptables": "iptables-restore",
    "nftables": "nft",
    "runc": "runc",
    "docker.io": "dockerd",
    "docker-registry": "docker-registry",
    "util-linux": "nsenter",
}
DAEMONS = ("docker-registry", "dockerd")
"""The programs of these that the cluster runs as daemons of its own."""
CNI_PACKAGE = "containernetworking-plugins"
CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
CNI_PLUGINS = ("bridge", "host-local", "loopback")
# Debian's hook that forbids a package's installation to start its services; see policy-rc.d(8).
POLICY = Path("/usr/sbin/policy-rc.d")
FORBID = "#!/bin/sh\n# slipway: while its cluster's packages are installed\nexit 101\n"


def program(name: str) -> Path:
    """The path of a program. Raises ClusterError if it is not installed."""
    found = shutil.which(name, path=PATH)
    if not found:
        raise ClusterError(f"{name} is not installed")
    return Path(found)


def cni_folder() -> Path | None:
    """The folder with the CNI plugins that the node uses; None if no folder has all of them."""
    return next((f for f in CNI_FOLDERS if all((f / p).exists() for p in CNI_PLUGINS)), None)


def missing() -> list[str]:
    """The packages whose programs are missing."""
    lacking = [pkg for pkg, name in PROGRAMS.items() if not shutil.which(name, path=PATH)]
    return lacking if cni_folder() else [*lacking, CNI_PACKAGE]


def install(say: Callable[[str], None]) -> None:
    """Installs the missing packages without starting their services."""
    packages = missing()
    if not packages:
        return
    say(f"installing Debian packages, without starting their services: {' '.join(packages)}")
    install_packages(packages)
    if still := missing():
        raise ClusterError(f"installed, yet not found: {', '.join(still)}")


def install_packages(packages: Sequence[str]) -> None:
    if not shutil.which("apt-get"):
        raise ClusterError(f"this machine lacks, by Debian's names: {', '.join(packages)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    options = ["-q", "-y", "--no-install-recommends"]
    with _ServicesStayOff():
        run(["apt-get", "update", "-q"], timeout=600, env=quiet)
        run(["apt-get", "install", *options, *packages], timeout=1200, env=quiet)


class _ServicesStayOff:
    """Puts Debian's hook in place during an installation, unless the machine has a hook already."""

    def __enter__(self) -> None:
        self._ours = not POLICY.exists()
        if self._ours:
            POLICY.write_text(FORBID)
            POLICY.chmod(0o755)

    def __exit__(self, *_: object) -> None:
        if self._ours:
            POLICY.unlink(missing_ok=True)


def clear_hook() -> None:
    """Removes our hook if a killed installation left it."""
    if POLICY.exists() and POLICY.read_text() == FORBID and os.geteuid() == 0:
        POLICY.unlink()
