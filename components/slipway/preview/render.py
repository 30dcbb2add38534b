"""Writes manifests as files: one per object, and a `kustomization.yaml` that lists them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from slipway.preview.clusters import by_cluster
from slipway.preview.manifests import apply_rank
from slipway.preview.model import Manifest
from slipway.preview.project import ProjectError
from slipway.preview.report import to_yaml
from slipway.preview.result import Result

HEADER = "# Rendered by `slipway preview`: what is changed here is lost with the next one.\n"
_LIST = "kustomization.yaml"


def write(results: list[Result], folder: Path, *, private: bool) -> None:
    """Makes `folder/<stack>` hold exactly the objects of each result. On an error nothing is written.

    File names sort in apply order. They change only with an object's kind and logical name, without the digits
    of a version. With `private`, only their owner can read the files. Raises ProjectError for a folder that
    holds other files than those of an earlier render, and for one that cannot be written.
    """
    try:
        _write_all(results, folder, private=private)
    except OSError as error:
        where = f" ({error.filename})" if error.filename and str(error.filename) != str(folder) else ""
        raise ProjectError(f"--out: {folder} cannot be written: {error.strerror or error}{where}") from None


def _write_all(results: list[Result], folder: Path, *, private: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise ProjectError(f"--out: {folder} is a file: name a folder")
    for result in results:
        _check_ours(folder / result.stack)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".rendering-") as made:
        for result in results:
            _write_stack(result, Path(made) / result.stack, private=private)
        for result in results:
            target = folder / result.stack
            if target.exists():
                target.rename(Path(made) / f"{result.stack}~")
            (Path(made) / result.stack).rename(target)


def files(manifests: Iterable[Manifest]) -> dict[str, str]:
    """What is written of a stack: the text of each file, by its path. The cluster of an explicit provider has a folder.

    The stack's own folder is there even if only such clusters have objects: a tool that applies it applies nothing.
    """
    groups = {None: [], **by_cluster(manifests)}
    return {
        f"{_safe(cluster)}/{name}" if cluster else name: text
        for cluster, group in groups.items()
        for name, text in _files(group).items()
    }


def _files(manifests: Iterable[Manifest]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for manifest in manifests:
        stem = _stem(manifest)
        same = sum(name == f"{stem}.yaml" or name.startswith(f"{stem}~") for name in texts)
        texts[f"{stem}~{same + 1}.yaml" if same else f"{stem}.yaml"] = HEADER + to_yaml(manifest)
    listed = "".join(f"  - {name}\n" for name in texts) or "  []\n"
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
    return texts | {_LIST: HEADER + head + listed}


def _write_stack(result: Result, folder: Path, *, private: bool) -> None:
    folder.mkdir()
    for name, text in files(result.manifests).items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.touch(mode=0o600 if private and file.name != _LIST else 0o644)
        file.write_text(text, encoding="utf-8")


def _stem(manifest: Manifest) -> str:
    logical = manifest.urn.rpartition("::")[2]
    if manifest.body.get("immutable") is True and logical == manifest.name:
        # The digits come from the content. Without them, a diff shows a changed content inside one file.
        logical = re.sub("-[0-9a-f]{8}$", "", logical)
    return _safe(f"{apply_rank(manifest.kind):03}-{manifest.kind}-{logical}".lower())


def _safe(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^a-zA-Z0-9.-]+", "-", name)[:200].strip(".") or "-"


def _check_ours(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ProjectError(f"--out: {folder} is a file: name a folder")
    entries = [*folder.iterdir(), *folder.glob("*/*")] if folder.exists() else []
    for entry in entries:
        is_of_a_cluster = entry.parent == folder and entry.is_dir() and (entry / _LIST).is_file()
        if is_of_a_cluster:
            continue
        if not entry.is_file() or not entry.read_bytes().startswith(HEADER.encode()):
            raise ProjectError(f"--out: {entry} was not rendered here and would be lost: name another folder")
