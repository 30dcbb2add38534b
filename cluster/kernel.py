"""Kernel settings that the node needs or that its daemons change. `down` restores them."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from cluster.errors import ClusterError
from cluster.shell import run

SYS = Path("/proc/sys")
CAP_SYS_RESOURCE = 24

# iptables must see packets on the bridge, so that an answer from a Service's address finds its way back. And the node
# must forward packets for its pods.
NEEDED = {"net/ipv4/ip_forward": "1", "net/bridge/bridge-nf-call-iptables": "1"}
# Settings that the kubelet (k8s.io/kubernetes/pkg/util/sysctl) and kube-proxy change.
CHANGED_BY_DAEMONS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
    "net/ipv4/conf/all/route_localnet",
    "net/ipv4/vs/conntrack",
    "net/ipv6/conf/all/forwarding",
    "net/bridge/bridge-nf-call-ip6tables",
)


def snapshot() -> dict[str, str]:
    """The current values. Settings that this kernel lacks are left out."""
    names = (*NEEDED, *CHANGED_BY_DAEMONS)
    return {name: (SYS / name).read_text().strip() for name in names if (SYS / name).exists()}


def prepare() -> None:
    """Sets what the node needs."""
    if not all((SYS / name).exists() for name in NEEDED):
        # Load the features as modules. This fails harmlessly if the kernel has them built in.
        with contextlib.suppress(ClusterError):
            run(["modprobe", "--all", "overlay", "br_netfilter"], timeout=20)
    for name, value in NEEDED.items():
        if not (SYS / name).exists():
            raise ClusterError(f"this kernel has no {name}: it lacks bridge netfilter")
        (SYS / name).write_text(value)


def restore(before: Mapping[str, str]) -> None:
    """Writes back each value that has changed."""
    for name, value in before.items():
        setting = SYS / name
        if setting.exists() and setting.read_text().strip() != value:
            setting.write_text(value)


def may_raise_limits() -> bool:
    """Whether root has CAP_SYS_RESOURCE here. Sandboxes often remove it."""
    status = Path("/proc/self/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> CAP_SYS_RESOURCE & 1)
