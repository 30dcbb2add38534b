"""One of each object: a service, what records its requests, and what reports them, in one namespace."""

import pulumi

import slipway as sw

BUSYBOX, NOBODY = "busybox:1.37", 65532
HTTP = sw.Port(name="http", number=8080)
settings = pulumi.Config()
namespace = sw.Namespace("objects")

# The service: its greeting is in a ConfigMap, the token of /private in a Secret.
config = sw.Config(
    "hello-world",
    sw.ConfigArgs(
        namespace=namespace,
        values={"hello-world.data": "Hello from objects.\n", "hello-world.config": "drain_delay = 1s\n"},
        secrets={"API_TOKEN": settings.require_secret("apiToken")},
    ),
)
deployment = sw.DeploymentArgs(
    namespace=namespace,
    image="registry.example.com/hello-world:1.0.0",
    ports=[HTTP],
    mounts={"/etc/hello-world": config.values.volume()},
    environment=config.secrets.environment(),
    probes=sw.Probes(readiness=sw.Probe(http="/readyz"), liveness=sw.Probe(http="/livez")),
    replicas=2,
)
hello = sw.Deployment("hello-world", deployment)
service = sw.Service("hello-world", sw.ServiceArgs(workload=hello))
sw.Monitor("hello-world", sw.MonitorArgs(of=service))

# Each node asks the service. The agent of a node that does not reach it is not ready.
asking = {"SERVICE": service.url()}
ask = 'wget -qO- "$SERVICE/readyz" >/dev/null'
agent = sw.DaemonSetArgs(
    namespace=namespace,
    image=BUSYBOX,
    args=["sleep", "infinity"],
    environment=asking,
    probes=sw.Probes(readiness=sw.Probe(command=["sh", "-c", ask])),
    user=NOBODY,
    termination_grace=2,
)
sw.DaemonSet("agent", agent)

# The recorder asks it every five seconds, and keeps what it has seen in a claim of its own.
record = f'while sleep 5; do {ask} && seen=up || seen=down; echo "$(date -Is) $seen" >>/data/seen.txt; done'
data = sw.ClaimTemplate(name="data", size="100Mi")
recorder = sw.StatefulSetArgs(
    namespace=namespace,
    image=BUSYBOX,
    args=["httpd", "-f", "-p", "8080", "-h", "/data"],
    ports=[HTTP],
    mounts={"/data": data},
    sidecars={
        "record": sw.Container(image=BUSYBOX, args=["sh", "-c", record], environment=asking, mounts={"/data": data})
    },
    user=NOBODY,
    fs_group=NOBODY,
    pre_stop=0,
    termination_grace=2,
)
seen = sw.Service("recorder", sw.ServiceArgs(workload=sw.StatefulSet("recorder", recorder)))

# The reports are on a disk of one node. A Job heads them, a CronJob adds to them, a Pod shows them.
disk = sw.PersistentVolumeArgs(
    size="100Mi", source={"local": {"path": settings.require("disk")}}, nodes=[settings.require("node")]
)
volume = sw.PersistentVolume("objects-reports", disk)
claim = sw.Claim("reports", sw.ClaimArgs(namespace=namespace, size="100Mi", volume=volume))
reports = {"/reports": claim.volume()}
head = "test -e /reports/report.txt || echo 'time, up, asked' >/reports/report.txt"
heading = sw.Job(
    "heading",
    sw.JobArgs(
        namespace=namespace, image=BUSYBOX, args=["sh", "-c", head], mounts=reports, user=NOBODY, fs_group=NOBODY
    ),
)
# It waits until the Deployment is available. For that it may read this Deployment, and nothing else.
account = sw.ServiceAccount("report", sw.ServiceAccountArgs(namespace=namespace))
sw.Grant("report", sw.GrantArgs(to=account, may="read", what=[hello]))
KUBECTL = sw.Container(
    image="registry.k8s.io/kubectl:v1.36.3", args=["wait", "deployment/hello-world", "--for=condition=Available"]
)
add = """wget -qO /tmp/seen "$RECORDER/seen.txt"
echo "$(date -Is), $(grep -c up$ /tmp/seen), $(wc -l </tmp/seen)" >>/reports/report.txt"""
report = sw.CronJobArgs(
    namespace=namespace,
    schedule=settings.get("schedule") or "*/5 * * * *",
    service_account=account,
    init_containers={"available": KUBECTL},
    before=[heading],
    image=BUSYBOX,
    args=["sh", "-ec", add],
    environment={"RECORDER": seen.url()},
    mounts={**reports, "/tmp": sw.empty_dir("100Mi")},
    user=NOBODY,
    fs_group=NOBODY,
)
sw.CronJob("report", report)
reader = sw.PodArgs(
    namespace=namespace,
    image=BUSYBOX,
    args=["httpd", "-f", "-p", "8080", "-h", "/reports"],
    ports=[HTTP],
    mounts=reports,
    before=[heading],
    user=NOBODY,
    fs_group=NOBODY,
    termination_grace=2,
)
readers = sw.Service("reader", sw.ServiceArgs(workload=sw.Pod("reader", reader)))
pulumi.export("service", service.url())
pulumi.export("reports", pulumi.Output.concat(readers.url(), "/report.txt"))
