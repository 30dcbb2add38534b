"""The preview as a process: at a terminal, in a pipe, interrupted, killed, and with an empty environment."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.preview.running import NOTHING, at_a_terminal, command, environment, preview_of, result, write_project


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def descendants(pid: int) -> set[int]:
    try:
        children = {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except OSError:
        return set()
    return children | {below for child in children for below in descendants(child)}


def started(root: Path) -> subprocess.Popen[str]:
    """A preview of a slow program that has started another one. Returned when the program is running."""
    main = f"import subprocess\nother = subprocess.Popen(['sleep', '60'])\nopen({str(root / 'started')!r}, 'w').close()"
    project = write_project(root, f"{main}\nother.wait()")
    process = begun(project)
    wait_for((root / "started").exists)
    return process


def begun(project: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("-C", project),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests may ignore this signal, as under nohup, and processes inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509 (no thread of ours holds a lock)
    )


@pytest.mark.parametrize(
    ("sent", "to_group"),
    [
        (signal.SIGINT, True),
        (signal.SIGINT, False),
        (signal.SIGTERM, False),
        (signal.SIGTERM, True),
        (signal.SIGHUP, True),
        (signal.SIGKILL, False),
    ],
    ids=["Ctrl-C", "an interrupt", "the end of a job", "the end of all", "a closed terminal", "a kill"],
)
def test_no_process_is_left_over_and_no_traceback_is_shown(
    sent: signal.Signals, to_group: bool, tmp_path: Path
) -> None:
    process = started(tmp_path)
    others = descendants(process.pid)
    assert len(others) == 3, (
        "the process that imports the SDK, the one for the stack, and the one that the program has started"
    )
    (os.killpg if to_group else os.kill)(process.pid, sent)
    out, err = process.communicate(timeout=10)
    assert process.returncode == (130 if sent is signal.SIGINT else -sent)
    assert (out, err) == ("", ""), "it ends silently"
    wait_for(lambda: not any(map(is_alive, others)))


def test_programs_end_with_the_process_that_runs_them(tmp_path: Path) -> None:
    process = started(tmp_path)
    others = descendants(process.pid)
    [warm] = {pid for pid in others if len(descendants(pid)) == 2}
    os.kill(warm, signal.SIGKILL)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (
        2,
        "preview: the process that runs the programs ended before them: above it may say why\n",
    )
    wait_for(lambda: not any(map(is_alive, others)))


def test_an_interrupt_ends_it_whenever_it_comes(tmp_path: Path) -> None:
    project = write_project(tmp_path, "import time\ntime.sleep(60)")
    for tenths in (3, 6, 8, 12):
        process = begun(project)
        time.sleep(tenths / 10)
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=10) == ("", ""), f"without a word, after {tenths / 10} s"
        assert process.returncode in (130, -signal.SIGINT), "a shell shows 130 for both"


def test_an_interrupted_program_is_reported_without_a_traceback(tmp_path: Path) -> None:
    process = started(tmp_path)
    [program] = {pid for pid in descendants(process.pid) if len(descendants(pid)) == 1}
    os.kill(program, signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert "  error dev: the program's process was ended by SIGINT" in out.splitlines()
    assert (process.returncode, err) == (2, "")


def wait_for(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{condition} did not come true within {seconds} s"
        time.sleep(0.02)


WARNS = "import pulumi\npulumi.log.warn('careful')\n"


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=str)
def test_colours_appear_on_a_terminal_or_on_request(variables: dict[str, str], coloured: bool, tmp_path: Path) -> None:
    project = write_project(tmp_path, WARNS)
    env = environment(TERM="xterm-256color", **variables)
    shown = at_a_terminal(project, "dev", env=env)
    assert "careful" in shown
    assert ("\x1b[33m" in shown) is coloured, shown
    told = at_a_terminal(project, "nowhere", env=env)
    assert "stack 'nowhere' has no" in told
    assert ("\x1b[31m" in told) is coloured, told


def test_there_are_no_colours_and_no_cut_lines_in_a_pipe(tmp_path: Path) -> None:
    main = f"import pulumi\npulumi.log.warn('{'long ' * 100}end')\nprint('unfinished', end='')"
    ended = preview_of(write_project(tmp_path, main), env=environment(TERM="xterm-256color", COLUMNS="40"))
    assert "\x1b" not in ended.out + ended.err
    assert "  info dev: unfinished" in ended.out.splitlines(), "what is still in a buffer is shown too"
    assert f"  warning dev: {'long ' * 100}end" in ended.out.splitlines()


@pytest.mark.parametrize("form", ["tree", "json"])
def test_a_reader_that_stops_early_gets_no_traceback(form: str, tmp_path: Path) -> None:
    main = "import pulumi\nfor n in range(3000):\n    pulumi.export(f'{n}', 'x' * 100)\n"
    objects = (
        "import pulumi_kubernetes as k8s\n"
        "k8s.core.v1.ConfigMap('c', metadata={'name': 'c'}, data={str(n): 'x' * 100 for n in range(3000)})"
    )
    process = subprocess.Popen(
        command("-C", write_project(tmp_path, main + objects), "--format", form),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) in (0, 1)
    assert "Traceback" not in err, err
    assert "Exception ignored" not in err, err
    assert "BrokenPipe" not in err, err


def test_it_runs_from_another_folder_with_an_empty_environment(tmp_path: Path) -> None:
    main = "import os, pulumi\npulumi.export('x', [os.path.basename(os.getcwd()), sorted(os.environ)])"
    project = write_project(tmp_path / "project", main, files={"sub/x": ""})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ended = preview_of(Path("../project/sub"), env=NOTHING, cwd=elsewhere)
    assert (ended.code, ended.err) == (0, ""), "no PATH, HOME, CLI or login"
    assert "output x = ['project', " in ended.out, "and the program runs in its own folder"
    assert project.exists()


def test_the_network_is_not_asked(tmp_path: Path) -> None:
    main = """
        import socket
        def refuse(self, address):
            if self.family != socket.AF_UNIX:
                raise AssertionError(f"a connection to {address}")
        socket.socket.connect = refuse
        import pulumi
        import pulumi_kubernetes as k8s
        k8s.core.v1.Namespace("n", metadata={"name": "n"})
        pulumi.export("x", pulumi.StackReference("a/b/c").get_output("y"))
    """
    assert not result(write_project(tmp_path, main)).failed
