"""Rolls the Deployment forward and back, and waits for it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from .cluster import Cluster, Json
from .errors import FAILED, MISSING, TOO_SLOW, ClientError
from .objects import DEPLOYMENT

BACK = "go back with `back`"


def forward(cluster: Cluster, image: str | None) -> str:
    """Gives the pods an image, or restarts them with what they have. Says what it did."""
    before = _deployment(cluster)
    container: Json = before["spec"]["template"]["spec"]["containers"][0]
    restarted = {"kubectl.kubernetes.io/restartedAt": datetime.now(UTC).isoformat()}
    template: Json = {"metadata": {"annotations": restarted}}
    if image:
        template = {"spec": {"containers": [{"name": container["name"], "image": image}]}}
    after = _patch(cluster, {"spec": {"template": template}})
    if after["metadata"]["generation"] == before["metadata"]["generation"]:
        return f"has {image} already"
    return f"forward to {image}" if image else f"restarts with {container['image']}"


def back(cluster: Cluster) -> str:
    """Gives the pods what the former revision has, as `kubectl rollout undo` does. Says what it did."""
    deployment = _deployment(cluster)
    former = [one for one in _replica_sets(cluster, deployment) if revision(one) < revision(deployment)]
    if not former:
        raise ClientError(MISSING, f"Deployment {DEPLOYMENT} has no former revision: roll it `forward` first")
    target = max(former, key=revision)
    template: Json = target["spec"]["template"]
    del template["metadata"]["labels"]["pod-template-hash"]  # the controller's own
    _patch(cluster, [{"op": "replace", "path": "/spec/template", "value": template}])
    return f"back to revision {revision(target)}, {template['spec']['containers'][0]['image']}"


def wait(cluster: Cluster, seconds: float, tell: Callable[[str], object]) -> None:
    """Waits until all pods are of the newest revision and available. Tells each change on the way."""
    until, told = time.monotonic() + seconds, ""
    while True:
        deployment = _deployment(cluster)
        done, words = progress(deployment)
        if words != told:
            tell(words)
            told = words
        if done:
            return
        for failure in _failures(cluster, deployment):
            raise ClientError(FAILED, f"Deployment {DEPLOYMENT}: {failure}")
        if time.monotonic() > until:
            raise ClientError(
                TOO_SLOW, f"Deployment {DEPLOYMENT}: {words} after {seconds:g} s: see `status`, or {BACK}"
            )
        time.sleep(1)


def progress(deployment: Json) -> tuple[bool, str]:
    """Whether the rollout is complete, as `kubectl rollout status` judges it, and how far it is."""
    status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    pods, updated, available = (status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas"))
    if not _is_seen(deployment):
        return False, "the controller has not seen it yet"
    return available >= wanted == updated == pods, f"{updated} of {wanted} updated, {available} available"


def revision(body: Json) -> int:
    return int(body["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", 0))


def _failures(cluster: Cluster, deployment: Json) -> Iterator[str]:
    """Why the rollout does not end by itself."""
    if deployment["spec"].get("paused"):
        yield f"it is paused: kubectl --namespace {cluster.namespace} rollout resume deployment/{DEPLOYMENT}"
    if not _is_seen(deployment):
        return
    for newest in _replica_sets(cluster, deployment):
        if revision(newest) != revision(deployment):
            continue
        pods = cluster.ask(cluster.core.list_namespaced_pod, label_selector=_selector(newest))["items"]
        for container in (each for pod in pods for each in pod["status"].get("containerStatuses", [])):
            waiting: Json = container["state"].get("waiting", {})
            reason, message = waiting.get("reason"), waiting.get("message", "")
            # The registry has answered NotFound. After other errors of a pull, the kubelet may succeed later.
            if reason in ("InvalidImageName", "ErrImageNeverPull") or "code = NotFound" in message:
                yield f"{container['image']} cannot be pulled ({message}): push it or correct its name, or {BACK}"
        for condition in deployment["status"].get("conditions", []):
            # What is said of a former revision stays until the newest one makes progress.
            own = f'"{newest["metadata"]["name"]}"' in condition.get("message", "")
            if condition.get("reason") == "ProgressDeadlineExceeded" and own:
                yield f"{condition['message'].rstrip('.')}: see `events`, or {BACK}"


def _is_seen(deployment: Json) -> bool:
    return deployment.get("status", {}).get("observedGeneration", 0) >= deployment["metadata"]["generation"]


def _deployment(cluster: Cluster) -> Json:
    return cluster.ask(cluster.apps.read_namespaced_deployment, name=DEPLOYMENT)


def _patch(cluster: Cluster, body: Json | list[Json]) -> Json:
    return cluster.ask(cluster.apps.patch_namespaced_deployment, name=DEPLOYMENT, body=body)


def _replica_sets(cluster: Cluster, deployment: Json) -> list[Json]:
    sets = cluster.ask(cluster.apps.list_namespaced_replica_set, label_selector=_selector(deployment))["items"]
    owner = deployment["metadata"]["uid"]
    return [one for one in sets if owner in [of["uid"] for of in one["metadata"].get("ownerReferences", [])]]


def _selector(body: Json) -> str:
    return ",".join(f"{key}={value}" for key, value in body["spec"]["selector"]["matchLabels"].items())
