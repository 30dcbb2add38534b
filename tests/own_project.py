"""A copy of this repository's own program that a test may change."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.repository import ROOT


def copy_project(folder: Path) -> None:
    """Copies everything that the program of the stacks needs, also the application's sources."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder)
    for name in ("stacks", "app"):
        shutil.copytree(ROOT / name, folder / name)


def configure(folder: Path, stack: str, config: Mapping[str, str]) -> None:
    """Adds settings to a stack's file in the copy."""
    file = folder / f"stacks/Pulumi.{stack}.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    data["config"].update(config)
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
