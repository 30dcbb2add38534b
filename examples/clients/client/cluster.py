"""The connection to the API server."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import yaml
from kubernetes import config as _untyped
from kubernetes.client.api.apps_v1_api import AppsV1Api
from kubernetes.client.api.core_v1_api import CoreV1Api
from kubernetes.client.api_client import ApiClient
from kubernetes.client.configuration import Configuration

from .errors import NO_CLUSTER, ClientError

Json = dict[str, Any]
config = cast("Any", _untyped)
NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
WATCHED = 50  # seconds until the next watch begins


class Cluster:
    def __init__(self, configuration: Configuration, namespace: str) -> None:
        client = ApiClient(configuration)
        self.namespace, self.core, self.apps = namespace, CoreV1Api(client), AppsV1Api(client)

    def ask(self, call: Callable[..., object], **arguments: Any) -> Json:
        """The JSON that a call gets. The client's models would drop fields that they do not know."""
        return json.loads(self._open(call, 20, **arguments).data)

    def now(self) -> str:
        """The resource version of the newest event."""
        return self.ask(self.core.list_namespaced_event, limit=1)["metadata"]["resourceVersion"]

    def events(self, since: str, seconds: float) -> Iterator[Json]:
        """The changes of events after a resource version, for so many seconds."""
        while seconds > 0:
            watched = max(1, round(min(WATCHED, seconds)))
            seconds -= watched
            options: Json = {"watch": True, "resource_version": since, "timeout_seconds": watched}
            for line in self._open(self.core.list_namespaced_event, watched + 20, **options):
                change: Json = json.loads(line)
                if change["type"] == "ERROR":  # The API server no longer has what came after `since`.
                    since = self.now()
                    break
                since = change["object"]["metadata"]["resourceVersion"]
                yield change

    def _open(self, call: Callable[..., object], seconds: float, **arguments: Any) -> Any:
        return call(namespace=self.namespace, _preload_content=False, _request_timeout=(5, seconds), **arguments)


def connect(context: str | None, namespace: str | None) -> Cluster:
    """The cluster of the kubeconfig, or in a pod without KUBECONFIG the pod's own."""
    configuration, file = Configuration(), os.environ.get("KUBECONFIG")
    try:
        if "KUBERNETES_SERVICE_HOST" in os.environ and not file:
            config.load_incluster_config(client_configuration=configuration)
            own = NAMESPACE.read_text(encoding="utf-8")
        else:
            config.load_kube_config(file, context, client_configuration=configuration, persist_config=False)
            contexts, current = config.list_kube_config_contexts(file)
            own = next((one for one in contexts if one["name"] == context), current)["context"].get("namespace")
    except (config.ConfigException, yaml.YAMLError, OSError) as error:
        raise ClientError(NO_CLUSTER, f"no cluster is known ({error}): name a kubeconfig in KUBECONFIG") from None
    configuration.retries = cast("Any", 1)
    return Cluster(configuration, namespace or own or "default")
