"""A program whose code, threads or processes do not end is ended, and the preview shows where it was."""

from __future__ import annotations

import asyncio
import re
import runpy
import time
from pathlib import Path
from typing import Any

import pytest

from slipway.preview.model import Severity, StackRun
from slipway.preview.places import Places
from tests.preview.running import runs_of, shown_by, write_project
from tests.preview.test_process import is_alive, wait_for

SPIN = "def spin():\n    while True: pass\n"
NEVER = "import asyncio, pulumi\nnever = pulumi.Output.from_input(asyncio.get_running_loop().create_future())\n"
MAP = "import pulumi_kubernetes as k8s\nk8s.core.v1.ConfigMap('m', metadata={'name': never})\n"
HERE = "it is here"
WAITS = "what is made here waits for a value that never comes"

ENDLESS: dict[str, tuple[str, str, str]] = {
    "a loop in another file": ("import spin\n\nspin.spin()", "__main__.py:3 > spin.py:2", HERE),
    "a loop that catches whatever comes": (
        "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except:\n        pass",
        "__main__.py:4",
        HERE,
    ),
    "a lock that nobody frees": (
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        "__main__.py:4",
        HERE,
    ),
    "an apply": (
        "import pulumi, time\npulumi.Output.from_input(1).apply(lambda _: time.sleep(60))",
        "__main__.py:2",
        HERE,
    ),
    "a thread": (
        "import threading, time\ndef wait():\n    time.sleep(60)\nthreading.Thread(target=wait, name='slow').start()",
        "__main__.py:3",
        "it is here, in thread slow",
    ),
    "a resource whose input never comes": (f"{NEVER}{MAP}", "__main__.py:2, __main__.py:4", WAITS),
    "a call that lets nothing else run": (
        "import re\nre.match('(a+)+$', 'a' * 60 + 'b')",
        "__main__.py:2",
        HERE,
    ),
}


