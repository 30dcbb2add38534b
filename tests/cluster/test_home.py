"""`python -m cluster home` names the cluster to use, wherever its working copy is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cluster import __main__ as command
from cluster import network


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of this working copy's own cluster."""
    monkeypatch.setenv("SLIPWAY_CLUSTER_HOME", str(tmp_path / "own"))
    return tmp_path / "own"


def _bridge_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with the bridge of a cluster in `home`."""
    links = json.dumps([{"ifname": "lo"}, {"ifname": network.BRIDGE, "ifalias": str(home)}])

    def which(name: str) -> str:
        return f"/sbin/{name}"

    def answer(command: list[str], *, timeout: float) -> str:
        assert command == ["ip", "-json", "link"]
        return links

    monkeypatch.setattr(shutil, "which", which)
    monkeypatch.setattr(network, "run", answer)


def _home(capsys: pytest.CaptureFixture[str]) -> str:
    assert command.main(["home"]) == 0
    return capsys.readouterr().out


def test_it_is_the_one_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _bridge_of(other, monkeypatch)
    assert _home(capsys) == f"{other}\n"


def test_it_is_ones_own_where_none_runs(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")  # no `ip`
    assert _home(capsys) == f"{own}\n"


def test_it_is_ones_own_where_the_others_folder_is_gone(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _bridge_of(tmp_path / "deleted", monkeypatch)
    assert _home(capsys) == f"{own}\n"
