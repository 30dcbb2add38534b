"""The processes of a native cluster and their command lines."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cluster.network import LOOPBACK
from cluster.pki import NODE
from cluster.plan import Plan
from cluster.shell import PATH

ZONE = "local-a"
REGION = "local"
HOLDER = "node"
HOLDING = "sleep"
"""The program that the holder runs once the node's mounts are in place."""
# These paths are hard-coded in containerd's shim, libcni and the kubelet. The node gets its own of each.
PRIVATE_FOLDERS = (
    "/run/containerd",
    "/var/lib/cni",
    "/var/lib/kubelet/device-plugins",
    "/var/log/containers",
)


@dataclass(frozen=True, kw_only=True)
class Daemon:
    """One process. With `on_node` it sees the node's own mounts, which end with the node's last process."""

    argv: Sequence[str | Path]
    on_node: bool = False
    env: Mapping[str, str] = field(default_factory=dict[str, str])


def holder(plan: Plan) -> Daemon:
    """Holds the node's mount namespace. Mounts in it are invisible on the machine. They are gone with the last
    process inside, however that process ended."""
    private = "".join(
        f"mkdir -p {own} && mount --no-mtab --bind {own} {folder} && "
        for folder in PRIVATE_FOLDERS
        for own in [shlex.quote(f"{plan.layout.run}/private{folder}")]
    )
    # Mounts are shared inside, so that volumes which the kubelet mounts reach running containers.
    setup = f"{private}mount --no-mtab --make-rshared / && exec {HOLDING} infinity"
    return Daemon(argv=["unshare", "--mount", "--propagation", "private", "sh", "-ec", setup])


def daemons(plan: Plan) -> dict[str, Daemon]:
    """Every process by name, in starting order."""
    return {
        HOLDER: holder(plan),
        "etcd": Daemon(argv=_etcd(plan)),
        "containerd": _containerd(plan),
        "docker-registry": Daemon(
            argv=[plan.programs["docker-registry"], "serve", plan.config("registry.json")],
            env={"OTEL_TRACES_EXPORTER": "none"},
        ),
        "dockerd": Daemon(
            argv=[plan.programs["dockerd"], "--config-file", plan.config("dockerd.json")],
            on_node=True,
        ),
        "kube-apiserver": Daemon(argv=_apiserver(plan)),
        "api-gateway": Daemon(argv=_gateway(plan)),
        "kube-controller-manager": Daemon(argv=_controller_manager(plan)),
        "kube-scheduler": Daemon(argv=_scheduler(plan)),
        "kubelet": Daemon(argv=_kubelet(plan), on_node=True),
        "kube-proxy": Daemon(argv=[plan.programs["kube-proxy"], "--config", plan.config("kube-proxy.json")]),
    }


def _flags(**values: object) -> list[str]:
    """Long options; `_` becomes `-`."""
    return [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]


def _etcd(plan: Plan) -> list[str | Path]:
    client = f"https://{LOOPBACK}:{plan.ports.etcd}"
    peer = f"https://{LOOPBACK}:{plan.ports.etcd_peer}"
    tls = {"cert_file": plan.pki("etcd.crt"), "key_file": plan.pki("etcd.key")}
    peer_tls = {f"peer_{name}": value for name, value in tls.items()}
    return [
        plan.programs["etcd"],
        *_flags(
            name=NODE,
            data_dir=plan.layout.data / "etcd",
            listen_client_urls=client,
            advertise_client_urls=client,
            listen_peer_urls=peer,
            initial_advertise_peer_urls=peer,
            initial_cluster=f"{NODE}={peer}",
            client_cert_auth="true",
            trusted_ca_file=plan.pki("etcd-ca.crt"),
            peer_client_cert_auth="true",
            peer_trusted_ca_file=plan.pki("etcd-ca.crt"),
            # The data ends with the cluster, so it need not survive a power cut.
            unsafe_no_fsync="true",
            **tls,
            **peer_tls,
        ),
    ]


def _containerd(plan: Plan) -> Daemon:
    program = plan.programs["containerd"]
    return Daemon(
        argv=[program, "--config", plan.config("containerd.toml")],
        on_node=True,
        # containerd looks there for the shim of its own version.
        env={"PATH": f"{program.parent}:{PATH}"},
    )


