"""A failing `pulumi up` reports its cause in time. The tests need an engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.conftest import Note
from tests.e2e.failures import ANSWERS, BAD_UPDATES, READY_WITHIN, Broken, broken, guarded_registry
from tests.e2e.site import Site
from tests.repository import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("pulumi"), reason="there is no pulumi on the PATH")


class Up:
    """`pulumi` for one stack, with a backend of its own."""

    def __init__(self, project: Broken, state: Path) -> None:
        self.project = project
        state.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_CONFIG_PASSPHRASE")}
        self._environment = {
            **kept,
            **project.site.environment,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": "only for this test",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["pulumi", *arguments, "--stack", self.project.stack, "--non-interactive"]
        folder, environment = self.project.folder, self._environment
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=400
        )

    def up(self) -> str | None:
        """The output of an `up` that fails; None if it succeeds."""
        ended = self.run("up", "--yes", "--skip-preview")
        return ended.stdout + ended.stderr if ended.returncode else None


@pytest.fixture
def up(site: Site, tmp_path: Path) -> Generator[Up]:
    made = Up(broken(site, tmp_path / "program"), tmp_path / "state")
    ended = made.run("stack", "init")
    assert ended.returncode == 0, ended.stderr
    yield made
    ended = made.run("destroy", "--yes", "--skip-preview")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("case", ANSWERS)
def test_a_service_that_cannot_come_up_ends_the_up_with_its_reason(up: Up, image: str, case: str, note: Note) -> None:
    with guarded_registry() as guarded:
        up.project.configure(image, case, guarded=guarded, readyWithin=READY_WITHIN)
        started = time.monotonic()
        told = up.up()
        lasted = time.monotonic() - started
    note(f"ended after {lasted:.0f} s")
    assert told, "it was reported as done"
    for part in (f"did not come up within {READY_WITHIN} s", *ANSWERS[case]):
        assert part in told, told
    # Besides the wait itself: the start and end of the engine, and a busy machine.
    assert lasted < READY_WITHIN + 60


def test_no_failed_update_is_reported_as_done(up: Up, image: str) -> None:
    up.project.configure(image, replicas=2)
    assert not up.up()
    for case, replicas in BAD_UPDATES:
        up.project.configure(image, case, replicas=replicas, readyWithin=10)
        told = up.up()
        assert told, f"reported as done: {case} {replicas}"
        assert "did not come up within 10 s" in told, told
        assert up.up(), f"a second run of the same is reported as done: {case} {replicas}"
        serving = up.project.items("pods")
        assert [pod for pod in serving if pod["status"]["containerStatuses"][0]["ready"]], "no old pod serves"
        up.project.configure(image, replicas=2)
        assert not up.up(), "going back succeeds"


def test_a_stack_that_is_scaled_to_zero_is_done(up: Up, image: str) -> None:
    up.project.configure(image, replicas=2)
    assert not up.up()
    up.project.configure(image, replicas="0")
    assert not up.up()
    assert up.project.get("deployment", "web")["spec"]["replicas"] == 0
