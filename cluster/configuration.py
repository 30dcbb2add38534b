"""The configuration files of the components.

Components that read YAML get JSON, which is a subset of YAML, so that nothing needs quoting.
"""

import base64
import json
import resource
from ipaddress import IPv4Address

from cluster import cgroups
from cluster.kernel import may_raise_limits
from cluster.network import BRIDGE, LOOPBACK
from cluster.pki import NODE
from cluster.plan import CONTEXT, Plan
from cluster.record import replace

PAUSE_IMAGE = "slipway.internal/pause:v0"
DOMAIN = "cluster.local"
CLIENTS = ("controller-manager", "scheduler", "proxy", "node")
"""The certificates that get a kubeconfig, besides the administrator's."""
RESERVED = "1Gi"


def kubeconfig(plan: Plan, client: str) -> str:
    """The kubeconfig with which `client` reaches the API server. It embeds the certificates."""
    cluster = {
        "server": plan.server,
        "certificate-authority-data": _embedded(plan, "ca.crt"),
    }
    user = {
        "client-certificate-data": _embedded(plan, f"{client}.crt"),
        "client-key-data": _embedded(plan, f"{client}.key"),
    }
    return _json(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": CONTEXT, "cluster": cluster}],
            "users": [{"name": client, "user": user}],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": client}}],
            "current-context": CONTEXT,
        }
    )


def kubelet(plan: Plan) -> str:
    """https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _json(
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": str(plan.network.gateway),
            "port": plan.ports.kubelet,
            "healthzBindAddress": LOOPBACK,
            "healthzPort": plan.ports.kubelet_health,
            "tlsCertFile": plan.pki("kubelet.crt"),
            "tlsPrivateKeyFile": plan.pki("kubelet.key"),
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": plan.pki("ca.crt")},
            },
            "authorization": {"mode": "Webhook"},
            "containerRuntimeEndpoint": f"unix://{plan.layout.containerd_socket}",
            "clusterDomain": DOMAIN,
            "clusterDNS": [str(plan.network.dns)],
            # Pods resolve only names of the cluster, not those of the machine's network.
            "resolvConf": "",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{cgroups.NAME}",
            "failCgroupV1": False,
            "failSwapOn": False,
            "enforceNodeAllocatable": [],
            "oomScoreAdj": 0,
            "maxOpenFiles": descriptors,
            "podLogsDir": str(plan.layout.pod_logs),
            "volumePluginDir": str(plan.layout.data / "volume-plugins"),
            "seccompDefault": True,
            # How soon a changed ConfigMap reaches the files of a running pod. A minute is the default.
            "syncFrequency": "10s",
            "serializeImagePulls": False,
            "registryPullQPS": 0,
            "eventRecordQPS": 0,
            # Evict pods only if almost no disk space is left. A fairly full disk is normal on a developer's machine.
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": RESERVED},
            "imageGCHighThresholdPercent": 100,
        }
    )


def kube_proxy(plan: Plan) -> str:
    """https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/"""
    return _json(
        {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": plan.config("proxy.kubeconfig")},
            "hostnameOverride": NODE,
            "bindAddress": LOOPBACK,
            "healthzBindAddress": f"{LOOPBACK}:{plan.ports.proxy_health}",
            "metricsBindAddress": f"{LOOPBACK}:{plan.ports.proxy_metrics}",
            "mode": "iptables",
            "detectLocalMode": "BridgeInterface",
            "detectLocal": {"bridgeInterface": BRIDGE},
            "nodePortAddresses": [f"{plan.network.gateway}/32"],
            "iptables": {"localhostNodePorts": False},
            # Keep the machine's own limits and timeouts.
            "conntrack": {
                "maxPerCore": 0,
                "min": 0,
                "tcpEstablishedTimeout": "0s",
                "tcpCloseWaitTimeout": "0s",
            },
            "oomScoreAdj": 0,
        }
    )


def containerd(plan: Plan, *, runc: str, cni_folder: str) -> str:
    """https://github.com/containerd/containerd/blob/main/docs/cri/config.md"""
    layout = plan.layout
    restrict = str(not may_raise_limits()).lower()
    return f"""\
version = 3
root = "{layout.data}/containerd"
state = "{layout.run}/containerd"

[grpc]
address = "{layout.containerd_socket}"

[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "{PAUSE_IMAGE}"

[plugins."io.containerd.cri.v1.images".registry]
config_path = "{layout.config}/certs.d"

[plugins."io.containerd.cri.v1.runtime"]
restrict_oom_score_adj = {restrict}
netns_mounts_under_state_dir = true

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["{cni_folder}"]
conf_dir = "{layout.config}/cni"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = "{runc}"
SystemdCgroup = false

[plugins."io.containerd.nri.v1.nri"]
disable = true

[plugins."io.containerd.grpc.v1.cri"]
stream_server_address = "{LOOPBACK}"
stream_server_port = "0"
"""


