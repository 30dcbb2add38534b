"""The configuration files of the cluster's components."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cluster import configuration, pki
from cluster.daemons import daemons
from cluster.layout import Layout
from cluster.network import LOOPBACK, Network, Ports
from cluster.plan import Plan

PROGRAMS = (
    "etcd",
    "containerd",
    "docker-registry",
    "dockerd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(
        layout=Layout(home=tmp_path, cache=tmp_path / "cache"),
        network=Network(bridge="10.244.0.0/22", services="10.96.0.0/20"),
        ports=Ports(
            api=1,
            registry=2,
            etcd=3,
            etcd_peer=4,
            kubelet=5,
            kubelet_health=6,
            controller_manager=7,
            scheduler=8,
            proxy_health=9,
            proxy_metrics=10,
        ),
        programs={name: Path("/cache") / name for name in PROGRAMS},
    )


def test_the_kubelet_refuses_unauthenticated_requests(plan: Plan) -> None:
    config: dict[str, Any] = json.loads(configuration.kubelet(plan))
    assert config["authentication"]["anonymous"] == {"enabled": False}
    assert config["authentication"]["webhook"] == {"enabled": True}
    assert config["authorization"] == {"mode": "Webhook"}
    assert config.get("readOnlyPort", 0) == 0


def test_containerd_understands_its_configuration(plan: Plan) -> None:
    text = configuration.containerd(plan, runc="/usr/sbin/runc", cni_folder="/usr/lib/cni")
    plugins = tomllib.loads(text)["plugins"]
    images = plugins["io.containerd.cri.v1.images"]
    assert images["pinned_images"] == {"sandbox": configuration.PAUSE_IMAGE}
    assert images["registry"]["config_path"] == f"{plan.layout.config}/certs.d"
    assert plugins["io.containerd.grpc.v1.cri"]["stream_server_address"] == LOOPBACK


def test_the_docker_engine_listens_only_on_its_socket_and_publishes_on_loopback(
    plan: Plan,
) -> None:
    config: dict[str, Any] = json.loads(configuration.dockerd(plan))
    assert config["hosts"] == [f"unix://{plan.layout.docker_socket}"]
    assert config["ip"] == LOOPBACK
    assert config["iptables"] is False


def test_pods_and_builds_get_different_addresses(plan: Plan) -> None:
    config: dict[str, Any] = json.loads(configuration.cni(plan))
    ((pods,),) = [plugin["ipam"]["ranges"][0] for plugin in config["plugins"]]
    assert (pods["rangeStart"], pods["rangeEnd"]) == ("10.244.0.2", "10.244.1.255")
    assert json.loads(configuration.dockerd(plan))["fixed-cidr"] == "10.244.2.0/23"


def test_everything_that_listens_does_so_on_loopback_or_the_bridge(plan: Plan) -> None:
    ours = {LOOPBACK, str(plan.network.gateway)}
    flags = [str(word) for daemon in daemons_here(plan).values() for word in daemon]
    bound = [flag.split("=")[1] for flag in flags if flag.startswith("--bind-address=")]
    urls = [flag for flag in flags if flag.startswith(("--listen-", "--advertise-client"))]
    assert len(bound) == 3
    assert set(bound) <= ours
    assert len(urls) == 4
    assert all(any(address in url for address in ours) for url in urls)


def test_the_server_authorizes_nodes_and_roles_and_allows_nothing_else(plan: Plan) -> None:
    flags = daemons_here(plan)["kube-apiserver"]
    assert "--authorization-mode=Node,RBAC" in flags
    assert "--enable-admission-plugins=NodeRestriction" in flags
    assert not [flag for flag in flags if "insecure" in flag or "token-auth" in flag]


def test_only_the_owner_can_read_secrets(plan: Plan) -> None:
    pki.create(plan.layout.pki, plan.network)
    configuration.write(plan, runc="/usr/sbin/runc", cni_folder="/usr/lib/cni")
    written = [*plan.layout.pki.rglob("*"), *plan.layout.config.rglob("*")]
    modes = {file.name: file.stat().st_mode & 0o777 for file in written if file.is_file()}
    assert len(modes) > 30
    assert set(modes.values()) == {0o600}


def daemons_here(plan: Plan) -> dict[str, list[str]]:
    return {name: [str(w) for w in daemon.argv] for name, daemon in daemons(plan).items()}
