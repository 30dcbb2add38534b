"""A program of somebody else's, whose own folders are named as parts of ours are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.library.built import Built, Installed, install
from tests.preview.running import write_project

THEIRS = ("components", "preview", "deploy", "stacks", "tests", "access", "images", "parts", "new", "testing")
PROGRAM = f"""
import pulumi
import cli
import {", ".join(f"{name}.own" for name in THEIRS)}
import slipway
from components.shop import namespace

pulumi.export("theirs", [cli.MINE, {", ".join(f"{name}.own.MINE" for name in THEIRS)}])
pulumi.export("slipway", slipway.__file__)
pulumi.export("namespace", namespace().name)
"""
SHOP = """
from slipway import Namespace


def namespace() -> Namespace:
    return Namespace("shop")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "cli.py": "MINE = 'cli'",
        "components/shop.py": SHOP,
        **{f"{name}/__init__.py": "" for name in THEIRS},
        **{f"{name}/own.py": f"MINE = '{name}'" for name in THEIRS},
    }
    return write_project(tmp_path, PROGRAM, files=files, config={"dev": "", "prod": ""})


def test_a_program_with_folders_named_as_ours_is_previewed_with_its_own(project: Path, installed: Installed) -> None:
    # From the project's own folder, which Python then searches first.
    ended = installed.run("-m", "slipway", "preview", "--format=json", cwd=project)
    assert (ended.returncode, ended.stderr) == (0, "")
    for stack in json.loads(ended.stdout)["stacks"]:
        outputs = stack["outputs"]
        assert Path(outputs["slipway"]) == installed.folder / "slipway/__init__.py", "not this repository's"
        assert outputs["theirs"] == ["cli", *THEIRS]
        assert outputs["namespace"] == "shop"
        [manifest] = stack["manifests"]
        assert manifest["kind"] == "Namespace"


FOUND = """
from slipway import Config, ConfigArgs


def namespace() -> Config:
    config = ConfigArgs(namespace="nowhere", values={"a": "b"})
    return Config("shop", config)
"""


def test_a_finding_names_their_line_and_none_of_ours(project: Path, installed: Installed) -> None:
    (project / "components/shop.py").write_text(FOUND, encoding="utf-8")
    ended = installed.run("-m", "slipway", "preview", "dev", cwd=project)
    assert "reference/missing-namespace] (components/shop.py:7)" in ended.stdout, ended.stdout


def test_it_names_their_line_with_the_library_inside_of_the_project_too(project: Path, built: Built) -> None:
    (project / "components/shop.py").write_text(FOUND, encoding="utf-8")
    vendored = install(built.wheel, project / "vendor")
    ended = vendored.run("-m", "slipway", "preview", "dev", cwd=project)
    assert "reference/missing-namespace] (components/shop.py:7)" in ended.stdout, ended.stdout
