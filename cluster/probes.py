"""Asks each part whether it is well: one question with a time limit, and an answer in words."""

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
"""Returns None if all is well, otherwise what is wrong."""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, as the Docker engine uses it."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._path))


def client(folder: Path, name: str) -> ssl.SSLContext:
    """A TLS context that identifies as `name` and trusts the cluster's own authority."""
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    return context


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    """The status and body of a GET. Closes the connection."""
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def answers(connect: Callable[[], http.client.HTTPConnection], path: str) -> Probe:
    """A probe that is well if a GET of `path` succeeds."""

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
    """A probe that fetches the object at `path` and asks `judge` what is wrong with it."""

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
    """A probe that is well if a name server knows the IPv4 address of `name`."""

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
    """A recursive DNS query for the A records of a name (RFC 1035, 4.1)."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, 1, 1)


def judge_dns(question: bytes, answer: bytes) -> str | None:
    if len(answer) < len(question) or answer[:2] != question[:2]:
        return "an answer to another question"
    flags, _, records = struct.unpack(">3H", answer[2:8])
    return None if flags & 0xF == 0 and records else f"response code {flags & 0xF}, {records} records"


def wait(what: str, probe: Probe, *, timeout: float, guard: Callable[[], None]) -> float:
    """Probes until all is well; returns how long that took.

    Calls `guard` after each failed probe. `guard` raises if waiting is pointless. Raises ClusterError with the last
    reason after `timeout` seconds.
    """
    started = time.monotonic()
    while (wrong := probe()) is not None:
        guard()
        if time.monotonic() - started > timeout:
            raise ClusterError(f"{what} is not well after {timeout:g} s: {wrong}")
        time.sleep(0.1)
    return time.monotonic() - started