@pytest.mark.parametrize(("main", "place", "state"), ENDLESS.values(), ids=ENDLESS)
def test_an_endless_program_is_ended_and_reported_with_its_line(
    main: str, place: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slipway.preview.runner._GRACE", 0.3)
    [run] = runs_of(write_project(tmp_path, main, files={"spin.py": SPIN}), timeout=0.5)
    assert run.failed
    [said] = run.diagnostics
    assert said.message == f"the program did not end within 0.5 s: {state} (--timeout gives it more, in seconds)"
    assert (said.severity, said.source) == (Severity.ERROR, place)


def test_earlier_messages_and_registrations_are_kept(tmp_path: Path) -> None:
    main = (
        f"print('printed')\nimport pulumi\npulumi.log.warn('logged')\npulumi.ComponentResource('a:b:C', 'c')\n{NEVER}"
    )
    [run] = runs_of(write_project(tmp_path, main), timeout=0.5)
    assert [said.message for said in run.diagnostics[:2]] == ["printed", "logged"]
    assert "c" in [one.name for one in run.registrations]


def test_endless_output_is_shown_in_part(tmp_path: Path) -> None:
    [run] = runs_of(write_project(tmp_path, "print('first')\nwhile True:\n    print('x' * 9999)"), timeout=0.5)
    printed = run.diagnostics[0].message
    assert len(printed) < 1 << 21
    assert printed.startswith("first\n")
    assert "bytes are left out" in printed


def test_the_command_line_ends_it_with_2(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main = "import pulumi, time\nif pulumi.get_stack() == 'slow':\n    time.sleep(60)"
    project = write_project(tmp_path, main, config={"slow": "", "quick": ""})
    ended = shown_by(capfd, project, "--timeout", "1")
    assert ended.code == 2
    assert "  error slow: __main__.py:3: the program did not end within 1 s" in ended.out
    assert "quick: 0 Kubernetes objects, 0 other resources, 0 errors, 0 warnings" in ended.out, "the others are shown"


THREADS = """
    import asyncio, threading, time
    import pulumi_kubernetes as k8s
    def late():
        time.sleep(0.2)
        async def register():
            await k8s.core.v1.Namespace("late", metadata={"name": "late"}).urn.future()
        asyncio.run(register())
    threading.Thread(target=late).start()
"""


def names(run: StackRun) -> set[str]:
    return {one.name for one in run.registrations}


def test_what_a_thread_registers_after_the_programs_last_line_belongs_to_the_stack(tmp_path: Path) -> None:
    [run] = runs_of(write_project(tmp_path, THREADS))
    assert (run.failed, run.diagnostics) == (False, [])
    assert "late" in names(run)


def test_a_resource_that_a_threads_event_loop_never_registers_is_an_error(tmp_path: Path) -> None:
    forgetful = THREADS.replace("await ", "").replace(".urn.future()", "")
    [run] = runs_of(write_project(tmp_path, forgetful))
    assert run.failed
    assert "late" not in names(run)
    assert [said.message for said in run.diagnostics] == [
        "Namespace late is missing: the event loop that was to register it ended first, so let it wait for its URN"
    ]


def test_a_thread_that_fails_is_a_failure(tmp_path: Path) -> None:
    # In a thread without an event loop, the SDK registers nothing.
    main = """
        import threading
        import pulumi_kubernetes as k8s
        def make():
            k8s.core.v1.Namespace("n")
        threading.Thread(target=make, name="maker").start()
    """
    [run] = runs_of(write_project(tmp_path, main))
    assert run.failed, "it would look like the whole stack"
    [said] = run.diagnostics
    assert said.source == "__main__.py:5"
    assert said.message.startswith("RuntimeError: There is no current event loop in thread 'maker'")
    assert said.message.endswith("(in thread maker: what it was to make after that is missing)")


def test_a_thread_that_exits_is_not_a_failure(tmp_path: Path) -> None:
    [run] = runs_of(write_project(tmp_path, "import sys, threading\nthreading.Thread(target=sys.exit).start()"))
    assert (run.failed, run.diagnostics) == (False, [])


@pytest.mark.parametrize(
    "rest", ["", "raise ValueError('no')", "import time; time.sleep(60)", "import os; os._exit(3)"]
)
def test_processes_that_a_program_leaves_behind_are_ended(rest: str, tmp_path: Path) -> None:
    main = f"""
        import subprocess
        with open({str(tmp_path / "pid")!r}, "w") as file:
            print(subprocess.Popen(["sleep", "60"]).pid, file=file)
        {rest}
    """
    list(runs_of(write_project(tmp_path, main), timeout=0.7))
    left = int((tmp_path / "pid").read_text(encoding="utf-8"))
    wait_for(lambda: not is_alive(left))


RECURSIONS = {
    "of one function": ("def f():\n    f()\nf()", r"__main__.py:3 > __main__.py:2 \(\d+ times\)"),
    "of two": (
        "def f():\n    g()\ndef g():\n    f()\nf()",
        r"__main__.py:5 > __main__.py:2 > __main__.py:4 > … \d+ more … > (__main__.py:[24](?: > )?){3}",
    ),
}


@pytest.mark.parametrize(("main", "place"), RECURSIONS.values(), ids=RECURSIONS)
def test_an_endless_recursion_is_reported_in_one_short_line(main: str, place: str, tmp_path: Path) -> None:
    [run] = runs_of(write_project(tmp_path, main))
    [said] = run.diagnostics
    assert said.message.startswith("RecursionError: ")
    assert re.fullmatch(place, said.source or ""), said.source


def test_a_crash_is_reported_with_its_signal_and_line(tmp_path: Path) -> None:
    [run] = runs_of(write_project(tmp_path, "import ctypes\n\nctypes.string_at(0)"))
    assert [(said.source, said.message) for said in run.diagnostics] == [
        ("__main__.py:3", "the program's process was ended by SIGSEGV")
    ]


def test_an_sdk_task_is_reported_with_the_line_of_the_task_that_made_it(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import asyncio\ndef begin(of):\n    return asyncio.ensure_future(of)\n")
    places = Places(tmp_path)
    begin = runpy.run_path(str(tmp_path / "program.py"))["begin"]

    def task_of(loop: asyncio.AbstractEventLoop, coroutine: Any, **named: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **named)
        places.note(task)
        return task

    async def maker() -> None:
        asyncio.ensure_future(asyncio.sleep(60))  # noqa: RUF006

    async def run() -> tuple[str | None, str]:
        asyncio.get_running_loop().set_task_factory(task_of)
        await begin(maker())
        return places.now()

    assert asyncio.run(run()) == ("program.py:3", WAITS)


def test_a_preview_does_not_wait_for_the_time_limit(tmp_path: Path) -> None:
    start = time.monotonic()
    list(runs_of(write_project(tmp_path, ""), timeout=60))
    assert time.monotonic() - start < 20
