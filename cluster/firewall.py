"""Packet filter rules: adds the cluster's few rules, and removes only what the cluster made."""

import contextlib
import re
from collections.abc import Iterable, Mapping

from cluster.errors import ClusterError
from cluster.network import BRIDGE, Network
from cluster.shell import run

FAMILIES = {"ip": "iptables", "ip6": "ip6tables"}
BUILT_IN = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}
# Chains of the kubelet, of kube-proxy and of ours. A machine with KUBE chains before `up` is somebody's node.
OURS = re.compile(r"^(KUBE|SLIPWAY)-")


def rules(network: Network) -> str:
    """The rules that the cluster needs besides kube-proxy's, for `iptables-restore --noflush`.

    Pods reach the node, each other and Services, and nothing else. Image builds also reach the outside, because they
    fetch modules. Nothing outside reaches in.
    """
    return f"""\
*raw
:SLIPWAY-PREROUTING - [0:0]
-A SLIPWAY-PREROUTING -i lo -j RETURN
-A SLIPWAY-PREROUTING -i {BRIDGE} -j RETURN
-A SLIPWAY-PREROUTING -d {network.bridge} -j DROP
-A SLIPWAY-PREROUTING -d {network.services} -j DROP
-I PREROUTING -j SLIPWAY-PREROUTING
COMMIT
*filter
:SLIPWAY-INPUT - [0:0]
:SLIPWAY-FORWARD - [0:0]
-A SLIPWAY-INPUT -i {BRIDGE} -s {network.bridge} -d {network.gateway} -j ACCEPT
-A SLIPWAY-FORWARD -i {BRIDGE} -o {BRIDGE} -j ACCEPT
-A SLIPWAY-FORWARD -o {BRIDGE} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A SLIPWAY-FORWARD -i {BRIDGE} -s {network.builds} -j ACCEPT
-A SLIPWAY-FORWARD -i {BRIDGE} -j REJECT
-I INPUT -j SLIPWAY-INPUT
-I FORWARD -j SLIPWAY-FORWARD
COMMIT
*nat
:SLIPWAY-POSTROUTING - [0:0]
-A SLIPWAY-POSTROUTING -s {network.builds} ! -o {BRIDGE} -j MASQUERADE
-I POSTROUTING -j SLIPWAY-POSTROUTING
COMMIT
"""


def add(network: Network) -> None:
    run(["iptables-restore", "--noflush"], stdin=rules(network).encode(), timeout=20)


def parse(saved: str) -> dict[str, tuple[list[str], list[str]]]:
    """The chains and rules of each table in the output of `iptables-save`."""
    tables: dict[str, tuple[list[str], list[str]]] = {}
    chains: list[str] = []
    appended: list[str] = []
    for line in saved.splitlines():
        if line.startswith("*"):
            chains, appended = tables[line[1:]] = ([], [])
        elif line.startswith(":"):
            chains.append(line[1:].split()[0])
        elif line.startswith("-A "):
            appended.append(line)
    return tables


def has_kubernetes(saved: str) -> bool:
    """Whether a kubelet or kube-proxy has left chains."""
    return any(c.startswith("KUBE-") for chains, _ in parse(saved).values() for c in chains)


def removal(saved: str) -> str:
    """The `iptables-restore --noflush` input that removes our chains and the jumps to them."""
    script: list[str] = []
    for table, (chains, appended) in parse(saved).items():
        ours = [chain for chain in chains if OURS.match(chain)]
        if not ours:
            continue
        jumps = [rule for rule in appended if _chain(rule) not in ours and _target(rule) in ours]
        script += [
            f"*{table}",
            *(f"-D{rule[2:]}" for rule in jumps),
            *(f"-F {chain}" for chain in ours),
            *(f"-X {chain}" for chain in ours),
            "COMMIT",
        ]
    return "".join(f"{line}\n" for line in script)


def _chain(rule: str) -> str:
    return rule.split()[1]


def _target(rule: str) -> str | None:
    found = re.search(r" -[jg] (\S+)", rule)
    return found[1] if found else None


def unused_tables(saved: str, before: Iterable[str]) -> list[str]:
    """The tables that were not there before and that hold neither a rule nor a custom chain."""
    return [
        table
        for table, (chains, appended) in parse(saved).items()
        if table not in before and not appended and BUILT_IN.issuperset(chains)
    ]


def save(family: str) -> str:
    """`iptables-save` of a family; empty if the machine does not have the family."""
    try:
        return run([f"{FAMILIES[family]}-save"], timeout=20)
    except ClusterError:
        if family == "ip":
            raise
        return ""


def tables() -> dict[str, list[str]]:
    """The current tables of each family."""
    return {family: list(parse(save(family))) for family in FAMILIES}


def remove(before: Mapping[str, Iterable[str]] | None) -> None:
    """Removes what the cluster made.

    `before` names the tables that existed before the cluster. Other tables are deleted once they are empty. None
    keeps all tables.
    """
    for family, command in FAMILIES.items():
        if script := removal(save(family)):
            run([f"{command}-restore", "--noflush"], stdin=script.encode(), timeout=20)
        if before is not None:
            for table in unused_tables(save(family), before.get(family, ())):
                # Only the nftables variant creates tables, and only it can delete them.
                with contextlib.suppress(ClusterError):
                    run(["nft", "delete", "table", family, table], timeout=20)
