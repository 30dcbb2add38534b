"""Makes container images of one layer without an engine: one program in an otherwise empty file system."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

OCI = "application/vnd.oci.image"
NOBODY = "65532:65532"


def archive(name: str, program: Path, architecture: str) -> bytes:
    """An OCI image archive with `program` as the entry point. The same input gives the same bytes.

    The layout is https://github.com/opencontainers/image-spec/blob/main/image-layout.md, with the annotation from
    which containerd takes the full name.
    """
    layer = _tar({program.name: (program.read_bytes(), 0o755)})
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Entrypoint": [f"/{program.name}"], "User": NOBODY},
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
    }
    blobs: dict[str, tuple[bytes, int]] = {}

    def blob(media_type: str, content: bytes) -> dict[str, object]:
        digest = _digest(content)
        blobs[f"blobs/sha256/{digest.removeprefix('sha256:')}"] = (content, 0o644)
        return {"mediaType": f"{OCI}.{media_type}", "digest": digest, "size": len(content)}

    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": blob("config.v1+json", _json(config)),
        "layers": [blob("layer.v1.tar", layer)],
    }
    entry = blob("manifest.v1+json", _json(manifest))
    entry["annotations"] = {"io.containerd.image.name": name}
    return _tar(
        {
            "oci-layout": (_json({"imageLayoutVersion": "1.0.0"}), 0o644),
            "index.json": (_json({"schemaVersion": 2, "manifests": [entry]}), 0o644),
            **blobs,
        }
    )


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, (content, mode) in files.items():
            # A new TarInfo has no time and no owner, so the bytes depend only on the content.
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()
