"""The base image of Python programs: this machine's own Python with pip, and the libraries that both need."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pip

from cluster.shell import run

if TYPE_CHECKING:
    from cluster.base_images import Image

HOME = "usr/local"
FOLDER = f"{HOME}/lib"
"""Where all libraries are; LD_LIBRARY_PATH has to name it."""
NOT_NEEDED: set[str] = {
    *("test", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "site-packages", "dist-packages"),
    *("__pycache__", "EXTERNALLY-MANAGED"),
}
# Packages from PyPI may use these libraries of the system: https://peps.python.org/pep-0599/
ALLOWED = "libgcc_s.so.1 libstdc++.so.6 libpthread.so.0 libdl.so.2 librt.so.1 libutil.so.1".split()


def fill(image: Image) -> None:
    program, standard = Path(sys.executable).resolve(), Path(sysconfig.get_path("stdlib"))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    image.file(f"{HOME}/bin/{version}", program.read_bytes(), 0o755)
    for name in ("python", "python3"):
        image.link(f"{HOME}/bin/{name}", version)
    image.tree(f"{FOLDER}/{version}", standard, NOT_NEEDED)
    # Debian's Python looks for packages elsewhere than Python's own.
    packages = "dist-packages" if "deb_system" in sysconfig.get_scheme_names() else "site-packages"
    image.tree(f"{FOLDER}/{version}/{packages}/pip", Path(pip.__file__).parent, set())
    for name, file in _libraries(program, standard):
        image.file(name, file.read_bytes(), 0o755)


def _libraries(program: Path, standard: Path) -> Iterator[tuple[str, Path]]:
    """The libraries that the interpreter and its modules are linked with: the path in the image, and the file."""
    modules = sorted((standard / "lib-dynload").glob("*.so"))
    linked = run(["ldd", program, *modules], timeout=60)
    found = {name: Path(path) for name, path in re.findall(r"^\s+(\S+) => (/\S+) ", linked, re.MULTILINE)}
    system = found["libc.so.6"].parent
    found |= {name: system / name for name in ALLOWED if (system / name).exists()}
    for name, file in sorted(found.items()):
        yield f"{FOLDER}/{name}", file
    # The kernel starts a program by its loader's absolute path.
    for loader in sorted(set(re.findall(r"^\s+/(\S*/ld-linux\S*) ", linked, re.MULTILINE))):
        yield loader, Path("/", loader)
