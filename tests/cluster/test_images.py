"""Images that are made without an engine."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from cluster import images


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "program"
    file.write_bytes(b"\x7fELF")
    return file


def test_the_same_program_makes_the_same_bytes(program: Path) -> None:
    first = images.archive("example.org/program:v1", program, "amd64")
    program.touch()
    assert images.archive("example.org/program:v1", program, "amd64") == first


def test_every_blob_has_the_digest_and_size_that_the_image_states(program: Path) -> None:
    archive = images.archive("example.org/program:v1", program, "amd64")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {e.name: _content(tar, e) for e in tar.getmembers()}
    blobs = {n: c for n, c in files.items() if n.startswith("blobs/")}
    assert len(blobs) == 3
    assert all(n == f"blobs/sha256/{hashlib.sha256(c).hexdigest()}" for n, c in blobs.items())
    index: dict[str, Any] = json.loads(files["index.json"])
    (entry,) = index["manifests"]
    assert entry["annotations"] == {"io.containerd.image.name": "example.org/program:v1"}
    manifest: dict[str, Any] = json.loads(_blob(files, entry))
    config: dict[str, Any] = json.loads(_blob(files, manifest["config"]))
    (layer,) = manifest["layers"]
    assert config["rootfs"]["diff_ids"] == [layer["digest"]], "uncompressed: both are the same"
    assert config["config"]["User"] == "65532:65532"
    with tarfile.open(fileobj=io.BytesIO(_blob(files, layer))) as inside:
        assert [(e.name, e.mode, e.mtime) for e in inside] == [("program", 0o755, 0)]


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(entry)
    assert file
    return file.read()


def _blob(files: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    content = files["blobs/sha256/" + descriptor["digest"].removeprefix("sha256:")]
    assert len(content) == descriptor["size"]
    return content
