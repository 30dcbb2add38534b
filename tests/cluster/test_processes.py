"""How a process is recognized, so that only that process is ended."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cluster import processes


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_a_program_name_with_spaces_and_parentheses_does_not_shift_the_fields() -> None:
    rest = " ".join(["S", "1", *("0" for _ in range(17)), "4711", "0", "0"])
    assert processes.parse_stat(f"42 (a) b) (c) {rest}\n") == ("S", 4711)


def test_a_process_keeps_its_identity_as_long_as_it_lives(sleeper: subprocess.Popen[bytes]) -> None:
    identity = processes.identify(sleeper.pid)
    assert identity
    assert processes.is_alive(identity)


def test_an_ended_process_is_not_alive_even_before_it_is_collected(
    sleeper: subprocess.Popen[bytes],
) -> None:
    identity = processes.identify(sleeper.pid)
    assert identity
    os.kill(sleeper.pid, signal.SIGKILL)
    _wait_for_the_end_of(identity)
    assert Path(f"/proc/{sleeper.pid}").exists(), "a zombie counts as ended"


@pytest.mark.parametrize("other", [{"started": 1}, {"boot": "an earlier boot"}])
def test_a_later_process_with_the_same_id_is_left_alone(
    sleeper: subprocess.Popen[bytes], other: dict[str, int | str]
) -> None:
    identity = processes.identify(sleeper.pid)
    assert identity
    stranger = replace(identity, **other)  # pyright: ignore[reportArgumentType]
    processes.send(stranger, signal.SIGKILL)
    with pytest.raises(subprocess.TimeoutExpired):
        sleeper.wait(0.2)
    processes.send(identity, signal.SIGKILL)
    assert sleeper.wait(5) == -signal.SIGKILL


def test_a_started_process_leads_a_session_and_appends_to_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("earlier\n")
    script = "echo $GREETING; exec sleep 60"
    identity = processes.start(["sh", "-c", script], log=log, env={"GREETING": "hello"})
    try:
        deadline = time.monotonic() + 5
        while "hello" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert log.read_text() == "earlier\nhello\n"
        assert os.getsid(identity.pid) == identity.pid
        assert processes.is_alive(identity)
    finally:
        processes.send(identity, signal.SIGKILL)
        _wait_for_the_end_of(identity)
        processes.wait_collected([identity.pid])
    assert not Path(f"/proc/{identity.pid}").exists(), "collected, not left as a zombie"


def _wait_for_the_end_of(identity: processes.Identity) -> None:
    deadline = time.monotonic() + 5
    while processes.is_alive(identity):
        assert time.monotonic() < deadline, "still alive"
        time.sleep(0.01)
