"""A project with a mistake in its files, and the messages about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pytest

import stacks.settings
from slipway.preview.config import load_config
from slipway.preview.project import ProjectError, find_project
from slipway.testing import deploy
from stacks.settings import GuardedSettings, SettingsError, load
from tests.repository import ROOT

FILE = "stacks/Pulumi.dev.yaml"
GREETING = "config:\n  slipway:greeting: Hello\n"
SALT = "encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n"
PROJECT = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Row:
    """The text that is written, the line that the message must name (None: no line), and words that it must contain."""

    text: str | bytes
    line: int | None
    told: str


def make_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This repository's project with the stack dev, and a program that only reads its settings."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "__main__.py").write_text("")
    (tmp_path / FILE).write_text(GREETING, encoding="utf-8")
    monkeypatch.setattr(stacks.settings, "__file__", str(tmp_path / "stacks/settings.py"))
    return tmp_path


def told(project: Path, stack: str = "dev") -> str:
    """The preview's message before the program runs, or else the program's message about its settings."""
    try:
        config = load_config(find_project(project), stack)
    except ProjectError as error:
        return str(error)

    def program() -> None:
        load(GuardedSettings if "apiToken" in str(config.secret) else stacks.settings.Settings)
        pulumi.export("loaded", "so that something was registered")

    try:
        deploy(program, config=config.values, secret_keys=tuple(config.secret), stack=stack)
    except SettingsError as error:
        return str(error)
    return "nothing"


def is_told(said: str, file: str, row: Row) -> None:
    assert "\n" not in said, "one mistake is one line"
    assert row.told in said, said
    assert not any(ours in said for ours in ("tag:yaml", "Error", "NoneType", "<class", "hashable", "preview/")), said
    assert "hunter2" not in said, "no value of a secret is shown"
    assert row.line is None or said.startswith(f"{file}:{row.line}: "), said


def write(file: Path, text: str | bytes) -> None:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def named(row: Row) -> str:
    return repr(row.text)[-60:]
