"""A stand-in for nginx's image: Debian's nginx, with the user, the port and the folders of the published image."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

_PACKAGES = ("nginx", "nginx-common", "libc6", "libcrypt1", "libpcre2-8-0", "libssl3", "zlib1g")
_NEEDED = ("etc/nginx/mime.types", "lib", "lib64", "usr/lib", "usr/sbin")
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
# What the published image has built into its nginx, Debian's is told: where temporary files are.
_CONF = f"""user nginx;
pid /var/run/nginx.pid;
error_log /var/log/nginx/error.log warn;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log /var/log/nginx/access.log;
    {" ".join(f"{one}_temp_path /var/cache/nginx/{one}_temp;" for one in _TEMPORARY)}
    server {{
        listen 80;
        root /usr/share/nginx/html;
    }}
}}
"""
_FILES = {
    "etc/nginx/nginx.conf": _CONF,
    "etc/passwd": "root:x:0:0::/root:\nnginx:x:101:101::/nonexistent:\n",
    "etc/group": "root:x:0:\nnginx:x:101:\n",
}
_LINKS = {
    "var/run": "/run",
    "var/log/nginx/access.log": "/dev/stdout",
    "var/log/nginx/error.log": "/dev/stderr",
}
_FOLDERS = ("run", "tmp", "var/cache/nginx", "usr/share/nginx/html")
DOCKERFILE = 'FROM scratch\nADD files /\nEXPOSE 80\nCMD ["/usr/sbin/nginx", "-g", "daemon off;"]'


def files_of_nginx(folder: Path) -> Path:
    """An archive for `DOCKERFILE`. The test is skipped where Debian's packages cannot be had."""
    unpacked = folder / "unpacked"
    if not shutil.which("apt-get"):
        pytest.skip("the stand-in is made of Debian's nginx, and there is no apt-get")
    # The lists of the packages may be missing, or too old to name a file that is still there.
    if _download(folder) and (_ran(folder, "apt-get", "update") or _download(folder)):
        pytest.skip("Debian's nginx could not be fetched")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, unpacked], check=True)
    archive = folder / "files"
    with tarfile.open(archive, "w") as tar:
        for name in _NEEDED:
            tar.add(unpacked / name, name)
        for name in _FOLDERS:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, target in _LINKS.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
        for name, text in _FILES.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return archive


def _download(folder: Path) -> int:
    return _ran(folder, "apt-get", "download", *_PACKAGES)


def _ran(folder: Path, *command: str) -> int:
    return subprocess.run([*command, "-qq"], cwd=folder, capture_output=True, check=False).returncode
