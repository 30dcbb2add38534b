"""nginx 1.14.2 as published, which starts as root on port 80, and beside it the same image without root."""

import pulumi

import slipway as sw

NGINX, BUSYBOX = "nginx:1.14.2", "busybox:1.37"
HTML, NOBODY, SMALL = "/usr/share/nginx/html", 65532, sw.Resources(cpu="25m", memory="64Mi")
settings = pulumi.Config()
# `restricted` forbids root. `baseline`, the next standard, allows it.
namespace = sw.Namespace("k8s", sw.NamespaceArgs(pod_security="baseline"))

# The pages are on a disk of one node. A Job writes them, and tries again in the same pod.
disk = sw.PersistentVolumeArgs(
    size="100Mi", source={"local": {"path": settings.require("disk")}}, nodes=[settings.require("node")]
)
volume = sw.PersistentVolume("k8s-pages", disk)
claim = sw.Claim("pages", sw.ClaimArgs(namespace=namespace, size="100Mi", volume=volume))
write = sw.JobArgs(
    namespace=namespace,
    image=BUSYBOX,
    args=["sh", "-c", "echo 'Hello from k8s.' >/pages/new.html && mv /pages/new.html /pages/index.html"],
    mounts={"/pages": claim.volume()},
    restart_policy="OnFailure",
    user=NOBODY,
    fs_group=NOBODY,
    resources=SMALL,
)
pages = sw.Job("pages", write)
html = claim.volume(read_only=True)

# As published: root gives folders to the user `nginx`, listens on port 80, and starts workers as that user.
# It has the four rights for that and no other, and its own files stay read-only.
published = sw.DeploymentArgs(
    namespace=namespace,
    image=NGINX,
    ports=[sw.Port(name="http", number=80)],
    mounts={HTML: html, "/var/cache/nginx": sw.empty_dir("64Mi"), "/run": sw.empty_dir("1Mi")},
    probes=sw.Probes(readiness=sw.Probe(http="/")),
    before=[pages],
    resources=SMALL,
    restart_policy="Always",
    pod_spec={"security_context": {"run_as_non_root": False}},
    container_spec={"security_context": {"capabilities": {"add": ["CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID"]}}},
)
nginx = sw.Deployment("nginx", published)
service = sw.Service("nginx-service", sw.ServiceArgs(workload=nginx))
# The use of CPU decides how many pods there are, two at least. The use of memory decides how much each one requests.
sw.Autoscaler("nginx", sw.AutoscalerArgs(workload=nginx, scaling=sw.Scaling(min=2, max=6, cpu=60)))
memory = sw.Bounds(min_memory="32Mi", max_memory="256Mi")
sw.VerticalAutoscaler(
    "nginx", sw.VerticalAutoscalerArgs(workload=nginx, resources=["memory"], containers={"nginx": memory})
)

# The same without root: another user, and a configuration that suits it. Nothing is relaxed.
config = sw.Config("nginx-unprivileged", sw.ConfigArgs(namespace=namespace, values=sw.files_in("config")))
unprivileged = sw.DeploymentArgs(
    namespace=namespace,
    image=NGINX,
    replicas=2,
    ports=[sw.Port(name="http", number=8080)],
    mounts={HTML: html, "/etc/nginx/nginx.conf": config.values.volume().at("nginx.conf"), "/tmp": sw.empty_dir("64Mi")},
    probes=sw.Probes(readiness=sw.Probe(http="/")),
    before=[pages],
    resources=SMALL,
    restart_policy="Always",
    user=NOBODY,
)
other = sw.Service(
    "nginx-unprivileged",
    sw.ServiceArgs(workload=sw.Deployment("nginx-unprivileged", unprivileged), ports={"http": 80}),
)

# Where a pod finds a Service: DNS has its name, and a pod that asks for them gets variables. They are of the Services
# that are older than the pod, so the Job waits for the URN of this one. Each try is a new pod, whose log stays.
find = """until wget -qO /dev/null "http://$SERVICE"; do sleep 1; done
nslookup "$SERVICE.cluster.local" | grep -A1 "^Name:"
env | grep ^NGINX_SERVICE_SERVICE_ | sort
wget -qO- "http://$SERVICE" && wget -qO- "http://$NGINX_SERVICE_SERVICE_HOST:$NGINX_SERVICE_SERVICE_PORT" """
discovery = sw.JobArgs(
    namespace=namespace,
    image=BUSYBOX,
    args=["sh", "-c", find],
    environment={"SERVICE": service.resource.urn.apply(lambda _: service.host)},
    restart_policy="Never",
    user=NOBODY,
    resources=SMALL,
    pod_spec={"enable_service_links": True},
)
sw.Job("discovery", discovery)
pulumi.export("nginx", service.url())
pulumi.export("unprivileged", other.url())
