"""A project whose files hold a mistake, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pytest

import stacks.settings
from slipway.preview.config import load_config
from slipway.preview.project import ProjectError, find_project
from stacks.settings import GuardedSettings, SettingsError, load
from tests.recorder import ROOT, record

FILE = "stacks/Pulumi.dev.yaml"
GREETING = "config:\n  slipway:greeting: Hello\n"
SALT = "encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n"
PROJECT = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Row:
    """What is written, the line that is to be told (None: there is none to tell), and words of what is told."""

    text: str | bytes
    line: int | None
    told: str


def make_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This repository's project with a program that only reads its settings, and the stack dev."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "__main__.py").write_text("")
    (tmp_path / FILE).write_text(GREETING, encoding="utf-8")
    monkeypatch.setattr(stacks.settings, "__file__", str(tmp_path / "stacks/settings.py"))
    return tmp_path


def told(project: Path, stack: str = "dev") -> str:
    """What the preview says of the stack before its program runs, or else what the program says of its settings."""
    try:
        config = load_config(find_project(project), stack)
    except ProjectError as error:
        return str(error)

    def program() -> None:
        load(GuardedSettings if "apiToken" in str(config.secret) else stacks.settings.Settings)
        pulumi.export("loaded", "so that something was registered")

    try:
        record(program, config=config.values, secret_keys=tuple(config.secret), stack=stack)
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
