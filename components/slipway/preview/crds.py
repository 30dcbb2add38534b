"""Reads the CRDs that the user gives, because the program does not declare them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from slipway.preview.bundles.errors import BundleError
from slipway.preview.bundles.yaml_text import decode, expand
from slipway.preview.checks.definitions import definition_of, is_definition
from slipway.preview.checks.fields import text
from slipway.preview.project import ProjectError

Body = dict[str, Any]

_SUFFIXES = (".yaml", ".yml", ".json")
_STDIN = Path("-")


def read_crds(paths: Iterable[Path], option: str = "--crds") -> list[Body]:
    """The CRDs in the files, in the YAML and JSON files of the folders, at any depth, and in standard input (`-`).

    Other objects are ignored. Raises ProjectError, one line that begins with the `option` that named them, for a path
    without a CRD, for text that is not YAML, and for a CRD that Kubernetes does not accept.
    """
    try:
        return [body for path in paths for body in _read(path)]
    except BundleError as error:
        raise ProjectError(f"{option}: {error}") from None


def _read(path: Path) -> list[Body]:
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
    found = [body for file in files for body in _crds(file)]
    if not found:
        raise BundleError(f"{_shown(path)} holds no CustomResourceDefinition: name the file or folder of some")
    return found


def _crds(file: Path) -> Iterator[Body]:
    try:
        written = sys.stdin.read() if file == _STDIN else file.read_text(encoding="utf-8")
        objects = expand(decode(written))
    except OSError as error:
        raise BundleError(f"{_shown(file)} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BundleError(f"{_shown(file)} is not text") from None
    except BundleError as error:
        raise BundleError(f"{_shown(file)}: {error}") from None
    for body in filter(is_definition, objects):
        crd = f"{_shown(file)}: CustomResourceDefinition {text(body, 'metadata', 'name')}"
        if body["apiVersion"] != "apiextensions.k8s.io/v1":
            raise BundleError(f"{crd} is of {body['apiVersion']}, which Kubernetes no longer serves: use its v1")
        if definition_of(body, "given") is None:
            raise BundleError(f"{crd} has no spec.group, no spec.names.kind or no spec.versions: correct it")
        yield body


def _shown(path: Path) -> str:
    return "standard input" if path == _STDIN else str(path)
