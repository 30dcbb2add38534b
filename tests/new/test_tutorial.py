"""What docs/tutorial.md and the README say of a project's start, without a cluster, an index or a new process.

tests/e2e/test_new.py takes the same steps as a reader does, and those that need a cluster.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from pulumi_kubernetes.autoscaling import v2 as autoscaling
from pulumi_kubernetes.policy import v1 as policy

import slipway
from slipway.preview.cli import app as preview
from tests.new.making import new
from tests.pages import Command, Step, sections, steps
from tests.preview.running import said_by
from tests.repository import ROOT


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


# Forks need not import these again.
WARM = (slipway.Image, slipway.WebService, autoscaling.HorizontalPodAutoscaler, policy.PodDisruptionBudget)
TUTORIAL = {title: list(steps(text)) for title, text in sections(_text("docs/tutorial.md")).items()}
OFFLINE = [step for taken in list(TUTORIAL.values())[: list(TUTORIAL).index("8. Deploy it")] for step in taken]
START = list(steps(sections(_text("README.md"))["Start your own"]))


class Reader:
    """Takes steps in a folder, in this process where it can: a new one takes seconds to import what the tests have."""

    def __init__(self, capfd: pytest.CaptureFixture[str], pytester: pytest.Pytester) -> None:
        self._capfd, self._pytester = capfd, pytester

    def run(self, command: str) -> str | None:
        """What it prints; None for one that needs a package index."""
        match shlex.split(command):
            case ["python3", "-m", "venv", _] | [".venv/bin/pip", *_]:
                return None
            case ["cd", folder]:
                os.chdir(folder)
                return ""
            case [".venv/bin/slipway", "new", *arguments]:
                return new(*arguments).out
            case ["make", "preview", stacks]:
                return "Setting up .venv (about a minute)\n" + self._preview(stacks.removeprefix("ARGS="))
            case [".venv/bin/slipway", "preview", *arguments]:
                return self._preview(*arguments)
            case ["make", "test"]:
                return self._pytest()
            case [".venv/bin/python", "-m", "pytest", *arguments]:
                return self._pytest(*arguments)
            case words:
                assert words[0] in {"cat", "tail", "cp", "diff"}, f"how is this run here? {command}"
                return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False).stdout

    def _preview(self, *arguments: str) -> str:
        ended = said_by(self._capfd, preview, *arguments)
        return ended.out + ended.err

    def _pytest(self, *arguments: str) -> str:
        ended = self._pytester.runpytest_inprocess("-pno:cacheprovider", "-pno:xdist", *arguments)
        self._capfd.readouterr()
        return "".join(f"{line}\n" for line in ended.outlines)


@pytest.fixture
def reader(capfd: pytest.CaptureFixture[str], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Reader:
    for module in [one for one in sys.modules if one.partition(".")[0] == "stacks"]:
        # Another test's, which the project's own would not be imported beside.
        monkeypatch.delitem(sys.modules, module)
    (pytester.path / "slipway-0.1.0-py3-none-any.whl").touch()
    return Reader(capfd, pytester)


def follow(taken: Iterable[Step], reader: Reader) -> None:
    """Takes the steps. Fails at the first that prints something else than the page says."""
    for step in taken:
        if not isinstance(step, Command):
            step.make(Path())
        elif (said := reader.run(step.command)) is not None:
            assert step.printed(said), f"{step.command}\n{said}"


def test_each_step_before_a_cluster_prints_what_the_tutorial_says(reader: Reader):
    follow(OFFLINE, reader)


def test_the_readme_begins_as_the_tutorial_does():
    assert START == OFFLINE[: len(START)] != []
