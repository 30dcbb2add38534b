"""Six ways in which a service does not come up, and the message that each must give."""

from __future__ import annotations

import shutil
import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from tests.e2e.project import Service
from tests.e2e.site import Site
from tests.repository import ROOT

ANSWERS = {
    "image": ["cannot get its image", "not found", "change image: no such image is there"],
    "pull": ["no basic auth credentials", "change image_pull_secrets (it names none)"],
    "crash": ["ends with exit code 1", "-no-such-flag", "change command, args, environment", "| hello-world: flag"],
    "unprobed": ["ends with exit code 1", "change command, args, environment"],
    "probe": ["connection refused", "change probes.liveness.port, which asks 'http', number 9090", '| {"time"'],
    "key": ["couldn't find key LEVLE in ConfigMap", "change environment['LOG_LEVEL']"],
    "file": ["non-existent config key: LEVLE", "change mounts['/etc/settings']"],
    "quota": ["leaves no room for a pod", "change the quota of its Namespace"],
}
"""What is told of each `case` of tests/e2e/broken."""

BAD_UPDATES = [("image", 2), ("crash", 2), ("image", 2), ("image", 3), ("crash", 1)]
"""By case and number of pods: anew, with the template of a revision that is still there, and scaled at once.

In each of them there is a moment when the old pods, or the reason of the last rollout, could be taken for success.
"""

READY_WITHIN = 40
"""Seconds. A port that nobody listens on is not told from a slow start in less time than that allows."""


class Broken(Service):
    """The program in tests/e2e/broken."""

    def configure(self, image: str, case: str | None = None, **config: object) -> None:
        """Writes the stack's file, and keeps what the engine has put into it."""
        file = self.folder / f"Pulumi.{self.stack}.yaml"
        kept: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
        own = {f"broken:{key}": value for key, value in {"image": image, "case": case, **config}.items() if value}
        stated = {"kubernetes:context": self.site.context, **own}
        file.write_text(yaml.safe_dump({**kept, "config": stated}), encoding="utf-8")


def broken(site: Site, folder: Path) -> Broken:
    """A copy of the program, with a namespace of its own."""
    shutil.copytree(ROOT / "tests/e2e/broken", folder)
    return Broken(site=site, folder=folder, stack=f"e2e-broken-{uuid4().hex[:6]}")


class _Refusal(socketserver.StreamRequestHandler):
    """A registry that asks for credentials and accepts none."""

    def handle(self) -> None:
        if self.rfile.peek(1)[:1] == b"\x16":  # type: ignore[attr-defined]
            # TLS. This answer makes the client ask again over plain HTTP, as it does for a registry on this machine.
            self._answer("400 Bad Request")
            return
        while self.rfile.readline().strip():
            pass
        self._answer('401 Unauthorized\r\nWWW-Authenticate: Basic realm="guarded"')

    def _answer(self, head: str) -> None:
        self.wfile.write(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())


@contextmanager
def guarded_registry() -> Generator[str]:
    """An image in a registry on this machine that nobody may read."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Refusal) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}/guarded/web:1"
        server.shutdown()