def registry_host(plan: Plan) -> str:
    """Plain HTTP, only on loopback.
    https://github.com/containerd/containerd/blob/main/docs/hosts.md"""
    return f"""\
server = "http://{plan.registry}"

[host."http://{plan.registry}"]
capabilities = ["pull", "resolve"]
"""


def cni(plan: Plan) -> str:
    """https://www.cni.dev/plugins/current/main/bridge/"""
    pods = plan.network.pods

    def address(offset: int) -> str:
        return str(IPv4Address(int(pods.network_address) + offset))

    ipam = {
        "type": "host-local",
        "dataDir": str(plan.layout.data / "cni"),
        "ranges": [
            [
                {
                    "subnet": plan.network.bridge,
                    "rangeStart": address(2),
                    "rangeEnd": str(pods.broadcast_address),
                    "gateway": str(plan.network.gateway),
                }
            ]
        ],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        # Lets a pod reach itself through its own Service.
        "hairpinMode": True,
        "ipam": ipam,
    }
    return _json({"cniVersion": "1.0.0", "name": "slipway", "plugins": [bridge]})


def registry(plan: Plan) -> str:
    """https://distribution.github.io/distribution/about/configuration/"""
    return _json(
        {
            "version": 0.1,
            "storage": {
                "filesystem": {"rootdirectory": str(plan.layout.data / "registry")},
                "delete": {"enabled": True},
            },
            "http": {"addr": plan.registry},
        }
    )


def dockerd(plan: Plan) -> str:
    """https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file

    The cluster's own engine: no default bridge, no packet filter rules, published ports on loopback.
    """
    return _json(
        {
            "hosts": [f"unix://{plan.layout.docker_socket}"],
            "data-root": str(plan.layout.data / "docker"),
            "exec-root": str(plan.layout.run / "docker"),
            "pidfile": str(plan.layout.run / "docker.pid"),
            "deprecated-key-path": str(plan.layout.pki / "docker-key.json"),
            "containerd": str(plan.layout.containerd_socket),
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            "cgroup-parent": f"/{cgroups.NAME}/builds",
            "storage-driver": "overlay2",
            "bridge": BRIDGE,
            "fixed-cidr": str(plan.network.builds),
            "ip": LOOPBACK,
            "ip-forward": False,
            "ip-masq": False,
            "iptables": False,
            "oom-score-adjust": 0,
        }
    )


def write(plan: Plan, *, runc: str, cni_folder: str) -> None:
    """Writes all configuration files, readable only by their owner."""
    files = {
        "kubelet.json": kubelet(plan),
        "kube-proxy.json": kube_proxy(plan),
        "containerd.toml": containerd(plan, runc=runc, cni_folder=cni_folder),
        "registry.json": registry(plan),
        "dockerd.json": dockerd(plan),
        "cni/10-slipway.conflist": cni(plan),
        f"certs.d/{plan.registry}/hosts.toml": registry_host(plan),
        **{f"{client}.kubeconfig": kubeconfig(plan, client) for client in CLIENTS},
    }
    for name, text in files.items():
        file = plan.layout.config / name
        file.parent.mkdir(parents=True, exist_ok=True)
        replace(file, text)


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def _embedded(plan: Plan, file: str) -> str:
    return base64.b64encode((plan.layout.pki / file).read_bytes()).decode()
