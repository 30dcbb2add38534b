"""An API server for the client of examples/clients: it answers over HTTP, and rolls Deployments out at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
REVISION = "deployment.kubernetes.io/revision"


class Server:
    """`objects` by plural and name. `refusals` by method and plural: the status and the message of the answer.

    `outcome` is called with a Deployment and the pods of its newest ReplicaSet after each change of its template.
    `streams` are the lines of each watch of events.
    """

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Json]] = {}
        self.refusals: dict[tuple[str, str], tuple[int, str]] = {}
        self.outcome: Callable[[Json, Json], None] = complete
        self.streams: list[list[Json]] = []
        self.patches: list[tuple[str, Any]] = []
        self.watched_from: list[str] = []

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, sent_as: str) -> tuple[int, Any]:
        plural, *name = path.partition("/namespaces/")[2].split("/")[1:]
        if refusal := self.refusals.get((method, plural)):
            return refusal[0], {"kind": "Status", "message": refusal[1]}
        known = self.objects.setdefault(plural, {})
        if method == "POST":
            self.add(plural, body)
            return 201, body
        if not name:
            wanted = dict(each.split("=") for each in query.get("labelSelector", [""])[0].split(",") if each)
            items = [one for one in known.values() if wanted.items() <= one["metadata"].get("labels", {}).items()]
            return 200, {"metadata": {"resourceVersion": "100"}, "items": items}
        if name[0] not in known:
            return 404, {"kind": "Status", "message": f'{plural} "{name[0]}" not found'}
        if method == "PATCH":
            self.patches.append((sent_as, body))
            self._patch(known[name[0]], body)
        return 200, known[name[0]]

    def add(self, plural: str, body: Json) -> None:
        name = body["metadata"]["name"]
        self.objects.setdefault(plural, {})[name] = body
        if plural == "services":
            body["spec"]["clusterIP"] = "10.0.0.1"
            body["status"] = {"loadBalancer": {}}
        if plural == "pods" and "status" not in body:
            body["status"] = {"phase": "Running", "containerStatuses": [{"ready": True, "state": {"running": {}}}]}
        if plural == "deployments":
            body["metadata"].update({"uid": "1", "generation": 0})
            self._roll(body)

    def _patch(self, deployment: Json, body: Any) -> None:
        before = json.dumps(deployment["spec"])
        if isinstance(body, list):
            deployment["spec"]["template"] = body[0]["value"]
        else:
            template, own = body["spec"]["template"], deployment["spec"]["template"]
            if annotations := template.get("metadata", {}).get("annotations"):
                own["metadata"].setdefault("annotations", {}).update(annotations)
            for container in template.get("spec", {}).get("containers", []):
                own["spec"]["containers"][0].update(container)
        if json.dumps(deployment["spec"]) != before:
            self._roll(deployment)

    def _roll(self, deployment: Json) -> None:
        """What the Deployment controller does: a ReplicaSet for each revision, with a label of its own."""
        metadata, template = deployment["metadata"], json.loads(json.dumps(deployment["spec"]["template"]))
        metadata["generation"] += 1
        number = metadata["generation"]
        metadata.setdefault("annotations", {})[REVISION] = str(number)
        name = f"{metadata['name']}-{number}"
        labels = {**template["metadata"]["labels"], "pod-template-hash": str(number)}
        template["metadata"]["labels"] = labels
        owner = {"annotations": {REVISION: str(number)}, "ownerReferences": [{"uid": "1"}]}
        spec = {"selector": {"matchLabels": labels}, "template": template}
        made = {"metadata": {"name": name, "labels": labels, **owner}, "spec": spec}
        self.objects.setdefault("replicasets", {})[name] = made
        image = template["spec"]["containers"][0]["image"]
        container: Json = {"image": image, "ready": False, "state": {}}
        pod = {"metadata": {"name": f"{name}-a", "labels": labels}, "status": {"containerStatuses": [container]}}
        self.objects.setdefault("pods", {})[f"{name}-a"] = pod
        self.outcome(deployment, container)


def complete(deployment: Json, _: Json) -> None:
    """All pods of the newest revision are available."""
    counts = dict.fromkeys(("replicas", "readyReplicas", "updatedReplicas", "availableReplicas"), 3)
    deployment["status"] = {"observedGeneration": deployment["metadata"]["generation"], **counts}


def begun(deployment: Json, _: Json) -> None:
    """One pod of the newest revision has come, and is not ready."""
    complete(deployment, {})
    deployment["status"].update({"replicas": 4, "updatedReplicas": 1})


@contextmanager
def running(server: Server) -> Generator[str]:
    """The URL where it answers."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "watch" in query:
                server.watched_from.append(query["resourceVersion"][0])
                lines = server.streams.pop(0) if server.streams else []
                status, said = 200, "".join(json.dumps(line) + "\n" for line in lines)
            else:
                sent_as = self.headers.get("Content-Type", "")
                status, body = server.answer(self.command, url.path, query, json.loads(text or "null"), sent_as)
                said = json.dumps(body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said.encode())

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join()
