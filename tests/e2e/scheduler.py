"""An API server and a scheduler of our own: without kubelets, with nodes that are only objects.

Nothing else writes, but for the controllers that are asked for. So no node gets a taint for not being alive.
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
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cluster.binaries import KUBERNETES, Cache
from cluster.layout import Layout
from cluster.network import free_ports
from cluster.plan import CONTEXT
from tests.e2e.site import Site

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

    def another(self) -> Api:
        """A client with a connection of its own, for another thread."""
        return Api(self._port, self._token)

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

    def is_healthy(self) -> bool:
        self._connection.request("GET", "/healthz", headers=self._headers())
        answer = self._connection.getresponse()
        return answer.read() == b"ok"

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


@dataclass
class Daemon:
    """A program that runs in the background, and writes to its log."""

    command: Sequence[str | Path]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(["nice", *self.command], stdout=log, stderr=log)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(30)


@dataclass(frozen=True)
class ControlPlane:
    """`api` is a client of its API server, and `kubeconfig` has a context for it, of its folder's name."""

    api: Api
    kubeconfig: Path
    server: Daemon
    clients: list[Daemon]

    def stop(self) -> None:
        """Ends all but what is stored."""
        for one in (*self.clients, self.server):
            one.stop()

    def start(self) -> None:
        for one in (self.server, *self.clients):
            one.start()
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Waits until the API server is healthy: the controllers give up on one that is not within ten seconds."""
        assert self.server.process
        _wait_until_ready(self.api, self.server.process, self.server.log)


@contextmanager
def control_plane(site: Site, folder: Path, controllers: Sequence[str] = ()) -> Generator[ControlPlane]:
    """A new API server of the site's programs, with a scheduler, and with the `controllers`, by their names.

    All end with the context.
    """
    if site.context != CONTEXT:
        pytest.skip("a kind cluster brings no kube-apiserver and no kube-scheduler that could be started here")
    cache = Cache(Layout(home=site.home, cache=site.home / "cache"), print)
    programs, etcd = cache.programs([KUBERNETES])["kube-scheduler"].parent, cache.etcd()
    store, peer, port = free_ports(3)
    token = secrets.token_hex(16)
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (folder / "accounts.key").write_bytes(key)
    (folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")
    with ExitStack() as running:

        def start(name: str, *command: str | Path) -> Daemon:
            made = Daemon(command, folder / f"{name}.log")
            made.start()
            running.callback(made.stop)
            return made

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
        made = ControlPlane(Api(port, token), folder / "kubeconfig", server, [])
        made.wait_until_ready()
        user = {"name": folder.name, "user": {"token": token}}
        cluster = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
        made.kubeconfig.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": folder.name, "cluster": cluster}],
                    "users": [user],
                    "contexts": [{"name": folder.name, "context": {"cluster": folder.name, "user": folder.name}}],
                    "current-context": folder.name,
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
                    "clientConnection": {"kubeconfig": str(made.kubeconfig), "qps": 2000, "burst": 4000},
                }
            ),
            encoding="utf-8",
        )
        configured = f"--config={folder / 'scheduler.json'}"
        made.clients.append(start("kube-scheduler", programs / "kube-scheduler", configured, "--secure-port=0"))
        if controllers:
            started = start(
                "kube-controller-manager",
                programs / "kube-controller-manager",
                f"--kubeconfig={made.kubeconfig}",
                f"--controllers={','.join(controllers)}",
                "--leader-elect=false",
                "--secure-port=0",
            )
            made.clients.append(started)
        try:
            yield made
        finally:
            made.api.close()


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
            api.reconnect()
            if api.is_healthy() and api.ask("GET", "/api/v1/namespaces/default"):
                return
        except (OSError, RefusedError, http.client.HTTPException, ValueError):
            pass
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8")[-3000:])
