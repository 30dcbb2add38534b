"""Every mistake is reported in one sentence with the user's own line. The programs run as a user's would."""

from __future__ import annotations

import runpy
import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import pytest

from slipway.preview.model import Diagnostic, Severity
from slipway.preview.program import explain
from slipway.testing import attempt
from tests.mistakes.table import MISTAKES, program
from tests.preview.running import preview_of, write_project

LINE = len(program("").splitlines())
INTERNALS = ("Traceback", "AttributeError", "KeyError", "TypeError", "components/", "site-packages", "<", "\n")
SECONDS = 20


@pytest.fixture(autouse=True)
def ending() -> Generator[None]:
    """Makes a program that hangs a failure, and not the end of all tests."""

    def late(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError("the program does not end")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def told(text: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> list[Diagnostic]:
    """The preview's errors about a program."""
    main = root / "__main__.py"
    main.write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    recording, error = attempt(lambda: runpy.run_path(str(main), run_name="__main__"), preview=True)
    said = [one for one in recording.diagnostics if one.severity is Severity.ERROR]
    return said + (explain(error, root) if error else [])


@pytest.mark.parametrize(("statement", "words"), MISTAKES, ids=[statement for statement, _ in MISTAKES])
def test_a_mistake_is_reported_in_one_line(
    statement: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told(program(statement), tmp_path, monkeypatch)
    assert len(said) == 1, f"not one line: {said}"
    assert said[0].source == f"__main__.py:{LINE}", f"not the user's line: {said[0]}"
    assert words in said[0].message
    shown = [internal for internal in INTERNALS if internal in said[0].message]
    assert not shown, f"Python or this package shows: {said[0].message}"
    assert "t0ps3cret" not in said[0].message


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("WebServiceArgs(**B, replica=3)", "WebServiceArgs has no argument 'replica': did you mean 'replicas'?"),
        ("Deployment('My App', DeploymentArgs(**B))", "deployment 'My App' is not a valid name: use at most 63"),
        (
            "Config('a', ConfigArgs(**N, values={'a': secret}))",
            "config 'a' key 'a' is secret and would be kept in clear",
        ),
    ],
)
def test_the_command_line_reports_it_once_and_fails(statement: str, sentence: str, tmp_path: Path) -> None:
    ended = preview_of(write_project(tmp_path, program(statement)), "dev")
    said = [line.strip() for line in (ended.out + ended.err).splitlines() if "error " in line or "Traceback" in line]
    assert len(said) == 1, f"not one line: {ended}"
    assert said[0].startswith(f"error dev: __main__.py:{LINE}: {sentence}")
    assert ended.code == 2, "the exit code of a failing program"


def test_what_comes_before_a_mistake_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = "replace(base, ports=web.workload.ports, mounts={'/c': config.values.volume()})"
    assert told(program(statement), tmp_path, monkeypatch) == []


def test_there_are_enough_and_no_two_are_the_same() -> None:
    statements = [statement for statement, _ in MISTAKES]
    assert len(set(statements)) == len(statements) >= 250
