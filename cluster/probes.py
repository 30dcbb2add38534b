"""Asking each part whether it is well: one bounded question, and in words what is wrong."""

import http.client
import json
import secrets
import socket
import ssl
import struct
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cluster.errors import ClusterError

TIMEOUT = 3.0
OK = 200
Probe = Callable[[], str | None]
"""None when all is well, else what is wrong."""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, as Docker's engine speaks it."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._path))


def client(folder: Path, name: str) -> ssl.SSLContext:
    """The identity `name` towards servers of the cluster's own authority."""
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    return context


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    """Status and body; the connection is closed."""
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def answers(connect: Callable[[], http.client.HTTPConnection], path: str) -> Probe:
    """Whether a GET of `path` succeeds."""

    def probe() -> str | None:
        try:
            status, body = get(connect(), path)
        except (OSError, http.client.HTTPException) as failure:
            return f"no answer: {failure}"
        text = body.decode(errors="replace").strip()
        return None if status == OK else f"GET {path}: {status} {text[-300:]}"

    return probe


def finds(
    connect: Callable[[], http.client.HTTPConnection],
    path: str,
    judge: Callable[[Mapping[str, Any]], str | None],
) -> Probe:
    """Whether the object at `path` is as `judge` would have it."""

    def probe() -> str | None:
        try:
            status, body = get(connect(), path)
        except (OSError, http.client.HTTPException) as failure:
            return f"no answer: {failure}"
        return judge(json.loads(body)) if status == OK else f"GET {path}: {status}"

    return probe


def node_is_ready(node: Mapping[str, Any]) -> str | None:
    conditions: list[dict[str, str]] = node["status"].get("conditions", [])
    for condition in conditions:
        if condition["type"] == "Ready":
            ready = condition["status"] == "True"
            return None if ready else f"not ready: {condition['message']}"
    return "says nothing of itself yet"


def resolves(server: str, name: str) -> Probe:
    """Whether a name server knows the IPv4 address of `name`."""

    def probe() -> str | None:
        question = dns_question(name, secrets.randbits(16))
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
                asking.settimeout(1)
                asking.sendto(question, (server, 53))
                answer = asking.recv(512)
        except OSError as failure:
            return f"no answer from {server}: {failure}"
        return judge_dns(question, answer)

    return probe


def dns_question(name: str, number: int) -> bytes:
    """The query for the A records of a name (RFC 1035, 4.1), recursion desired."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, 1, 1)


def judge_dns(question: bytes, answer: bytes) -> str | None:
    if len(answer) < len(question) or answer[:2] != question[:2]:
        return "an answer to another question"
    flags, _, records = struct.unpack(">3H", answer[2:8])
    return None if flags & 0xF == 0 and records else f"response code {flags & 0xF}, {records} records"


def wait(what: str, probe: Probe, *, timeout: float, guard: Callable[[], None]) -> float:
    """Asks until all is well; returns how long it took.

    `guard` is called before each question and raises when waiting is in vain. Raises ClusterError
    with the last reason after `timeout` seconds.
    """
    started = time.monotonic()
    while (wrong := probe()) is not None:
        guard()
        if time.monotonic() - started > timeout:
            raise ClusterError(f"{what} is not well after {timeout:g} s: {wrong}")
        time.sleep(0.1)
    return time.monotonic() - started
