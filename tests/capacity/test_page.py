"""The outputs on the page are what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from slipway.capacity.cli import app
from tests.own_project import copy_project
from tests.preview.running import said_by
from tests.repository import ROOT

PAGE = (ROOT / "docs/capacity.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```\n\$ slipway capacity (.*?)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
(NODES,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_has_sessions() -> None:
    assert len(SESSIONS) == 2


@pytest.mark.parametrize(("arguments", "printed"), SESSIONS, ids=["does not fit", "fits"])
def test_the_page_shows_what_the_command_prints(
    arguments: str,
    printed: str,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy_project(tmp_path)
    (tmp_path / "small.yaml").write_text(NODES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert said_by(capfd, app, *arguments.split()).out == printed
