"""A build receives exactly the files that we say: builds `FROM scratch` with `COPY . /` and looks inside.

All builds use the classic builder, which every client has.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import tarfile
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pytest

from slipway.images.build_context import context_files
from tests.components.images.test_build_context import IGNORE_FACTS, plant
from tests.e2e.conftest import Note
from tests.e2e.contexts import generate
from tests.e2e.site import Site

pytestmark = pytest.mark.usefixtures("emptied")

_GENERATED = 320
_AT_ONCE = 4
_NOTHING = b"nothing"
_BUILD_FILES = (".dockerignore", "Dockerfile")

Case = TypeVar("Case")

Tree = dict[str, tuple[str, bool, str]]
"""By path: the kind, whether it is executable, and the bytes' digest or the link's target."""


_images: list[str] = []


@pytest.fixture(scope="module")
def emptied(site: Site) -> Generator[None]:
    """The engine keeps no image that a test has built. One command for each of them would take long."""
    yield
    _docker("rmi", "--force", *{*_images})


def _built(context: Path, dockerfile: str = "Dockerfile") -> Tree:
    """The files in the image's only layer."""
    image = _docker("build", "--quiet", "--no-cache", "--file", f"{context}/{dockerfile}", str(context)).decode()
    _images.append(image.strip())
    archive = _docker("save", image.strip())
    if archive == _NOTHING:
        return {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as saved:
        (manifest,) = json.loads(_content(saved, "manifest.json"))
        return {
            member.name.rstrip("/"): _member(files, member)
            for layer in manifest["Layers"]
            for files in [tarfile.open(fileobj=io.BytesIO(_content(saved, layer)))]
            for member in files
        }


def _docker(*arguments: str) -> bytes:
    environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
    ended = subprocess.run(["docker", *arguments], capture_output=True, check=False, env=environment)
    said = ended.stderr.decode(errors="replace")
    if "empty export" in said:  # An image without any files. The engine makes no archive of it.
        return _NOTHING
    assert ended.returncode == 0, said
    return ended.stdout


def _content(archive: tarfile.TarFile, member: str | tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member)
    assert content, f"{member} is neither file, directory nor link"
    return content.read()


def _member(files: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[str, bool, str]:
    if member.isdir():
        return "directory", False, ""
    if member.issym():
        return "link", False, member.linkname
    if member.isfifo():
        return "pipe", False, ""
    return "file", bool(member.mode & 0o100), sha256(_content(files, member)).hexdigest()


def _listed(context: Path, dockerfile: str = "Dockerfile") -> Tree:
    """What `context_files` lists, with the directories that the engine creates for it."""
    tree: Tree = {}
    for path, kind, executable in context_files(context, dockerfile):
        source = context / path
        for parent in PurePosixPath(path).parents[:-1]:
            tree.setdefault(str(parent), ("directory", False, ""))
        content = os.readlink(source) if kind == "link" else ""
        if kind == "file":
            content = sha256(source.read_bytes()).hexdigest()
        tree[path] = kind, executable, content
    return tree


def _differences(context: Path, dockerfile: str = "Dockerfile") -> list[str]:
    ours, theirs = _listed(context, dockerfile), _built(context, dockerfile)
    return [
        f"{path!r}: listed {ours.get(path)}, built {theirs.get(path)}"
        for path in ours | theirs
        # The classic builder deletes excluded build files after it has received them; another test shows that.
        if ours.get(path) != theirs.get(path) and path not in (".dockerignore", dockerfile)
    ]


def _first(difference: Callable[[Case], str | None], cases: Iterable[Case]) -> str | None:
    """The first difference in all cases. A few cases run in parallel."""
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return next(filter(None, pool.map(difference, cases)), None)


def test_every_fact_about_ignore_files_holds_on_the_engine(tmp_path: Path) -> None:
    def difference(fact: str) -> str | None:
        context = plant(tmp_path / str(list(IGNORE_FACTS).index(fact)), IGNORE_FACTS[fact][0])
        return f"{fact}: {found}" if (found := _differences(context)) else None

    assert not _first(difference, IGNORE_FACTS)


def test_a_generated_context_is_listed_as_the_engine_receives_it(tmp_path: Path, note: Note) -> None:
    def difference(seed: int) -> str | None:
        made = generate(tmp_path / str(seed), seed)
        found = _differences(tmp_path / str(seed), made.dockerfile)
        return f"seed {seed}, {made.ignore!r}: {found}" if found else None

    assert not _first(difference, range(_GENERATED))
    note(f"{_GENERATED} contexts")


def test_only_the_classic_builder_hides_excluded_build_files(tmp_path: Path) -> None:
    context = plant(tmp_path / "all", "docs")
    assert _built(context) == _listed(context)
    context = plant(tmp_path / "some", "docs\n.dockerignore\nDockerfile\n")
    listed = _listed(context)
    # pulumi-docker uses BuildKit, which hides neither.
    assert _built(context) == {path: what for path, what in listed.items() if path not in _BUILD_FILES} != listed


def test_sockets_are_dropped_and_pipes_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = plant(tmp_path / "app")
    monkeypatch.chdir(context)  # the path of a socket must be short
    os.mkfifo("docs/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("docs/socket")
        built = _built(context)
    assert built == _listed(context)
    assert {"docs/pipe", "docs/socket"} & built.keys() == {"docs/pipe"}


def test_hard_links_are_files_and_the_owners_bit_makes_a_file_executable(tmp_path: Path) -> None:
    context = plant(tmp_path / "app")
    (context / "twin").hardlink_to(context / "a.txt")
    (context / "a.txt").chmod(0o740)
    (context / "readme.md").chmod(0o4611)
    assert not _differences(context)
