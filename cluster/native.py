"""The commands for the cluster that runs as processes of this machine."""

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from cluster import debian, firewall, network, processes, record
from cluster.binaries import Cache
from cluster.bring_up import PROVIDER, bring_up, start_daemon
from cluster.daemons import HOLDER, daemons
from cluster.errors import ClusterError
from cluster.health import checks, ended, log_of, unwell, wait_for
from cluster.layout import Layout
from cluster.machine import exclusive, require_root
from cluster.plan import Plan
from cluster.teardown import end

__all__ = ["PROVIDER", "down", "home_in_use", "restart", "status", "up"]

Say = Callable[[str], None]
PATIENCE = 10
"""Seconds that a daemon has to end by itself. The API server would drain for longer."""


def up(layout: Layout, say: Say) -> None:
    """Starts the cluster unless it is running. The rest of an unfinished cluster is ended first."""
    require_root()
    with exclusive(say):
        found = record.read(layout.record)
        if found and layout.facts.exists() and not ended(layout, found):
            # A slow part is not broken, so wait: deleting the cluster for one late answer would lose what is in it.
            for name, probe in checks(layout, found).items():
                wait_for(layout, found, name, probe)
            say(f"running: {layout.facts}")
            return
        if found or _owner() == str(layout.home):
            say("a cluster is here that is not whole; ending it first")
            end(layout, found)
        _refuse_a_second_one()
        debian.clear_hook()
        debian.install(say)
        programs = _programs(layout, say)
        started = time.monotonic()
        shutil.rmtree(layout.logs, ignore_errors=True)
        for folder in (layout.home, layout.logs, layout.config, layout.data, layout.run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        plan = Plan(
            layout=layout,
            network=network.choose_network(network.used_networks()),
            ports=network.choose_ports(),
            programs=programs,
        )
        try:
            bring_up(plan, say)
        except BaseException:
            say("it did not come up; taking down what was started (the logs stay)")
            end(layout, record.read(layout.record))
            raise
        say(f"ready after {time.monotonic() - started:.1f} s: {layout.facts}")


def down(layout: Layout, say: Say) -> None:
    """Ends what `up` started and restores what it changed. Keeps the cache and the logs."""
    require_root()
    with exclusive(say):
        debian.clear_hook()
        found = record.read(layout.record)
        owner = _owner()
        ours = owner is not None and (owner == str(layout.home) or not Path(owner).exists())
        if found is None and not ours:
            say(f"no cluster here; the machine's is {owner}'s" if owner else "no cluster here")
            return
        started = time.monotonic()
        end(layout, found)
        say(f"ended after {time.monotonic() - started:.1f} s; nothing is left but {layout.home}")


def home_in_use() -> str | None:
    """The home of the cluster that this machine runs, be it another working copy's; None if it runs none."""
    owner = _owner()
    return owner if owner and Path(owner).exists() else None


def status(layout: Layout, say: Say) -> bool:
    """Prints the state of each part; True if the cluster is ready and every part is well."""
    found = record.read(layout.record)
    if not found:
        say("not running")
        return False
    wrong = unwell(layout, found)
    for name, identity in found.processes.items():
        state = "runs" if processes.is_alive(identity) else "has ended"
        say(f"{name:24} {state:10} pid {identity.pid:<8} {log_of(layout, name)}")
    for what, reason in wrong.items():
        say(f"{what}: {reason}")
    if not layout.facts.exists():
        say("not up yet, or its `up` was cut short")
    return layout.facts.exists() and not wrong


def restart(layout: Layout, name: str, say: Say) -> None:
    """Ends one daemon as a service manager would, and starts it again."""
    require_root()
    with exclusive(say):
        found = record.read(layout.record)
        if not found or name not in found.processes or name == HOLDER:
            known = sorted(set(found.processes) - {HOLDER}) if found else []
            raise ClusterError(f"no {name} runs here; what does: {', '.join(known) or 'nothing'}")
        old = found.processes[name]
        processes.send(old, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while processes.is_alive(old):
            if time.monotonic() > deadline:
                processes.send(old, signal.SIGKILL)
            time.sleep(0.05)
        plan = Plan(
            layout=layout,
            network=found.network,
            ports=found.ports,
            programs=_programs(layout, say),
        )
        start_daemon(layout, found, name, daemons(plan)[name])
        probe = checks(layout, found).get(name)
        if probe:
            wait_for(layout, found, name, probe)
        say(f"{name} runs again")


def _owner() -> str | None:
    # Without iproute2 there cannot be a bridge.
    return network.owner() if shutil.which("ip") else None


def _refuse_a_second_one() -> None:
    """A machine has only one packet filter and one bridge of this name."""
    if (owner := _owner()) is not None:
        raise ClusterError(
            f"this machine runs the cluster of {owner} already: use it with "
            f"SLIPWAY_CLUSTER_HOME={owner}, or end it with `python -m cluster down` and the same"
        )
    if shutil.which("iptables-save") and firewall.has_kubernetes(firewall.save("ip")):
        raise ClusterError("this machine is a node of a cluster already: it has KUBE chains")


def _programs(layout: Layout, say: Say) -> dict[str, Path]:
    cache = Cache(layout, say)
    packaged = {name: debian.program(name) for name in debian.DAEMONS}
    return {**cache.programs(), "etcd": cache.etcd(), **packaged}