def _apiserver(plan: Plan) -> list[str | Path]:
    return [
        plan.programs["kube-apiserver"],
        *_flags(
            bind_address=LOOPBACK,
            secure_port=plan.ports.api,
            advertise_address=plan.network.gateway,
            service_cluster_ip_range=plan.network.services,
            etcd_servers=f"https://{LOOPBACK}:{plan.ports.etcd}",
            etcd_cafile=plan.pki("etcd-ca.crt"),
            etcd_certfile=plan.pki("etcd-client.crt"),
            etcd_keyfile=plan.pki("etcd-client.key"),
            client_ca_file=plan.pki("ca.crt"),
            tls_cert_file=plan.pki("apiserver.crt"),
            tls_private_key_file=plan.pki("apiserver.key"),
            kubelet_certificate_authority=plan.pki("ca.crt"),
            kubelet_client_certificate=plan.pki("apiserver-kubelet-client.crt"),
            kubelet_client_key=plan.pki("apiserver-kubelet-client.key"),
            kubelet_preferred_address_types="InternalIP",
            service_account_issuer="https://kubernetes.default.svc.cluster.local",
            service_account_key_file=plan.pki("service-account.pub"),
            service_account_signing_key_file=plan.pki("service-account.key"),
            authorization_mode="Node,RBAC",
            enable_admission_plugins="NodeRestriction",
            # The server allows it, so that only the namespace's pod security level decides.
            allow_privileged="true",
            requestheader_client_ca_file=plan.pki("front-proxy-ca.crt"),
            requestheader_allowed_names="front-proxy-client",
            requestheader_extra_headers_prefix="X-Remote-Extra-",
            requestheader_group_headers="X-Remote-Group",
            requestheader_username_headers="X-Remote-User",
            proxy_client_cert_file=plan.pki("front-proxy-client.crt"),
            proxy_client_key_file=plan.pki("front-proxy-client.key"),
            profiling="false",
        ),
    ]


def _gateway(plan: Plan) -> list[str | Path]:
    """The API server for pods. They cannot reach its loopback address. So etcd's plain TCP gateway forwards their
    connections, from the bridge's address and the same port."""
    return [
        plan.programs["etcd"],
        "gateway",
        "start",
        f"--listen-addr={plan.network.gateway}:{plan.ports.api}",
        f"--endpoints={LOOPBACK}:{plan.ports.api}",
        "--retry-delay=1s",
    ]


def _controller_manager(plan: Plan) -> list[str | Path]:
    own = plan.config("controller-manager.kubeconfig")
    return [
        plan.programs["kube-controller-manager"],
        *_flags(
            bind_address=LOOPBACK,
            secure_port=plan.ports.controller_manager,
            kubeconfig=own,
            authentication_kubeconfig=own,
            authorization_kubeconfig=own,
            leader_elect="false",
            use_service_account_credentials="true",
            service_account_private_key_file=plan.pki("service-account.key"),
            root_ca_file=plan.pki("ca.crt"),
            flex_volume_plugin_dir=plan.layout.data / "volume-plugins",
            cluster_signing_cert_file=plan.pki("ca.crt"),
            cluster_signing_key_file=plan.pki("ca.key"),
            # Quick enough for a test to see an autoscaler scale up and down.
            horizontal_pod_autoscaler_sync_period="5s",
            horizontal_pod_autoscaler_downscale_stabilization="15s",
            horizontal_pod_autoscaler_initial_readiness_delay="5s",
            horizontal_pod_autoscaler_cpu_initialization_period="15s",
            profiling="false",
        ),
    ]


def _scheduler(plan: Plan) -> list[str | Path]:
    own = plan.config("scheduler.kubeconfig")
    return [
        plan.programs["kube-scheduler"],
        *_flags(
            bind_address=LOOPBACK,
            secure_port=plan.ports.scheduler,
            kubeconfig=own,
            authentication_kubeconfig=own,
            authorization_kubeconfig=own,
            leader_elect="false",
            profiling="false",
        ),
    ]


def _kubelet(plan: Plan) -> list[str | Path]:
    labels = {"topology.kubernetes.io/region": REGION, "topology.kubernetes.io/zone": ZONE}
    return [
        plan.programs["kubelet"],
        *_flags(
            config=plan.config("kubelet.json"),
            kubeconfig=plan.config("node.kubeconfig"),
            root_dir=plan.layout.data / "kubelet",
            cert_dir=plan.layout.data / "kubelet-pki",
            hostname_override=NODE,
            node_ip=plan.network.gateway,
            node_labels=",".join(f"{name}={value}" for name, value in labels.items()),
        ),
    ]
