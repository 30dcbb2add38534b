"""Makes base images under the names that a Dockerfile asks for, where no public registry can be reached.

They replace the official images. They contain this machine's own Go or Python, Debian's static busybox, and the
certificate authorities that this machine trusts.
"""

import contextlib
import hashlib
import io
import os
import shutil
import ssl
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from cluster import debian, python_image
from cluster.errors import ClusterError
from cluster.shell import PATH, run

NONROOT = 65532
ROOT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
LABEL = "slipway.content"
# How this machine gets Go modules. The toolchain image gets the same settings when it is made.
GO_SETTINGS = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GOINSECURE")
# The same for packages from PyPI.
PIP_SETTINGS = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
NOT_NEEDED_TO_BUILD = {"api", "doc", "misc", "test"}


class Image:
    """A root file system, sent to the engine as one layer while it is built."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def folder(self, path: str, mode: int = 0o755, owner: int = 0) -> None:
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, mode, owner, owner
        self._tar.addfile(entry)

    def file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode = len(content), mode
        self._tar.addfile(entry, io.BytesIO(content))

    def link(self, path: str, target: str) -> None:
        entry = tarfile.TarInfo(path)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        self._tar.addfile(entry)

    def tree(self, path: str, source: Path, leave_out: set[str]) -> None:
        def keep(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            inside = Path(entry.name).relative_to(path).parts
            return None if inside and inside[0] in leave_out else entry

        self._tar.add(source, path, filter=keep)


def make(docker_host: str, *, go: str | None, runtime: str | None, python: str | None) -> None:
    """Makes the images in the engine at `docker_host`, unless they are there already."""
    if runtime:
        settings = {"PATH": ROOT_PATH, "SSL_CERT_FILE": f"/{CERTIFICATES}"}
        changes = [*_settings(settings), f"USER {NONROOT}:{NONROOT}", "WORKDIR /"]
        _import(docker_host, runtime, changes, _fill_runtime)
    if go:
        toolchain = run(["go", "env", "GOVERSION", "GOROOT"], timeout=60)
        _import(docker_host, go, [*_settings(_go_settings()), "WORKDIR /go"], _fill_go, toolchain)
    if python:
        _import(docker_host, python, _settings(_python_settings()), _fill_python, sys.version)


def _settings(values: Mapping[str, str]) -> list[str]:
    return [f'ENV {name}="{value}"' for name, value in values.items()]


def _go_settings() -> dict[str, str]:
    known = run(["go", "env", *GO_SETTINGS], timeout=60).split("\n")
    own = {name: value for name, value in zip(GO_SETTINGS, known, strict=False) if value}
    return {
        "PATH": f"/go/bin:/usr/local/go/bin:{ROOT_PATH}",
        "GOPATH": "/go",
        "GOTOOLCHAIN": "local",
        "SSL_CERT_FILE": f"/{CERTIFICATES}",
        **own,
        **_stated(PROXIES),
    }


def _python_settings() -> dict[str, str]:
    return {
        "PATH": ROOT_PATH,
        "LD_LIBRARY_PATH": f"/{python_image.FOLDER}",
        "SSL_CERT_FILE": f"/{CERTIFICATES}",
        "PIP_CERT": f"/{CERTIFICATES}",
        **_stated(PIP_SETTINGS),
        **_stated(PROXIES),
    }


def _stated(names: Iterable[str]) -> dict[str, str]:
    """Those of the environment variables that are set on this machine."""
    return {name: os.environ[name] for name in names if os.environ.get(name)}


Fill = Callable[[Image], None]


def _import(docker_host: str, name: str, changes: list[str], fill: Fill, *contents: str) -> None:
    env = {"DOCKER_HOST": docker_host}
    content = _content([*contents, *changes])
    shown = f'{{{{index .Config.Labels "{LABEL}"}}}}'
    with contextlib.suppress(ClusterError):
        there = run(["docker", "image", "inspect", "--format", shown, name], timeout=30, env=env)
        if there.strip() == content:
            return
    options = [f"--change={change}" for change in [*changes, f"LABEL {LABEL}={content}"]]
    with tempfile.TemporaryFile() as layer:
        with tarfile.open(fileobj=layer, mode="w") as tar:
            fill(Image(tar))
        layer.seek(0)
        run(["docker", "import", *options, "-", name], timeout=300, env=env, stdin=layer)


def _content(determining: Iterable[str]) -> str:
    """A hash of everything that determines an image."""
    return hashlib.sha256("\n".join(determining).encode()).hexdigest()[:12]


def _fill_runtime(image: Image) -> None:
    image.folder("etc")
    image.file("etc/passwd", f"nonroot:x:{NONROOT}:{NONROOT}::/home/nonroot:/nologin\n".encode())
    image.file("etc/group", f"nonroot:x:{NONROOT}:\n".encode())
    image.folder("home")
    image.folder("home/nonroot", 0o700, owner=NONROOT)
    image.folder("tmp", 0o1777)
    _fill_certificates(image)


def _fill_go(image: Image) -> None:
    _fill_tools(image)
    image.folder("go")
    root = Path(run(["go", "env", "GOROOT"], timeout=60).strip())
    image.tree("usr/local/go", root, NOT_NEEDED_TO_BUILD)


def _fill_python(image: Image) -> None:
    _fill_tools(image)
    python_image.fill(image)


def _fill_tools(image: Image) -> None:
    """A root user with a shell, as the commands of a build need it."""
    for name in ("bin", "etc", "root", "usr", "usr/local"):
        image.folder(name)
    image.folder("tmp", 0o1777)
    image.file("etc/passwd", b"root:x:0:0::/root:/bin/sh\n")
    image.file("etc/group", b"root:x:0:\n")
    busybox = _busybox()
    image.file("bin/busybox", busybox.read_bytes(), 0o755)
    for applet in run([busybox, "--list"], timeout=10).split():
        if applet != "busybox":
            image.link(f"bin/{applet}", "busybox")
    _fill_certificates(image)


def _fill_certificates(image: Image) -> None:
    bundle = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    if not bundle or not Path(bundle).exists():
        raise ClusterError("this machine has no bundle of certificate authorities to put in")
    image.file(CERTIFICATES, Path(bundle).read_bytes())


def _busybox() -> Path:
    if not shutil.which("busybox", path=PATH):
        debian.install_packages(["busybox-static"])
    return debian.program("busybox")
