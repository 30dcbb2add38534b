"""The manifests of every stack, as they are kept beside the tests."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recorder import ROOT

GOLDEN = Path(__file__).parent / "golden"


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in sorted(folder.rglob("*.yaml"))}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("rendered")
    command = [sys.executable, "-m", "slipway", "preview", "--quiet", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return contents(folder)


def test_the_stacks_render_what_is_kept(rendered: dict[str, str]) -> None:
    golden = contents(GOLDEN)
    difference = [
        line
        for name in sorted(golden.keys() | rendered.keys())
        for line in difflib.unified_diff(
            golden.get(name, "").splitlines(),
            rendered.get(name, "").splitlines(),
            f"golden/{name}",
            f"rendered/{name}",
            lineterm="",
        )
    ]
    assert not difference, "\n".join(["the stacks changed; if that is meant, run `make golden`:", *difference])


def test_what_is_kept_holds_no_secret() -> None:
    secrets = {name: text for name, text in contents(GOLDEN).items() if "kind: Secret\n" in text}
    assert secrets, "staging and prod have a Secret"
    assert all("API_TOKEN: '[secret]'" in text for text in secrets.values())
