"""Asks the entry points of a controller on this machine for hosts that no name server knows."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"


class Answer(NamedTuple):
    status: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Edge:
    """What there is for programs that are to be reached from outside."""

    ports: Mapping[str, int]
    """The local port for each scheme."""
    issuer: str
    gateway: str
    namespace: str
    """That of the Gateway."""
    domain: str
    """Its HTTPS listener has a certificate for all hosts one level below."""

    def ask(self, url: str, *, trusted: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """GETs a URL as if its host had the address of the controller. `trusted` is the only CA that is believed."""
        scheme = urlsplit(url).scheme
        return ask((LOOPBACK, self.ports[scheme]), url, trusted=trusted, headers=headers)


def ask(
    address: tuple[str, int], url: str, *, trusted: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """GETs a URL as if its host had `address`. `trusted` is the only CA that is believed, in PEM."""
    asked = urlsplit(url)
    assert asked.hostname
    sock = socket.create_connection(address, timeout=10)
    with sock:
        if asked.scheme == "https":
            sock = ssl.create_default_context(cadata=trusted).wrap_socket(sock, server_hostname=asked.hostname)
        connection = http.client.HTTPConnection(asked.hostname)
        connection.sock = sock
        with sock:
            connection.request("GET", asked._replace(scheme="", netloc="").geturl(), headers=dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())
