"""A registry on loopback that knows which images it has, and nothing else."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DIGEST = "sha256:" + "ab" * 32


@dataclass(kw_only=True)
class Registry:
    """`images` maps `team/app:tag` to a digest. If `login` is set (`user:password`), it is required.

    `asked` are the paths of the manifests that were asked for. `status` is the answer to all requests, if it is set.
    If `manifest` is set, it is the answer for every image, and the answer has no digest.
    """

    host: str = ""
    images: dict[str, str] = field(default_factory=dict[str, str])
    login: str | None = None
    status: int | None = None
    manifest: bytes | None = None
    asked: list[str] = field(default_factory=list[str])

    def answer(self, path: str, authorization: str | None) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/token"):
            wanted = f"Basic {base64.b64encode((self.login or '').encode()).decode()}"
            return (200, {}, json.dumps({"token": "pass"}).encode()) if authorization == wanted else (401, {}, b"")
        self.asked.append(path)
        if self.login and authorization != "Bearer pass":
            realm = f'Bearer realm="https://{self.host}/token",service="test",scope="repository:team/app:pull"'
            return 401, {"WWW-Authenticate": realm}, b""
        repository, _, version = path.removeprefix("/v2/").partition("/manifests/")
        by_digest = {f"{name.rpartition(':')[0]}:{digest}": digest for name, digest in self.images.items()}
        found = {**self.images, **by_digest}.get(f"{repository}:{version}")
        if self.status or not found:
            return self.status or 404, {}, b""
        if self.manifest:
            return 200, {}, self.manifest
        return 200, {"Docker-Content-Digest": found}, b""


@contextmanager
def serving(registry: Registry, certificate: Path | None = None) -> Generator[Registry]:
    """Serves the registry over HTTP, or over HTTPS with a certificate (and its key, in one file)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = registry.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        registry.host = f"localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()
