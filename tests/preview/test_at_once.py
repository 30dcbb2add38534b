"""Which calls are answered in the program's own thread, and which in another one."""

from __future__ import annotations

from pathlib import Path

from tests.preview.running import errors, result, write_project

WAITS = """
    import asyncio, threading, pulumi

    async def program():
        set_here = threading.Event()
        waiting = asyncio.create_task(asyncio.to_thread(set_here.wait, 10))
        await asyncio.sleep(0)
        set_here.set()
        return {"waited": await waiting}

    pulumi.run(program)
"""


def test_what_a_program_gives_to_a_thread_runs_beside_it(tmp_path: Path):
    found = result(write_project(tmp_path, WAITS))
    assert errors(found) == []
    assert found.outputs == {"waited": True}


def test_the_calls_of_the_sdk_start_no_thread(tmp_path: Path):
    main = """
        import threading, pulumi
        import pulumi_kubernetes as k8s
        made = k8s.core.v1.Namespace("n", metadata={"name": "n"})
        pulumi.export("threads", made.urn.apply(lambda _: [each.name for each in threading.enumerate()]))
    """
    found = result(write_project(tmp_path, main))
    assert not [name for name in found.outputs["threads"] if "Executor" in name or "asyncio" in name]
