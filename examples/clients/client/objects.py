"""The three objects."""

from collections.abc import Iterator

from kubernetes.client.exceptions import ApiException

from .cluster import Cluster, Json

NAMES = {"Pod": "my-pod", "Service": "my-service", "Deployment": "my-deployment"}
DEPLOYMENT = NAMES["Deployment"]
IMAGE = "my-image:latest"


def find(cluster: Cluster, kind: str) -> Json | None:
    core, apps = cluster.core, cluster.apps
    read = {"Pod": core.read_namespaced_pod, "Service": core.read_namespaced_service}.get(kind)
    try:
        return cluster.ask(read or apps.read_namespaced_deployment, name=NAMES[kind])
    except ApiException as error:
        if error.status == 404:  # pyright: ignore[reportUnknownMemberType]
            return None
        raise


def ensure(cluster: Cluster, image: str) -> Iterator[str]:
    """Finds each of the three, or creates it. Yields what it did."""
    core, apps = cluster.core, cluster.apps
    pod = {"app": DEPLOYMENT}
    service = {"selector": pod, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}
    template = _pod(DEPLOYMENT, image)
    deployment = {"replicas": 3, "progressDeadlineSeconds": 120, "selector": {"matchLabels": pod}, "template": template}
    creates = {"Pod": core.create_namespaced_pod, "Service": core.create_namespaced_service}
    bodies = {"Pod": _pod(NAMES["Pod"], image), "Service": {"spec": service}, "Deployment": {"spec": deployment}}
    for kind, name in NAMES.items():
        found = find(cluster, kind)
        if not found:
            body: Json = {"metadata": {"name": name}, **bodies[kind]}
            cluster.ask(creates.get(kind, apps.create_namespaced_deployment), body=body)
        yield f"{kind} {name}: {'found' if found else 'created'}"


def _pod(name: str, image: str) -> Json:
    """A pod that the pod security standard `restricted` accepts."""
    container = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"tcpSocket": {"port": "http"}},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    user = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"automountServiceAccountToken": False, "securityContext": user, "containers": [container]}
    return {"metadata": {"name": name, "labels": {"app": name}}, "spec": spec}
