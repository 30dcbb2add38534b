"""An API server and a scheduler of our own: without kubelets, with nodes that are only objects.

Nothing else writes: without a controller manager, no node gets a taint for not being alive.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cluster.network import free_ports

Body = dict[str, Any]
_PLURALS = {
    "Namespace": "/api/v1/namespaces",
    "Node": "/api/v1/nodes",
    "Pod": "/api/v1/namespaces/{}/pods",
    "PersistentVolume": "/api/v1/persistentvolumes",
    "PersistentVolumeClaim": "/api/v1/namespaces/{}/persistentvolumeclaims",
    "LimitRange": "/api/v1/namespaces/{}/limitranges",
    "ResourceQuota": "/api/v1/namespaces/{}/resourcequotas",
    "PriorityClass": "/apis/scheduling.k8s.io/v1/priorityclasses",
    "RuntimeClass": "/apis/node.k8s.io/v1/runtimeclasses",
}


class RefusedError(Exception):
    """The API server's own words."""


class Api:
    """A client that keeps one connection."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._connection = self._connect()

    def close(self) -> None:
        self._connection.close()

    def reconnect(self) -> None:
        self.close()
        self._connection = self._connect()

    def _connect(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the server made its certificate itself, a moment ago
        return http.client.HTTPSConnection("127.0.0.1", self._port, context=context, timeout=120)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Body | None = None, kind: str = "application/json") -> Body:
        headers = {**self._headers(), "Content-Type": kind}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self._connection.getresponse()
        read: Body = json.loads(answer.read() or b"{}")
        if answer.status >= 400:
            raise RefusedError(read.get("message", ""))
        return read

    def make(self, body: Body) -> Body:
        return self.ask("POST", path_of(body), body)

    @contextmanager
    def watching_pods(self) -> Generator[tuple[Iterator[Body], Callable[[], None]]]:
        """Every state of every pod from now on, and how to end the stream, wherever its reader waits."""
        since = self.ask("GET", "/api/v1/pods")["metadata"]["resourceVersion"]
        with contextlib.closing(self._connect()) as connection:
            connection.timeout = 3600
            connection.request("GET", f"/api/v1/pods?watch=1&resourceVersion={since}", headers=self._headers())
            held = connection.sock
            with connection.getresponse() as stream:
                yield (cast("Body", json.loads(line)) for line in stream), lambda: held.shutdown(socket.SHUT_RDWR)


def path_of(body: Body) -> str:
    return _PLURALS[body["kind"]].format(body["metadata"].get("namespace", "default"))


@contextmanager
def scheduler(programs: Path, etcd: Path, folder: Path) -> Generator[Api]:
    """The client of a new API server, with a scheduler that takes its pods. Both end with the context."""
    store, peer, port = free_ports(3)
    token = secrets.token_hex(16)
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (folder / "accounts.key").write_bytes(key)
    (folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")
    with ExitStack() as running:

        def start(name: str, *command: str | Path) -> subprocess.Popen[bytes]:
            log = running.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(["nice", *command], stdout=log, stderr=log)
            running.callback(process.wait, 30)
            running.callback(process.kill)
            return process

        start(
            "etcd",
            etcd,
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls=http://127.0.0.1:{store}",
            f"--advertise-client-urls=http://127.0.0.1:{store}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            "--unsafe-no-fsync=true",
        )
        server = start(
            "kube-apiserver",
            programs / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{store}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--cert-dir={folder / 'certificates'}",
            f"--token-auth-file={folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/20",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={folder / 'accounts.key'}",
            f"--service-account-signing-key-file={folder / 'accounts.key'}",
            # There are no controllers that make service accounts, or take the first taint off a node.
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
            "--enable-priority-and-fairness=false",
            "--endpoint-reconciler-type=none",
        )
        api = Api(port, token)
        _wait_until_ready(api, server, folder / "kube-apiserver.log")
        user = {"name": "admin", "user": {"token": token}}
        cluster = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
        (folder / "kubeconfig").write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "own", "cluster": cluster}],
                    "users": [user],
                    "contexts": [{"name": "own", "context": {"cluster": "own", "user": "admin"}}],
                    "current-context": "own",
                }
            ),
            encoding="utf-8",
        )
        (folder / "scheduler.json").write_text(
            json.dumps(
                {
                    "apiVersion": "kubescheduler.config.k8s.io/v1",
                    "kind": "KubeSchedulerConfiguration",
                    "leaderElection": {"leaderElect": False},
                    # The default of 50 requests a second would be all that is measured.
                    "clientConnection": {"kubeconfig": str(folder / "kubeconfig"), "qps": 2000, "burst": 4000},
                }
            ),
            encoding="utf-8",
        )
        start("kube-scheduler", programs / "kube-scheduler", f"--config={folder / 'scheduler.json'}", "--secure-port=0")
        try:
            yield api
        finally:
            api.close()


class Pods:
    """What the API server tells of every pod, as it happens."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._history: dict[str, list[Body]] = {}

    def read(self, stream: Iterator[Body]) -> None:
        """Reads until the stream ends, for a thread of its own."""
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            for event in stream:
                pod = event["object"]
                with self._changed:
                    self._history.setdefault(pod["metadata"]["name"], []).append(pod)
                    self._changed.notify_all()

    def history(self, name: str) -> list[Body]:
        with self._changed:
            return list(self._history.get(name, ()))

    def wait_until_decided(self, name: str, timeout: float = 30) -> None:
        """Waits until the pod has a node, or a reason for none. Fails if the scheduler says nothing."""
        with self._changed:
            said = self._changed.wait_for(lambda: any(map(decided, self._history.get(name, ()))), timeout)
        assert said, f"the scheduler has said nothing of {name} for {timeout} s"

    def wait_until_on_node(self, name: str, timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: any(map(node_of, self._history.get(name, ()))), timeout)


@contextmanager
def watched(api: Api) -> Generator[Pods]:
    """The pods of the API server, while the context lasts."""
    pods = Pods()
    with api.watching_pods() as (stream, end):
        reader = threading.Thread(target=pods.read, args=(stream,))
        reader.start()
        try:
            yield pods
        finally:
            end()
            reader.join()


def node_of(pod: Body) -> str | None:
    return pod["spec"].get("nodeName")


def refusal(pod: Body) -> str | None:
    """Why the scheduler found no node; None if it has not said so."""
    for condition in pod["status"].get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return condition["message"]
    return None


def decided(pod: Body) -> bool:
    return bool(node_of(pod) or refusal(pod))


def _wait_until_ready(api: Api, server: subprocess.Popen[bytes], log: Path, timeout: float = 120) -> None:
    deadline = time.monotonic() + timeout
    while server.poll() is None and time.monotonic() < deadline:
        try:
            api.ask("GET", "/api/v1/namespaces/default")
        except (OSError, RefusedError, http.client.HTTPException, ValueError):
            api.reconnect()
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8")[-3000:])
